/**
 * A transport for nodemailer that sends messages to the gate over HTTP instead of SMTP:
 *
 *     const mailer = nodemailer.createTransport(gateTransport({ url: "https://gate.example.com", username, password }));
 *     const { id, decision } = await mailer.sendMail({ from, to, subject, text });
 *
 * A refusal rejects with the gate's answer as `problem`.
 */
export function gateTransport({ url, username, password }) {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  return {
    name: "sendergate",
    version: "1",
    send(mail, callback) {
      send(mail).then(
        (info) => callback(null, info),
        (error) => callback(error),
      );
    },
  };

  async function send(mail) {
    const envelope = mail.message.getEnvelope();
    // Addresses go into a header field, because URLs end up in logs.
    const path = { from: envelope.from || "", to: envelope.to };
    // nodemailer keeps the line ends of texts, and a message must have one kind.
    const built = await mail.message.build();
    const raw = Buffer.from(built.toString("latin1").replace(/\r?\n/g, "\r\n"), "latin1");
    const answer = await fetch(new URL("/v1/messages", url), {
      method: "POST",
      headers: {
        authorization,
        "content-type": "message/rfc822",
        "sendergate-envelope": Buffer.from(JSON.stringify(path)).toString("base64url"),
        // With it, a repeat after a broken connection makes no second message.
        "idempotency-key": mail.message.messageId(),
      },
      body: raw,
    });
    const body = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(body.detail), { status: answer.status, problem: body });
    return { envelope, messageId: mail.message.messageId(), status: answer.status, id: body.id, decision: body.decision };
  }
}
