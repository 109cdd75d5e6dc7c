/** The peer: nodemailer's smtp-server in a process of its own. It asks the gate what the door asks. Prints its port. */
import { once } from "node:events";
import { Agent, request } from "node:http";
import { SMTPServer } from "smtp-server";

const { GATE: gate, TOKEN: token } = process.env;
const agent = new Agent({ keepAlive: true });
let key = 0;

/** Returns the status and the answer. `body` is a stream. */
function ask(method, path, headers, body) {
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL(path, gate), { method, agent, headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk) => (text += chunk));
      answer.on("end", () => resolve({ status: answer.statusCode, answer: text === "" ? undefined : JSON.parse(text) }));
    });
    outgoing.on("error", reject);
    if (body === undefined) outgoing.end();
    else body.pipe(outgoing);
  });
}

const described = ({ user, remoteAddress, hostNameAppearsAs }, envelope) => ({
  authorization: `Bearer ${token}`,
  "sendergate-user": user,
  "sendergate-client": remoteAddress,
  "sendergate-helo": hostNameAppearsAs,
  "sendergate-with": "ESMTPA",
  "sendergate-envelope": Buffer.from(JSON.stringify(envelope)).toString("base64url"),
});

const refused = ({ answer }) => {
  const { code = 451, text = "the message cannot be taken at the moment" } = answer?.decision?.reply ?? {};
  return Object.assign(new Error(text), { responseCode: code });
};

const server = new SMTPServer({
  disabledCommands: ["STARTTLS"],
  disableReverseLookup: true,
  allowInsecureAuth: true,
  authMethods: ["PLAIN", "LOGIN"],
  size: 26_214_400,
  onAuth({ username, password }, { remoteAddress }, done) {
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
    ask("GET", "/v1/session", { authorization, "sendergate-token": token, "sendergate-client": remoteAddress })
      .then(({ status }) => (status === 204 ? done(null, { user: username }) : done(new Error("wrong"))))
      .catch(done);
  },
  onMailFrom({ address }, session, done) {
    ask("POST", "/v1/messages/check", { ...described(session, { from: address }), "content-length": "0" })
      .then((said) => (said.status === 200 && said.answer.decision.action !== "block" ? done() : done(refused(said))))
      .catch(done);
  },
  onData(stream, session, done) {
    const { mailFrom, rcptTo } = session.envelope;
    const headers = described(session, { from: mailFrom.address, to: rcptTo.map(({ address }) => address) });
    key += 1;
    ask("POST", "/v1/messages", { ...headers, "content-type": "message/rfc822", "idempotency-key": `peer-${process.pid}-${key}` }, stream)
      .then((said) => (said.status === 202 ? done(null, said.answer.id) : done(refused(said))))
      .catch(done);
  },
});
server.on("error", () => undefined);
server.listen(0, "127.0.0.1");
await once(server.server, "listening");
console.log(server.server.address().port);
