// A submission server that follows a script, over real sockets and real TLS.

import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { TLSSocket } from "node:tls";
import { fileURLToPath } from "node:url";

const CERTIFICATES = new URL("../../worker/test/certificates/", import.meta.url);
const [cert, key] = ["localhost.pem", "localhost.key"].map((name) => readFileSync(new URL(name, CERTIFICATES)));
/** The file of the authority that the server's certificate is of. */
export const CA = fileURLToPath(new URL("ca.pem", CERTIFICATES));

const REPLIES = {
  greeting: "220 smtp.relay.example ESMTP",
  EHLO: "250-smtp.relay.example\r\n250-SIZE 26214400\r\n250-STARTTLS\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES",
  "EHLO over TLS": "250-smtp.relay.example\r\n250-SMTPUTF8\r\n250 AUTH PLAIN LOGIN",
  STARTTLS: "220 2.0.0 go ahead",
  AUTH: "235 2.7.0 welcome",
  MAIL: "250 2.1.0 ok",
  RCPT: "250 2.1.5 ok",
  RSET: "250 2.0.0 ok",
  DATA: "354 go ahead",
  ".": "250 2.0.0 01k000",
  QUIT: "221 2.0.0 bye",
};

/** A server that answers by `replies`; it keeps the lines of all connections, and the messages. `null`: it says nothing. */
export async function serve(t, replies = {}, { implicit = false } = {}) {
  const script = { ...REPLIES, ...replies };
  const [seen, messages] = [[], []];
  const server = createServer((plain) => {
    plain.on("error", () => undefined);
    let socket = plain;
    let tls = implicit;
    let asked = [];
    const say = (text) => text !== null && socket.write(`${text}\r\n`);
    const listen = () => {
      let [text, message] = ["", false];
      socket.on("error", () => undefined);
      socket.on("data", (piece) => {
        text += piece;
        if (message) {
          const end = text.indexOf("\r\n.\r\n");
          if (end < 0) return;
          messages.push(text.slice(0, end + 2));
          text = text.slice(end + 5);
          message = false;
          say(script["."]);
        }
        for (let at = text.indexOf("\r\n"); at >= 0; at = text.indexOf("\r\n")) {
          const line = text.slice(0, at);
          text = text.slice(at + 2);
          seen.push(`${tls ? "TLS " : ""}${line}`);
          // AUTH LOGIN asks twice, where the script does not say otherwise.
          if (line === "AUTH LOGIN" && /^235/.test(script.AUTH)) asked = ["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6", script.AUTH];
          const next = asked.shift();
          if (next !== undefined) {
            say(next);
            continue;
          }
          const verb = line.split(" ")[0].toUpperCase();
          say(verb === "EHLO" && tls ? script["EHLO over TLS"] : (script[verb] ?? "250 ok"));
          if (verb === "DATA" && String(script.DATA).startsWith("354")) {
            message = true;
            return;
          }
          if (verb === "QUIT") socket.end();
          if (verb === "STARTTLS" && /^220 [^\n]*$/.test(script.STARTTLS)) {
            socket.removeAllListeners("data");
            upgrade(listen);
            tls = true;
            return;
          }
        }
      });
    };
    const upgrade = (then) => {
      socket = new TLSSocket(plain, { isServer: true, cert, key });
      socket.on("error", () => undefined);
      then();
    };
    if (implicit) upgrade(listen);
    else listen();
    say(script.greeting);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return { port: server.address().port, seen, messages };
}
