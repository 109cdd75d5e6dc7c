/** The trace field that is put before a message. */
import { type Stated, addressLiteral } from "../auth/stated.ts";
import { Problem } from "../problem.ts";
import type { LineEnd } from "./scan.ts";

/** More of them are taken for a loop (RFC 5321 section 6.3). */
export const MOST_RECEIVED = 100;

export interface Trace extends Stated {
  id: string;
}

/**
 * The trace field (RFC 5321 section 4.4). It says nothing of the user, whom recipients have no business to know. What a client said in
 * EHLO and how it came are there where a service states them; by itself a message comes over HTTP, and no registered type says that.
 */
export function received({ client, helo, with: protocol, id }: Trace, host: string, at: Date, line: LineEnd): string {
  const end = line === "lf" ? "\n" : "\r\n";
  const literal = client === undefined ? undefined : addressLiteral(client);
  const from = fromDomain(helo, literal);
  const by = `by ${host}${protocol === undefined ? "" : ` with ${protocol}`} id ${id};`;
  return `Received: ${from === undefined ? "" : `from ${from}${end}\t`}${by}${end}\t${at.toUTCString().replace("GMT", "+0000")}${end}`;
}

/** Extended-Domain: a domain may stand alone, an address literal only beside the address that was seen. */
function fromDomain(helo: string | undefined, literal: string | undefined): string | undefined {
  if (literal !== undefined) return `${helo ?? literal} (${literal})`;
  return helo?.startsWith("[") === true ? undefined : helo;
}

/** @throws Problem 422 where the message has gone round too often: so many `Received` fields it has. */
export function refuseLoop(count: number): void {
  if (count <= MOST_RECEIVED) return;
  const reply = { code: 554, enhancedCode: "5.4.6", text: "routing loop detected: too many Received fields" };
  throw new Problem(422, "routing-loop", `the message has more than ${MOST_RECEIVED} \`Received\` fields`, { reply });
}
