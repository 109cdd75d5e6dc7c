/**
 * What the gate would do today with messages of the past: the engine judges what the log kept of them again. Nothing of its rules is
 * written here.
 */
import { type Finding, type Identity, SenderPolicy } from "sendergate";
import { canBeListed, withEntry } from "./authorize.ts";
import { type LoggedMessage, isOnlyShown } from "./log.ts";

/** The options of a policy that is asked here: in this mode `block` is left for what is refused whatever the mode is. */
export const MODE = "alert";

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
  /** Of a display-name: whose it is. */
  of?: NonNullable<Finding["of"]>;
  /** Absent where nobody can say for sure what the address is: no entry in a list would help. */
  address?: string;
  reason: string;
}

/** What the log keeps of a message, judged by a policy of today; `undefined` where there is no such user any more. */
export function judgeAgain(message: LoggedMessage, today: SenderPolicy | undefined): Rejudged {
  if (today === undefined) return { outcome: "refused-anyway" };
  const { decision } = message;
  const truncated = (decision.omittedFindings ?? 0) + (decision.omittedCandidates ?? 0) > 0;
  const { findings, checked } = withReversePath(message, today);
  const again = today.rejudge(findings, { reason: decision.reason, truncated, ...(checked === undefined ? {} : { checked }) });
  if (again.action === "block") return { outcome: "refused-anyway" };
  const { decidedBy, reason } = again;
  if (again.action === "send") return { outcome: again.unknown.length > 0 ? "unknown" : "passes" };
  // What it rests on was left out of the log, or never read.
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

/** The reverse-path stands in the log also where it was not looked at then: the engine looks at it now. Rows of older engines do not say what was. */
function withReversePath({ decision, mailFrom }: LoggedMessage, today: SenderPolicy): { findings: Finding[]; checked: Identity[] | undefined } {
  const { findings, checked } = decision as Omit<LoggedMessage["decision"], "checked"> & { checked?: Identity[] };
  if (findings.some(({ identity }) => identity === "mail-from") || checked?.length === 0) return { findings, checked };
  const path = today.decide({ mailFrom });
  return { findings: [...path.findings, ...findings], checked: checked === undefined ? undefined : [...new Set<Identity>(["mail-from", ...checked])] };
}

/** Those of `shown` that would not stand in the way any longer once each of `sentAs` has an entry, as the engine says. */
function repeating(shown: readonly Stopper[], sentAs: readonly Stopper[]): Stopper[] {
  const senders = sentAs.flatMap(({ address }) => (address !== undefined && canBeListed(address) ? address : []));
  // A policy without entries covers everybody.
  if (shown.length === 0 || senders.length === 0) return [];
  const policy = new SenderPolicy({ senders: senders.reduce(withEntry, "") });
  try {
    return shown.filter(({ address }) => address !== undefined && policy.authorizes(address));
  } finally {
    policy.free();
  }
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

  /** The user's lists are others now: what they stopped is judged once more. */
  changed(username: string, today: SenderPolicy): void {
    const before = this.#stopped;
    this.#stopped = [];
    for (const one of before) {
      if (one.message.user === username) this.#count(one.message, judgeAgain(one.message, today));
      else this.#stopped.push(one);
    }
  }

  /** The most messages first. A message that two senders stop counts with both. */
  groups(): Group[] {
    const groups = new Map<string, Group>();
    for (const { message, by } of this.#stopped) {
      const { user: username, at } = message;
      // A name that repeats the address beside it, as many do, stands in its way no longer once that is authorized.
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
