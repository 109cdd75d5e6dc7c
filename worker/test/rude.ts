/**
 * An SMTP server on loopback that does what the addresses of a message say: `450@…` gets 450, a message from or to `cut-in-data@…`
 * is cut off in DATA. It stores what it accepts, octet for octet.
 */
import { type Server, type Socket, createServer } from "node:net";

export interface Taken {
  mail: string;
  rcpts: string[];
  /** As sent: with the dots, without the end of data. */
  data: Buffer;
}

export interface Rude {
  port: number;
  taken: Taken[];
  /** Every line that a client sent outside of data. */
  said: string[];
  connections: number;
  close(): Promise<void>;
}

const END = Buffer.from("\r\n.\r\n");
const local = (line: string) => /<([^@>]*)/.exec(line)?.[1] ?? "";

const TO_MAIL: Record<string, string | undefined> = {
  closing: "421 4.3.2 closing down",
  "mail-450": "450-4.7.1 wait\r\n450 4.7.1 a little",
  "mail-550": "550 5.7.1 you may not",
  "wants-auth": "530 5.7.0 authentication first",
};
const TO_DOT: Record<string, string | undefined> = {
  "dot-451": "451 4.3.0 not now",
  "dot-554": "554-5.6.0 this\r\n554-5.6.0 is\r\n554 5.6.0 refused \u00fc",
};
const TO_RCPT: Record<string, string | undefined> = {
  "450": "450 4.2.1 busy",
  "550": "550 5.1.1 nobody",
  "421": "421 4.3.2 leaving",
  plain: "550 no enhanced code",
};

export async function startRude({ extensions = ["8BITMIME", "SMTPUTF8", "MT-PRIORITY MIXER", "SIZE 100000"], most = 1_000 } = {}): Promise<Rude> {
  const sockets = new Set<Socket>();
  const rude: Rude = { port: 0, taken: [], said: [], connections: 0, close };
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    rude.connections += 1;
    socket.on("close", () => sockets.delete(socket)).on("error", () => undefined);
    serve(socket);
  });

  function serve(socket: Socket) {
    let rest = Buffer.alloc(0);
    let mail = "";
    let rcpts: string[] = [];
    let inData = false;
    const answer = (text: string) => socket.write(Buffer.from(`${text}\r\n`, "latin1"));
    answer("220-rude.example\r\n220 at your service");
    socket.on("data", (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      for (;;) {
        if (inData) {
          if ([mail, ...rcpts].some((line) => local(line) === "cut-in-data") && rest.length > 5_000) return void socket.destroy();
          if (local(mail) === "refuse-in-data" && rest.length > 5_000) return void socket.end("552 5.3.4 enough\r\n");
          const end = rest.indexOf(END);
          if (end < 0) return;
          const data = rest.subarray(0, end + 2);
          rest = rest.subarray(end + END.length);
          inData = false;
          if (local(mail) === "cut-after-dot") return void socket.destroy();
          if (local(mail) === "hang-after-dot") continue;
          const refusal = TO_DOT[local(mail)];
          if (refusal === undefined) rude.taken.push({ mail, rcpts, data });
          answer(refusal ?? "250-2.0.0 taken\r\n250 2.0.0 thank you");
          continue;
        }
        const end = rest.indexOf("\r\n");
        if (end < 0) return;
        const line = rest.subarray(0, end).toString();
        rest = rest.subarray(end + 2);
        rude.said.push(line);
        const verb = line.slice(0, 4).toUpperCase();
        if (verb === "EHLO") answer(["rude.example", ...extensions].map((text, index) => `250${index < extensions.length ? "-" : " "}${text}`).join("\r\n"));
        else if (verb === "MAIL") {
          mail = line;
          rcpts = [];
          if (local(line) === "hang") continue;
          if (local(line) === "cut") return void socket.destroy();
          if (local(line) === "babble") return void answer("hello there");
          answer(TO_MAIL[local(line)] ?? "250 2.1.0 ok");
          if (local(line) === "closing") socket.end();
        } else if (verb === "RCPT") {
          const refusal = rcpts.length >= most ? "452 4.5.3 too many" : TO_RCPT[local(line)];
          if (refusal === undefined) rcpts.push(line);
          answer(refusal ?? "250 2.1.5 ok");
          if (refusal?.startsWith("421")) socket.end();
        } else if (verb === "DATA") {
          inData = local(mail) !== "no-data";
          answer(inData ? "354 go on" : "451 4.3.0 no room");
        } else if (verb === "QUIT") {
          answer("221 2.0.0 bye");
          socket.end();
        } else answer("250 2.0.0 ok");
      }
    });
  }

  function close(): Promise<void> {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(() => resolve()));
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  rude.port = typeof address === "object" && address !== null ? address.port : 0;
  return rude;
}
