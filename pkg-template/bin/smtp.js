// One connection to a submission server, for `sendergate probe`: lines out, replies in.

import { connect as connectTcp, isIP } from "node:net";
import { connect as connectTls } from "node:tls";

/** What one reply may take, over all its lines. */
const LONGEST_REPLY = 65_536;

/** What is said where the server says nothing: by this machine. */
export class LocalFault extends Error {}

/** A reply of several lines, as it was sent, and what it comes to. */
function parse(lines) {
  const last = lines[lines.length - 1];
  return { code: Number(last.slice(0, 3)), lines: lines.map((line) => line.slice(4)), text: lines.join("\n") };
}

export class SmtpConnection {
  #socket;
  #buffer = Buffer.alloc(0);
  #waiting;
  #ended;
  #timeout;

  constructor(timeout) {
    this.#timeout = timeout;
  }

  /** The TCP connection; with `tls`, the TLS handshake too. */
  async open({ host, port }) {
    this.#attach(await this.#opened(connectTcp({ host, port }), "connect", "no answer"));
    return `${this.#socket.remoteAddress} port ${this.#socket.remotePort}`;
  }

  /**
   * Turns the connection into one of TLS; what came before it is not read after it. With `untrusted` it goes on where the certificate is
   * not to be trusted, and says why.
   */
  async secure({ host, ca, untrusted }) {
    if (this.#buffer.length > 0) throw new LocalFault("the server sent more behind its reply to STARTTLS: somebody may have put it there");
    this.#socket.removeAllListeners();
    const options = { socket: this.#socket, ...(isIP(host) ? {} : { servername: host }), host, ca, rejectUnauthorized: !untrusted };
    const socket = await this.#opened(connectTls(options), "secureConnect", "no TLS handshake").catch((fault) => {
      // Nothing more can be asked on this connection.
      this.#ended = fault;
      throw fault;
    });
    this.#attach(socket);
    const { issuer } = socket.getPeerCertificate();
    const trusted = socket.authorized ? `certificate of ${issuer?.O ?? issuer?.CN ?? "an unnamed issuer"}` : `certificate not trusted: ${socket.authorizationError}`;
    return { text: `${socket.getProtocol()}, ${trusted}`, authorized: socket.authorized };
  }

  get local() {
    const { localAddress = "127.0.0.1" } = this.#socket;
    return localAddress.includes(":") ? `[IPv6:${localAddress}]` : `[${localAddress}]`;
  }

  async #opened(socket, event, late) {
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        socket.destroy();
        reject(new LocalFault(`${late} within ${this.#timeout / 1000} s (ETIMEDOUT)`));
      }, this.#timeout);
      const failed = (fault) => {
        clearTimeout(timer);
        socket.destroy();
        reject(new LocalFault(wordsOf(fault)));
      };
      socket.once("error", failed);
      socket.once("close", () => failed(new Error("the server closed the connection")));
      socket.once(event, () => {
        clearTimeout(timer);
        socket.removeAllListeners("error").removeAllListeners("close");
        resolve(socket);
      });
    });
  }

  #attach(socket) {
    this.#socket = socket;
    this.#ended = undefined;
    const end = (fault) => {
      this.#ended ??= fault;
      this.#waiting?.();
    };
    socket.on("data", (piece) => {
      this.#buffer = Buffer.concat([this.#buffer, piece]);
      this.#waiting?.();
    });
    socket.on("error", (fault) => end(new LocalFault(wordsOf(fault))));
    socket.on("close", () => end(new LocalFault("the server closed the connection")));
  }

  /** Sends a line, and reads the reply to it. */
  async command(line) {
    if (this.#ended !== undefined) throw this.#ended;
    this.#socket.write(`${line}\r\n`);
    return await this.reply();
  }

  async reply() {
    const lines = [];
    const until = Date.now() + this.#timeout;
    for (;;) {
      const at = this.#buffer.indexOf("\n");
      if (at < 0) {
        if (this.#buffer.length > LONGEST_REPLY) throw new LocalFault("the server's reply has no end");
        if (this.#ended !== undefined) throw this.#ended;
        await this.#more(until);
        continue;
      }
      const line = this.#buffer.subarray(0, at).toString("utf8").replace(/\r$/, "");
      this.#buffer = this.#buffer.subarray(at + 1);
      if (!/^[2-5]\d\d(?:[ -]|$)/.test(line) || lines.length > 100) throw new LocalFault(`this is no SMTP reply (unexpected greeting): ${line.slice(0, 100)}`);
      lines.push(line);
      if (line[3] !== "-") return parse(lines);
    }
  }

  async #more(until) {
    await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new LocalFault(`no reply within ${this.#timeout / 1000} s (timed out)`)), Math.max(0, until - Date.now()));
      this.#waiting = () => {
        clearTimeout(timer);
        resolve();
      };
    }).finally(() => {
      this.#waiting = undefined;
    });
  }

  close() {
    this.#socket?.destroy();
  }
}

/** Of several addresses that were tried, what each said. */
function wordsOf(fault) {
  if (fault instanceof AggregateError) return [...new Set(fault.errors.map((one) => one.message))].join("; ");
  return fault.code === undefined || fault.message.includes(fault.code) ? fault.message : `${fault.message} (${fault.code})`;
}
