/**
 * An SMTP server for the tests inside workerd, which reports over HTTP what it accepted. The reverse-path controls it:
 * `most-10`: ten recipients in a transaction; `dot-3000`: the reply to the end of data comes after 3 s; `rcpt-3000`: so does the reply to
 * the first recipient, with `once` only the first time. Recipients with names like `refused…` are refused.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    smtp: { port: number; taken: string };
  }
}

/** The report about one reverse-path. */
export interface TakenFrom {
  /** Times of MAIL. */
  begun: number[];
  transactions: { recipients: string[]; endedAt: number }[];
}

export default async function setup(project: TestProject) {
  const known = new Map<string, TakenFrom>();
  const of = (from: string): TakenFrom => {
    const found = known.get(from) ?? { begun: [], transactions: [] };
    known.set(from, found);
    return found;
  };
  const told = (from: string, what: string, otherwise: number) => Number(new RegExp(`${what}-(\\d+)`).exec(from)?.[1] ?? otherwise);
  const from = ({ mailFrom }: { mailFrom: false | { address: string } }) => (mailFrom === false ? "" : mailFrom.address);

  const smtp = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    logger: false,
    closeTimeout: 1_000,
    onMailFrom({ address }, _session, answer) {
      of(address).begun.push(Date.now());
      answer();
    },
    onRcptTo({ address }, { envelope }, answer) {
      if (address.startsWith("refused")) return answer(Object.assign(new Error("nobody of that name"), { responseCode: 550 }));
      if (envelope.rcptTo.length >= told(from(envelope), "most", 1_000)) return answer(Object.assign(new Error("too many"), { responseCode: 452 }));
      const now = envelope.rcptTo.length > 0 || (from(envelope).startsWith("once") && of(from(envelope)).begun.length > 1);
      setTimeout(answer, now ? 0 : told(from(envelope), "rcpt", 0)).unref();
    },
    onData(stream, { envelope }, answer) {
      stream.resume().on("end", () => {
        of(from(envelope)).transactions.push({ recipients: envelope.rcptTo.map(({ address }) => address), endedAt: Date.now() });
        setTimeout(answer, told(from(envelope), "dot", 0)).unref();
      });
    },
  });
  smtp.on("error", () => undefined);
  await new Promise<void>((resolve) => smtp.listen(0, "127.0.0.1", resolve));
  const http = createServer((request, response) => response.end(JSON.stringify(of(decodeURIComponent((request.url ?? "/").slice(1))))));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const port = (server: { address(): unknown }) => (server.address() as AddressInfo).port;
  project.provide("smtp", { port: port(smtp.server), taken: `http://127.0.0.1:${port(http)}` });
  return async () => {
    http.closeAllConnections();
    await Promise.all([new Promise((resolve) => http.close(resolve)), new Promise<void>((resolve) => smtp.close(() => resolve()))]);
  };
}
