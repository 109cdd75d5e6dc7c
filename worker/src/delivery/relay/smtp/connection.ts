/**
 * One connection to a submission server, by `cloudflare:sockets`. nodemailer cannot send MT-PRIORITY with MAIL FROM, and changes
 * line ends.
 */
import { connect } from "cloudflare:sockets";
import type { Smarthost } from "../../../setting-kinds.ts";
import { RelayUnreachable } from "../relay.ts";
import { LineCut, type Reply, ReplyReader, inTime } from "./reply.ts";

export interface Server extends Smarthost {
  user?: string;
  password?: string;
  /** The gate's name in EHLO. */
  name: string;
  /** Milliseconds for one reply. */
  patience: number;
}

const encoder = new TextEncoder();

export class Connection {
  #socket: Socket;
  #writer: WritableStreamDefaultWriter<Uint8Array>;
  #replies: ReplyReader;
  readonly #server: Server;
  #secure: boolean;
  /** What EHLO offered: keyword in capitals, and what followed it. */
  extensions = new Map<string, string>();

  private constructor(server: Server) {
    this.#server = server;
    this.#secure = server.tls === "implicit";
    const { hostname, port, tls } = server;
    const secureTransport = tls === "implicit" ? "on" : tls === "none" ? "off" : "starttls";
    this.#socket = connect({ hostname, port }, { secureTransport, allowHalfOpen: false });
    // Callers that wait for the connection get the failure.
    this.#socket.closed.catch(() => undefined);
    this.#writer = this.#socket.writable.getWriter() as WritableStreamDefaultWriter<Uint8Array>;
    this.#writer.closed.catch(() => undefined);
    this.#replies = new ReplyReader(this.#socket.readable as ReadableStream<Uint8Array>);
  }

  /** @throws RelayUnreachable if it is not ready for a MAIL command. */
  static async open(server: Server): Promise<Connection> {
    const connection = new Connection(server);
    try {
      await connection.#begin();
      return connection;
    } catch (error) {
      await connection.drop();
      if (error instanceof RelayUnreachable) throw error;
      if (error instanceof LineCut) throw new RelayUnreachable(`${server.hostname}: ${error.message}`);
      throw error;
    }
  }

  async #begin(): Promise<void> {
    const { hostname, tls, user } = this.#server;
    await inTime(this.#socket.opened, 30_000, "no connection in time");
    expect(await this.#reply(), 220, "greeting");
    await this.#hello();
    if (!this.#secure && tls !== "none") {
      if (this.extensions.has("STARTTLS")) await this.#startTls();
      else if (tls === "required") throw new RelayUnreachable(`${hostname} offers no STARTTLS, and the settings require TLS`);
    }
    if (user !== undefined) await this.#authenticate(user, this.#server.password ?? "");
  }

  async #hello(): Promise<void> {
    const reply = await this.command(`EHLO ${this.#server.name}`);
    this.extensions = new Map();
    if (reply.code >= 500) {
      expect(await this.command(`HELO ${this.#server.name}`), 250, "HELO");
      return;
    }
    expect(reply, 250, "EHLO");
    for (const line of reply.lines.slice(1)) {
      const [keyword = "", ...values] = line.trim().split(/[ =]/);
      this.extensions.set(keyword.toUpperCase(), values.join(" "));
    }
  }

  async #startTls(): Promise<void> {
    expect(await this.command("STARTTLS"), 220, "STARTTLS");
    // Plaintext that arrives with the reply would be taken for replies under TLS.
    if (this.#replies.hasMore) throw new RelayUnreachable(`${this.#server.hostname} spoke between STARTTLS and TLS`);
    this.#replies.release();
    this.#writer.releaseLock();
    this.#socket = this.#socket.startTls({ expectedServerHostname: this.#server.hostname });
    this.#socket.closed.catch(() => undefined);
    this.#writer = this.#socket.writable.getWriter() as WritableStreamDefaultWriter<Uint8Array>;
    this.#writer.closed.catch(() => undefined);
    this.#replies = new ReplyReader(this.#socket.readable as ReadableStream<Uint8Array>);
    this.#secure = true;
    await inTime(this.#socket.opened, 30_000, "no TLS in time");
    await this.#hello();
  }

  async #authenticate(user: string, password: string): Promise<void> {
    const { hostname, tls } = this.#server;
    if (!this.#secure && tls !== "none") throw new RelayUnreachable(`${hostname}: no password is sent without TLS`);
    const offered = (this.extensions.get("AUTH") ?? "").toUpperCase().split(" ");
    if (offered.includes("PLAIN")) {
      expect(await this.command(`AUTH PLAIN ${base64(`\0${user}\0${password}`)}`), 235, "AUTH");
    } else if (offered.includes("LOGIN")) {
      expect(await this.command("AUTH LOGIN"), 334, "AUTH");
      expect(await this.command(base64(user)), 334, "AUTH");
      expect(await this.command(base64(password)), 235, "AUTH");
    } else {
      throw new RelayUnreachable(`${hostname} offers neither AUTH PLAIN nor LOGIN`);
    }
  }

  /** Sends one line, and waits for its reply. */
  async command(line: string): Promise<Reply> {
    await this.write(encoder.encode(`${line}\r\n`));
    return this.#reply();
  }

  /**
   * Sends all lines before the first reply if the server allows it (RFC 2920). There are fewer replies than lines if the
   * server refused the first one, or closed the connection (421).
   */
  async commands(lines: readonly string[]): Promise<Reply[]> {
    const replies: Reply[] = [];
    const pipelining = this.extensions.has("PIPELINING");
    if (pipelining) await this.write(encoder.encode(lines.map((line) => `${line}\r\n`).join("")));
    for (const line of lines) {
      const reply = await (pipelining ? this.#reply() : this.command(line));
      replies.push(reply);
      if (reply.code === 421 || (!pipelining && (replies[0] as Reply).code >= 400)) break;
    }
    return replies;
  }

  write(octets: Uint8Array): Promise<void> {
    return inTime(this.#writer.write(octets), this.#server.patience, "the server takes nothing more");
  }

  #reply(): Promise<Reply> {
    return this.#replies.reply(this.#server.patience);
  }

  /** Waits for a reply while a message is being sent, however long that takes. */
  earlyReply(): Promise<Reply> {
    return this.#replies.reply(3_600_000);
  }

  /** The reply to the end of data. It may take longer, because servers inspect the message first. */
  lastReply(early: Promise<Reply>): Promise<Reply> {
    return inTime(early, 3 * this.#server.patience, "no answer to the message in time");
  }

  /** Sends QUIT and closes the connection. */
  async quit(): Promise<void> {
    await inTime(this.command("QUIT"), 2_000, "no answer to QUIT").catch(() => undefined);
    await this.drop();
  }

  /** Closes the connection. */
  async drop(): Promise<void> {
    await inTime(this.#socket.close(), 1_000, "not closed in time").catch(() => undefined);
  }
}

function expect(reply: Reply, code: number, where: string): void {
  if (reply.code !== code) throw new RelayUnreachable(`${where}: ${reply.text}`);
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");
