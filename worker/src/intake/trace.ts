/** The trace field that is put before a message. */
import { isDomain } from "../addresses.ts";
import { type Stated, addressLiteral, isLiteral } from "../auth/stated.ts";
import { Problem } from "../problem.ts";
import type { LineEnd } from "./scan.ts";

/** More of them are taken for a loop (RFC 5321 section 6.3). */
const MOST_RECEIVED = 100;

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

/** An address in what a client said, also one that is not quite written as such. */
const ADDRESS = /[:[\]]|\d{1,3}(?:\.\d{1,3}){3}/;

/**
 * Extended-Domain: a domain may stand alone, an address literal only beside the address that was seen. What is neither goes into the
 * comment: the place of a domain takes nothing else.
 */
function fromDomain(helo: string | undefined, literal: string | undefined): string | undefined {
  if (helo === undefined || isLiteral(helo)) return literal === undefined ? undefined : `${helo ?? literal} (${literal})`;
  if (isDomain(helo)) return literal === undefined ? helo : `${helo} (${literal})`;
  // Where the client's address is left out, this must not tell it.
  if (literal === undefined && ADDRESS.test(helo)) return undefined;
  return `${literal ?? "unknown"} (HELO ${helo})`;
}

/** @throws Problem 422 where the message has gone round too often: so many `Received` fields it has. */
export function refuseLoop(count: number): void {
  if (count <= MOST_RECEIVED) return;
  const reply = { code: 554, enhancedCode: "5.4.6", text: "routing loop detected: too many Received fields" };
  throw new Problem(422, "routing-loop", `the message has more than ${MOST_RECEIVED} \`Received\` fields`, { reply });
}
