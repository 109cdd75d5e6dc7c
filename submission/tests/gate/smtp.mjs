/** An SMTP client that sends exactly the given octets. */
import { once } from "node:events";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";

export class Smtp {
  #socket;
  #heard = Buffer.alloc(0);
  #woken = () => {};
  #ended = false;

  static async open(address, { tls = false } = {}) {
    const { hostname, port } = new URL(address);
    const smtp = new Smtp();
    smtp.#listen(tls ? connectTls({ host: hostname, port: Number(port), rejectUnauthorized: false }) : connect(Number(port), hostname));
    await once(smtp.#socket, tls ? "secureConnect" : "connect");
    await smtp.reply();
    return smtp;
  }

  #listen(socket) {
    this.#socket = socket;
    socket.on("data", (octets) => {
      this.#heard = Buffer.concat([this.#heard, octets]);
      this.#woken();
    });
    for (const end of ["end", "error", "close"]) {
      socket.on(end, () => {
        this.#ended = true;
        this.#woken();
      });
    }
  }

  /** Sends octets, or a text in UTF-8. Waits while the door does not read. */
  async write(octets) {
    // A socket that has ended takes nothing either, and says no more.
    if (!this.#socket.write(octets) && !this.#ended) await Promise.race([once(this.#socket, "drain"), once(this.#socket, "close")]);
  }

  /** The next reply with all its lines. `undefined` at the end of the connection. */
  async reply() {
    for (;;) {
      const found = /^(?:\d{3}-.*\r\n)*\d{3} .*\r\n/.exec(this.#heard.toString("latin1"));
      if (found !== null) {
        this.#heard = this.#heard.subarray(found[0].length);
        return found[0].trimEnd();
      }
      if (this.#ended) return undefined;
      await new Promise((resolve) => {
        this.#woken = resolve;
      });
    }
  }

  async ask(line) {
    await this.write(`${line}\r\n`);
    return this.reply();
  }

  async startTls() {
    const reply = await this.ask("STARTTLS");
    if (!reply.startsWith("220")) throw new Error(reply);
    this.#socket.removeAllListeners();
    const socket = connectTls({ socket: this.#socket, rejectUnauthorized: false });
    this.#listen(socket);
    await once(socket, "secureConnect");
  }

  async login({ username, password }, name = "client.example") {
    await this.ask(`EHLO ${name}`);
    return this.ask(`AUTH PLAIN ${Buffer.from(`\0${username}\0${password}`).toString("base64")}`);
  }

  /** Sends a message with DATA. Returns the last reply. */
  async send(from, to, message, parameters = "") {
    const replies = [await this.ask(`MAIL FROM:<${from}>${parameters}`)];
    for (const one of to) replies.push(await this.ask(`RCPT TO:<${one}>`));
    replies.push(await this.ask("DATA"));
    const wrong = replies.find((reply) => !/^[23]/.test(reply));
    if (wrong !== undefined) return wrong;
    await this.write(`${message.replace(/^\./gm, "..")}.\r\n`);
    return this.reply();
  }

  close() {
    this.#socket.destroy();
  }
}
