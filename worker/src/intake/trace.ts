/** The trace field that is put before a message. */
import { isIP } from "node:net";
import type { LineEnd } from "./scan.ts";

/** More of them are taken for a loop (RFC 5321 section 6.3). */
export const MOST_RECEIVED = 100;

export interface Trace {
  /** Our name. */
  host: string;
  client?: string;
  id: string;
  at: number;
}

/**
 * The trace field (RFC 5321 section 4.4). It says nothing of the user, whom recipients have no business to know. It has no `with`:
 * the registered protocol types are those of SMTP and LMTP, and none of them is how this message came.
 */
export function received({ host, client, id, at }: Trace, line: LineEnd): string {
  const end = line === "lf" ? "\n" : "\r\n";
  const literal = client === undefined ? undefined : isIP(client) === 6 ? `[IPv6:${client}]` : `[${client}]`;
  const from = literal === undefined ? "" : `from ${literal} (${literal})${end}\t`;
  return `Received: ${from}by ${host} id ${id};${end}\t${new Date(at).toUTCString().replace("GMT", "+0000")}${end}`;
}
