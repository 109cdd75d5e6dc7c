// Mail by the npm programs: nodemailer, emailjs, mimetext, mimemessage, mailcomposer, emailjs-mime-builder.
// usage: node nodemail.mjs PORT OUT   (packages from package.json in the working directory)
import { createRequire } from "node:module";
import { writeFileSync } from "node:fs";
const [, , port, out] = process.argv;
const require = createRequire(process.cwd() + "/");
const to = (name) => `${name}@rcpt.example`;
const keep = (name, path, bytes) => {
  writeFileSync(`${out}/${name}.eml`, bytes);
  writeFileSync(`${out}/${name}.path`, path);
};

const nodemailer = require("nodemailer");
const transport = nodemailer.createTransport({ host: "127.0.0.1", port: Number(port), secure: false, ignoreTLS: true });
const mails = {
  "nodemailer-plain": { from: "info@sender.example" },
  "nodemailer-name": { from: { name: "Info Desk", address: "info@sender.example" } },
  "nodemailer-quoted": { from: '"Sender, Inc." <info@sender.example>' },
  "nodemailer-utf8name": { from: { name: "Jörg Müller – Bücherstube 漢字", address: "info@sender.example" } },
  "nodemailer-longname": { from: { name: "Öffentlichkeitsarbeit und Kundenbetreuung ".repeat(4).trim(), address: "info@sender.example" } },
  "nodemailer-idn": { from: "Bücher <info@bücher.example>" },
  "nodemailer-smtputf8": { from: "Jörg <jörg@bücher.example>" },
  "nodemailer-quotedlocal": { from: '"john doe"@sender.example' },
  "nodemailer-several": { from: ["Ann <ann@sender.example>", '"Bob, B." <bob@other.example>'], sender: "ann@sender.example" },
  "nodemailer-sender": { from: "Boss <boss@sender.example>", sender: "Secretary <secretary@sender.example>", replyTo: "else@where.example" },
  "nodemailer-high": { from: "info@sender.example", priority: "high" },
  "nodemailer-low": { from: "info@sender.example", priority: "low" },
};
for (const [name, mail] of Object.entries(mails)) {
  await transport.sendMail({ to: to(name), subject: "Grüße", text: "Hello\n", html: "<p>Hello</p>", ...mail });
}
const lf = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: "unix" });
const sent = await lf.sendMail({ from: '"Sender, Inc." <info@sender.example>', to: to("x"), subject: "LF", text: "Hello\n" });
keep("nodemailer-lf", sent.envelope.from, sent.message);

const { SMTPClient } = await import(require.resolve("emailjs"));
const emailjs = new SMTPClient({ host: "127.0.0.1", port: Number(port), ssl: false, tls: false });
for (const [name, from] of Object.entries({
  "emailjs-name": "Info Desk <info@sender.example>",
  "emailjs-utf8name": "Jörg Müller <info@sender.example>",
})) {
  await emailjs.sendAsync({ from, to: to(name), subject: "Grüße", text: "Hello\n" });
}
await emailjs.sendAsync({ from: "info@sender.example", to: to("emailjs-priority"), subject: "x", text: "Hello\n", "X-Priority": "2 (High)" });

const { createMimeMessage } = await import(process.cwd() + "/node_modules/mimetext/dist/mimetext.node.es.js");
for (const [name, sender, headers] of [
  ["mimetext-name", { name: "Info Desk", addr: "info@sender.example" }, {}],
  ["mimetext-utf8name", { name: "Jörg Müller", addr: "info@sender.example" }, {}],
  ["mimetext-high", { name: "Info Desk", addr: "info@sender.example" }, { "X-Priority": "1", Importance: "high" }],
]) {
  const mail = createMimeMessage();
  mail.setSender(sender);
  mail.setRecipient(to(name));
  mail.setSubject("Grüße");
  mail.setHeaders(headers);
  mail.addMessage({ contentType: "text/plain", data: "Hello" });
  keep(name, "info@sender.example", mail.asRaw());
}

const mimemessage = require("mimemessage");
const entity = mimemessage.factory({ contentType: "text/plain;charset=utf-8", body: "Hello" });
entity.header("From", '"Info Desk" <info@sender.example>');
entity.header("To", to("x"));
entity.header("Subject", "Hello");
keep("mimemessage-name", "info@sender.example", entity.toString());

const mailcomposer = require("mailcomposer");
const composed = mailcomposer({ from: "Jürgen, der Händler <info@bücher.example>", to: to("x"), subject: "Grüße", text: "Hello" });
keep("mailcomposer-idn", composed.getEnvelope().from, await new Promise((ok, no) => composed.build((e, m) => (e ? no(e) : ok(m)))));

const Builder = require("emailjs-mime-builder").default;
const built = new Builder("text/plain").setHeader({ from: "Jörg Müller <info@sender.example>", to: to("x"), subject: "Grüße", sender: "info@sender.example" }).setContent("Hello");
keep("emailjs-mime-builder-utf8name", "info@sender.example", built.build());
transport.close();
process.exit(0);
