/** Limits and cleans what the log stores of a message: refused messages must not fill it, and all of it must be safe to show. */
import type { Decision, Finding } from "sendergate";
import { clean } from "../clean.ts";
import type { DeliveryEvent, LogEvent } from "./event.ts";

const MOST_CANDIDATES = 10;
/** Octets of a message's recipients. */
const RECIPIENTS_OCTETS = { accepted: 16_384, refused: 2_048 };
/** Octets of the results of one attempt. */
const RESULTS_OCTETS = 65_536;
/** The same for all attempts between the first and the last, for final results: each recipient has one. */
const SETTLED_OCTETS = 131_072;
/** For deferred recipients, each such attempt may use a part of what is left for all, and at least this much while there is as much. */
const PART = 4;
const LEAST_OCTETS = 1_024;
/** The largest number of attempts of one message in the log, with the required ones a hundred. Five days have about forty. */
const MOST_ATTEMPTS = 98;
/** The order in which results matter to a reader. */
const IMPORTANCE = ["failed", "deferred", "delivered"] as const;
const PATH_CHARACTERS = 512;

/** A decision that may be incomplete; then it cannot be judged again with certainty. */
export type KeptDecision = Decision & { omittedFindings?: number; omittedCandidates?: number };

const octets = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** The event of a message for the log. */
export function keptEvent(event: LogEvent, most: number): LogEvent {
  const bounded = { ...event, decision: keptDecision(event.decision, most) };
  const { mailFrom, recipients, recipientCount = recipients.length } = event;
  let room = event.accepted ? RECIPIENTS_OCTETS.accepted : RECIPIENTS_OCTETS.refused;
  return {
    ...bounded,
    mailFrom: mailFrom === null ? null : clean(mailFrom, PATH_CHARACTERS),
    recipients: recipients.filter((recipient) => (room -= octets(recipient) + 1) >= 0),
    recipientCount,
  };
}

/** How much the log has of a message's attempts, without the first. */
export interface Logged {
  /** Octets of the results of deferred recipients. */
  putOff: number;
  /** Octets of the other results. */
  settled: number;
  /** The number of results that the log does not have, and that no event has reported as missing yet. */
  omitted: number;
}

/** The reasons why the log must have an attempt. */
export interface Turn {
  /** The last attempt of the message. */
  last: boolean;
  /** The attempt changes the state of the message. */
  turns: boolean;
}

/**
 * The event for the log about the attempt `event`, and how much the log has then. The first attempt and the last have the full room. Between
 * them, deferred recipients share `most` octets: a server that gives a new reply each time must not make the log grow each time.
 */
export function nextAttempt(event: DeliveryEvent, { putOff, settled, omitted }: Logged, { last, turns }: Turn, most: number): [DeliveryEvent | undefined, Logged] {
  const { sequence, results } = event;
  if (sequence > MOST_ATTEMPTS && !last && !turns) return [undefined, { putOff, settled, omitted: omitted + results.length }];
  const told = omitted === 0 ? event : { ...event, omittedResults: omitted };
  if (sequence === 1 || last) return [keptDelivery(told), { putOff, settled, omitted: 0 }];
  const left = Math.max(0, most - putOff);
  const kept = keptDelivery(told, { putOff: Math.max(left / PART, Math.min(left, LEAST_OCTETS)), settled: SETTLED_OCTETS - settled });
  const off = octets(kept.results.filter(isPutOff));
  return [kept, { putOff: putOff + off, settled: settled + octets(kept.results) - off, omitted: 0 }];
}

const isPutOff = ({ outcome }: DeliveryEvent["results"][number]): boolean => outcome === "deferred";

/** Limits the results of an attempt to so many octets. Failures stay before deferrals, and these before deliveries. */
export function keptDelivery(event: DeliveryEvent, { putOff, settled } = { putOff: RESULTS_OCTETS, settled: RESULTS_OCTETS }): DeliveryEvent {
  const { results, omittedResults = 0 } = event;
  // With many recipients, each reply is shorter.
  const most = results.length > 200 ? 120 : 600;
  const shown = results.map((result) => ({ ...result, recipient: clean(result.recipient, 320), reply: clean(result.reply, most) }));
  const rooms = { all: RESULTS_OCTETS - 2, putOff: putOff - 2, settled: settled - 2 };
  const kept = shown
    .toSorted((a, b) => IMPORTANCE.indexOf(a.outcome) - IMPORTANCE.indexOf(b.outcome))
    .filter((result) => {
      const size = octets(result) + 1;
      const room = isPutOff(result) ? "putOff" : "settled";
      if (size > Math.min(rooms.all, rooms[room])) return false;
      rooms.all -= size;
      rooms[room] -= size;
      return true;
    });
  if (kept.length === shown.length) return { ...event, results: shown };
  return { ...event, results: kept, omittedResults: omittedResults + shown.length - kept.length };
}

