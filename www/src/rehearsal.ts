/**
 * What the gate would do today with earlier messages: the engine judges again what the log has of them. This file has no rules of
 * its own.
 */
import { type Finding, type Identity, SenderPolicy } from "sendergate";
import { canBeListed, withEntry } from "./authorize.ts";
import { type LoggedMessage, isOnlyShown } from "./log.ts";

/** The mode of the policies here: with `alert`, only what both modes refuse gets `block`. */
export const MODE = "alert";

export type Rejudged =
  | { outcome: "passes" }
  /** Mode `block` would refuse it because of these. */
  | { outcome: "stopped"; by: Stopper[] }
  /** Refused in both modes: malformed, or the user is inactive or gone. */
  | { outcome: "refused-anyway" }
  /** The log does not have enough of it. */
  | { outcome: "unknown" };

export interface Stopper {
  identity: Identity | undefined;
  /** For a display-name: the field that has it. */
  of?: NonNullable<Finding["of"]>;
  /** Absent if the address is not certain: no entry would help. */
  address?: string;
  reason: string;
}

/** Judges what the log has of a message with a policy of today, which is `undefined` if the user does not exist any more. */
export function judgeAgain(message: LoggedMessage, today: SenderPolicy | undefined): Rejudged {
  if (today === undefined) return { outcome: "refused-anyway" };
  const { decision } = message;
  const truncated = (decision.omittedFindings ?? 0) + (decision.omittedCandidates ?? 0) > 0;
  const { findings, checked } = withReversePath(message, today);
  const again = today.rejudge(findings, { reason: decision.reason, truncated, ...(checked === undefined ? {} : { checked }) });
  if (again.action === "block") return { outcome: "refused-anyway" };
  const { decidedBy, reason } = again;
  if (again.action === "send") return { outcome: again.unknown.length > 0 ? "unknown" : "passes" };
  // The log left out what the decision needs, or it was never read.
  if (decidedBy === undefined && reason === "not-kept") return { outcome: "unknown" };
  if (decidedBy === undefined) return { outcome: "stopped", by: [{ identity: undefined, reason }] };
  return { outcome: "stopped", by: again.findings.filter(({ verdict }) => verdict !== "authorized").map(stopper) };
}

const stopper = ({ identity, of, address, reason }: Finding): Stopper => ({
  identity,
  ...(of === undefined ? {} : { of }),
  reason,
  ...(address === undefined ? {} : { address }),
});

/** The log always has the reverse-path, so the engine checks it now, even if it was not checked then. Rows of older engines do not say what was checked. */
function withReversePath({ decision, mailFrom }: LoggedMessage, today: SenderPolicy): { findings: Finding[]; checked: Identity[] | undefined } {
  const { findings, checked } = decision as Omit<LoggedMessage["decision"], "checked"> & { checked?: Identity[] };
  if (findings.some(({ identity }) => identity === "mail-from") || checked?.length === 0) return { findings, checked };
  const path = today.decide({ mailFrom });
  return { findings: [...path.findings, ...findings], checked: checked === undefined ? undefined : [...new Set<Identity>(["mail-from", ...checked])] };
}

/** The addresses of `shown` that would be authorized if each of `sentAs` had an entry, as the engine says. */
function repeating(shown: readonly Stopper[], sentAs: readonly Stopper[]): Stopper[] {
  const senders = sentAs.flatMap(({ address }) => (address !== undefined && canBeListed(address) ? address : []));
  // A policy without entries authorizes everybody.
  if (shown.length === 0 || senders.length === 0) return [];
  const policy = new SenderPolicy({ senders: senders.reduce(withEntry, "") });
  try {
    return shown.filter(({ address }) => address !== undefined && policy.authorizes(address));
  } finally {
    policy.free();
  }
}

/** The messages that one sender would have had blocked. */
export interface Group {
  key: string;
  username: string;
  stopper: Stopper;
  messages: number;
  /** When the last of them came. */
  last: string;
}

/** The messages that were judged, and what blocks them, by sender. */
export class Rehearsal {
  messages = 0;
  passing = 0;
  refusedAnyway = 0;
  unknown = 0;
  #stopped: { message: LoggedMessage; by: Stopper[] }[] = [];

  get stopped(): number {
    return this.#stopped.length;
  }

  add(message: LoggedMessage, today: SenderPolicy | undefined): void {
    this.messages += 1;
    this.#count(message, judgeAgain(message, today));
  }

  #count(message: LoggedMessage, judged: Rejudged): void {
    if (judged.outcome === "passes") this.passing += 1;
    else if (judged.outcome === "refused-anyway") this.refusedAnyway += 1;
    else if (judged.outcome === "unknown") this.unknown += 1;
    else this.#stopped.push({ message, by: judged.by });
  }

  /** The user's lists have changed: judges the blocked messages again. */
  changed(username: string, today: SenderPolicy): void {
    const before = this.#stopped;
    this.#stopped = [];
    for (const one of before) {
      if (one.message.user === username) this.#count(one.message, judgeAgain(one.message, today));
      else this.#stopped.push(one);
    }
  }

  /** Those with the most messages first. A message that two senders block counts for both. */
  groups(): Group[] {
    const groups = new Map<string, Group>();
    for (const { message, by } of this.#stopped) {
      const { user: username, at } = message;
      // Many display-names repeat the address next to them: authorizing that address authorizes them, too.
      const repeats = repeating(by.filter(isOnlyShown), by.filter((stopper) => !isOnlyShown(stopper)));
      const seen = new Set<string>();
      for (const stopper of by) {
        const shown = isOnlyShown(stopper);
        if (repeats.includes(stopper)) continue;
        const key = JSON.stringify([username, stopper.address ?? null, stopper.address === undefined ? stopper.reason : null, shown ? stopper.of : null]);
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
