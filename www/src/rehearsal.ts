/**
 * What the gate would do today with messages of the past. A rule of the engine is not written here a second time where the engine
 * can be asked: every address of the log is judged by a `SenderPolicy` of today's lists. Repeated is only how findings combine.
 */
import type { Finding, Identity, SenderPolicy } from "sendergate";
import type { LoggedMessage } from "./log.ts";

/** A user as it is today. */
export interface Today {
  policy: SenderPolicy;
  active: boolean;
  /** Both lists are empty. */
  open: boolean;
}

export type Rejudged =
  | { outcome: "passes" }
  /** `block` would refuse it, for each of these. */
  | { outcome: "stopped"; by: Stopper[] }
  /** Refused whatever the setting is: malformed, or the user is inactive or gone. */
  | { outcome: "refused-anyway" }
  /** The log does not hold enough of it. */
  | { outcome: "unknown" };

export interface Stopper {
  identity: Identity | undefined;
  /** Absent where nobody can say for sure what the address is: no entry in a list would help. */
  address?: string;
  /** Every address that must be listed before this stops nothing. */
  wanted: string[];
  reason: string;
}

const readable = (finding: Finding): finding is Finding & { address: string } => finding.address !== undefined;

export function judgeAgain(message: LoggedMessage, today: Today | undefined, identities: readonly Identity[]): Rejudged {
  const { reason } = message;
  if (today === undefined || !today.active || reason.startsWith("malformed-")) return { outcome: "refused-anyway" };
  // While its user was inactive nothing of a message was read; after an engine fault neither.
  if (reason === "user-inactive" || reason === "engine-fault") return { outcome: "unknown" };
  if (reason === "header-unterminated") return stopped([{ identity: undefined, wanted: [], reason }]);
  if (today.open) return { outcome: "passes" };
  const findings = findingsFor(message, identities);
  const judged = findings.filter((finding) => finding.reason !== "null-reverse-path");
  const by = judged.flatMap((finding) => stopper(finding, today.policy) ?? []);
  if (by.length > 0) return stopped(by);
  // What was left out of the log might have stopped it.
  if ((message.decision.omittedFindings ?? 0) > 0) return { outcome: "unknown" };
  return judged.length === 0 ? stopped([{ identity: undefined, wanted: [], reason: "no-identity" }]) : { outcome: "passes" };
}

const stopped = (by: Stopper[]): Rejudged => ({ outcome: "stopped", by });

/**
 * The bounce address stands in the log also where it was not checked then. Of a field that was not checked then nothing is known:
 * the panel checks all of them, always.
 */
function findingsFor({ decision, mailFrom }: LoggedMessage, identities: readonly Identity[]): Finding[] {
  const findings = decision.findings.filter(({ identity }) => identities.includes(identity));
  const wasChecked = findings.some(({ identity }) => identity === "mail-from");
  if (wasChecked || mailFrom === null || mailFrom === "" || !identities.includes("mail-from")) return findings;
  return [{ identity: "mail-from", field: 0, address: mailFrom, verdict: "unauthorized", reason: "not-listed" }, ...findings];
}

function stopper(finding: Finding, policy: SenderPolicy): Stopper | undefined {
  const { identity, reason, candidates = [] } = finding;
  if (readable(finding)) {
    const { address } = finding;
    const again = policy.explain(address);
    return again.verdict === "authorized" ? undefined : { identity, address, wanted: [address], reason: again.reason };
  }
  // Two readers read two things: the message passes where every address of either is authorized.
  if (reason === "readers-disagree" && candidates.length > 0) {
    const wanted = candidates.filter((address) => !policy.authorizes(address));
    return wanted.length === 0 ? undefined : { identity, wanted, reason };
  }
  // Without restrictions the log does not say why it could not be read.
  return { identity, wanted: [], reason: reason === "no-restrictions" ? "not-read-then" : reason };
}

/** What one sender would have had stopped. */
export interface Group {
  key: string;
  username: string;
  stopper: Stopper;
  messages: number;
  /** When the last of them came. */
  last: string;
}

/** The messages judged so far, and what stopped them, by sender. */
export class Rehearsal {
  messages = 0;
  passing = 0;
  refusedAnyway = 0;
  unknown = 0;
  #stopped: { username: string; at: string; by: Stopper[] }[] = [];

  get stopped(): number {
    return this.#stopped.length;
  }

  add(message: LoggedMessage, today: Today | undefined, identities: readonly Identity[]): void {
    this.messages += 1;
    const judged = judgeAgain(message, today, identities);
    if (judged.outcome === "passes") this.passing += 1;
    else if (judged.outcome === "refused-anyway") this.refusedAnyway += 1;
    else if (judged.outcome === "unknown") this.unknown += 1;
    else this.#stopped.push({ username: message.user, at: message.at, by: judged.by });
  }

  /** The user's lists hold more now. */
  changed(username: string, policy: SenderPolicy): void {
    this.#stopped = this.#stopped.filter((message) => {
      if (message.username !== username) return true;
      message.by = message.by.filter(({ wanted }) => wanted.length === 0 || wanted.some((address) => !policy.authorizes(address)));
      if (message.by.length === 0) this.passing += 1;
      return message.by.length > 0;
    });
  }

  /** The most messages first. A message that two senders stop counts with both. */
  groups(): Group[] {
    const groups = new Map<string, Group>();
    for (const { username, at, by } of this.#stopped) {
      const seen = new Set<string>();
      for (const stopper of by) {
        const key = JSON.stringify([username, stopper.address ?? null, stopper.address === undefined ? [stopper.reason, ...stopper.wanted] : []]);
        if (seen.has(key)) continue;
        seen.add(key);
        const group = groups.get(key);
        if (group === undefined) groups.set(key, { key, username, stopper, messages: 1, last: at });
        else {
          group.messages += 1;
          if (at > group.last) group.last = at;
        }
      }
    }
    return [...groups.values()].sort((a, b) => b.messages - a.messages || (a.last < b.last ? 1 : a.last > b.last ? -1 : 0));
  }
}