/**
 * Limits `decision` to `most` octets. If it does not fit, the deciding finding comes first, no finding has more than ten
 * candidates, and only as many findings stay as fit; of the deciding one, as much as fits.
 */
export function keptDecision(decision: KeptDecision, most: number): KeptDecision {
  if (octets(decision) <= most) return decision;
  const { findings, decidedBy, omittedFindings = 0, omittedCandidates = 0, ...rest } = decision;
  const decided = decidedBy === undefined ? undefined : findings[decidedBy];
  const others = decided === undefined ? findings : findings.filter((finding) => finding !== decided);
  let room = most - octets({ ...rest, findings: [], decidedBy: 0, omittedFindings: 1e9, omittedCandidates: 1e9 });
  const kept: Finding[] = [];
  let cut = omittedCandidates;
  const put = (shorter: Finding, finding: Finding): boolean => {
    const size = octets(shorter) + 1;
    if (size > room) return false;
    room -= size;
    kept.push(shorter);
    cut += leftOut(shorter, finding);
    return true;
  };
  const keep = (finding: Finding): boolean => put(withFewCandidates(finding), finding);
  // Its texts alone may be too long.
  if (decided !== undefined && !keep(decided)) put(withinOctets(decided, room - 1), decided);
  others.forEach(keep);
  const omitted = omittedFindings + findings.length - kept.length;
  return {
    ...rest,
    findings: kept,
    ...(decided === undefined ? {} : { decidedBy: 0 }),
    ...(omitted === 0 ? {} : { omittedFindings: omitted }),
    ...(cut === 0 ? {} : { omittedCandidates: cut }),
  };
}

const withFewCandidates = (finding: Finding): Finding =>
  finding.candidates === undefined ? finding : { ...finding, candidates: finding.candidates.slice(0, MOST_CANDIDATES) };

/** How many of the address and candidates of `finding` are missing or shortened in `shorter`. */
function leftOut(shorter: Finding, finding: Finding): number {
  const whole = (finding.candidates ?? []).filter((candidate, index) => shorter.candidates?.[index] === candidate).length;
  return (finding.candidates?.length ?? 0) - whole + (octets(shorter.address ?? "") < octets(finding.address ?? "") ? 1 : 0);
}

/** As much of a finding as fits: its address before its candidates. Of an address that is too long it keeps the end, with the domain. */
function withinOctets({ address, candidates = [], rule, nearMiss, ...bare }: Finding, most: number): Finding {
  let kept: Finding = bare;
  const add = (more: Partial<Finding>): boolean => {
    const longer = { ...kept, ...more };
    if (octets(longer) > most) return false;
    kept = longer;
    return true;
  };
  if (rule !== undefined) add({ rule });
  if (nearMiss !== undefined) add({ nearMiss });
  if (address !== undefined && !add({ address })) add({ address: endOf(address, most - octets({ ...kept, address: "" })) });
  for (const candidate of candidates.slice(0, MOST_CANDIDATES)) {
    if (!add({ candidates: [...(kept.candidates ?? []), candidate] })) break;
  }
  const [first] = candidates;
  if (address === undefined && kept.candidates === undefined && first !== undefined) {
    add({ candidates: [endOf(first, most - octets({ ...kept, candidates: [""] }))] });
  }
  return kept;
}

/** The end of `text` with a mark, in at most so many octets of JSON. */
function endOf(text: string, most: number): string {
  let room = most - Buffer.byteLength("…");
  let start = text.length;
  for (const character of Array.from(text).reverse()) {
    // Without the quotes.
    room -= octets(character) - 2;
    if (room < 0) break;
    start -= character.length;
  }
  return `…${text.slice(start)}`;
}

/** The domain of the deciding address, otherwise the name of its identity, otherwise nothing. */
export function place({ findings, decidedBy }: Decision): string {
  const finding = decidedBy === undefined ? undefined : findings[decidedBy];
  if (finding === undefined) return "";
  const address = finding.address ?? finding.candidates?.[0] ?? "";
  const domain = address.slice(address.lastIndexOf("@") + 1).trim().toLowerCase();
  return address.includes("@") && domain !== "" ? clean(domain, 253) : finding.identity;
}
