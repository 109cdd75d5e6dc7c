/** What the log keeps of a message: bounded, so that nobody fills it with what was refused, and clean, so that it can be shown. */
import type { Decision, Finding } from "sendergate";
import { clean } from "../clean.ts";
import type { DeliveryEvent, LogEvent } from "./event.ts";

const MOST_CANDIDATES = 10;
/** Of the recipients of a message. */
const RECIPIENTS_OCTETS = { accepted: 16_384, refused: 2_048 };
/** Of what one attempt told of its recipients. */
const RESULTS_OCTETS = 65_536;
/** The same of all attempts between a message's first and its last, of those who got it or never will: each is told once. */
const SETTLED_OCTETS = 131_072;
/** Of those who were put off each such attempt has a part of what is left for all of them, and this much while there is so much. */
const PART = 4;
const LEAST_OCTETS = 1_024;
/** Attempts of one message that the log has, but for those that it has to have: a hundred in all. In five days there are some forty. */
const MOST_ATTEMPTS = 98;
/** What a reader looks for first. */
const IMPORTANCE = ["failed", "deferred", "delivered"] as const;
const PATH_CHARACTERS = 512;

/** A decision of which something may have been left out; then it cannot be judged again for sure. */
export type KeptDecision = Decision & { omittedFindings?: number; omittedCandidates?: number };

const octets = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** What an outbox tells the log of a message. */
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

/** What the log has of a message's attempts so far, without the first. */
export interface Logged {
  /** Octets of results of those who were put off. */
  putOff: number;
  /** Octets of the others. */
  settled: number;
  /** Results of attempts that it was not told of, and that no later one has said to be missing. */
  omitted: number;
}

/** What makes an attempt one that the log has to have. */
export interface Turn {
  /** The message's last. */
  last: boolean;
  /** With it the message is called something else. */
  turns: boolean;
}

/**
 * What the log is told of the attempt `event`, and what it has then. The first attempt and the last are kept as far as one may be. In those
 * between, who was put off shares `most` octets: a server that says something else each time does not make the log grow by as much each time.
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

/** An attempt within so many octets of results. Where not all fit, failures stay before deferrals, and these before deliveries. */
export function keptDelivery(event: DeliveryEvent, { putOff, settled } = { putOff: RESULTS_OCTETS, settled: RESULTS_OCTETS }): DeliveryEvent {
  const { results, omittedResults = 0 } = event;
  // Of many recipients a shorter reply each.
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
 * `decision` within `most` octets: as it is where it fits. Else the finding that decided comes first, no finding has more than ten
 * candidates, and as many findings as fit are kept. Of the one that decided as much is kept as fits.
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
  // Its texts alone may be longer than all that is kept.
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

/** Of the address and the candidates of `finding`, how many `shorter` has not, or not whole. */
function leftOut(shorter: Finding, finding: Finding): number {
  const whole = (finding.candidates ?? []).filter((candidate, index) => shorter.candidates?.[index] === candidate).length;
  return (finding.candidates?.length ?? 0) - whole + (octets(shorter.address ?? "") < octets(finding.address ?? "") ? 1 : 0);
}

/** As much of a finding as fits: its address before its candidates, and of the one that is too long the end, where its domain stands. */
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

/** The end of `text`, marked as such, in so many octets of JSON. */
function endOf(text: string, most: number): string {
  let room = most - Buffer.byteLength("…");
  let start = text.length;
  for (const character of Array.from(text).reverse()) {
    // Without the quotes around it.
    room -= octets(character) - 2;
    if (room < 0) break;
    start -= character.length;
  }
  return `…${text.slice(start)}`;
}

/** Where the address stands that decided: its domain, else the name of its identity, else nothing. */
export function place({ findings, decidedBy }: Decision): string {
  const finding = decidedBy === undefined ? undefined : findings[decidedBy];
  if (finding === undefined) return "";
  const address = finding.address ?? finding.candidates?.[0] ?? "";
  const domain = address.slice(address.lastIndexOf("@") + 1).trim().toLowerCase();
  return address.includes("@") && domain !== "" ? clean(domain, 253) : finding.identity;
}
