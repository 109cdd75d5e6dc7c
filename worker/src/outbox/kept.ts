/** What the log keeps of a message: bounded, so that nobody fills it with what was refused, and clean, so that it can be shown. */
import type { Decision, Finding } from "sendergate";
import { clean } from "../clean.ts";
import type { LogEvent } from "./event.ts";

const MOST_CANDIDATES = 10;
/** Of the recipients of a message that was refused. */
const RECIPIENTS_OCTETS = 2_048;
const PATH_CHARACTERS = 512;

/** A decision of which something may have been left out; then it cannot be judged again for sure. */
export type KeptDecision = Decision & { omittedFindings?: number; omittedCandidates?: number };

const octets = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** What an outbox tells the log. Of a message that was accepted all recipients are told: they have it. */
export function keptEvent(event: LogEvent, most: number): LogEvent {
  const bounded = { ...event, decision: keptDecision(event.decision, most) };
  if (event.accepted) return bounded;
  const { mailFrom, recipients, recipientCount = recipients.length } = event;
  let room = RECIPIENTS_OCTETS;
  return {
    ...bounded,
    mailFrom: mailFrom === null ? null : clean(mailFrom, PATH_CHARACTERS),
    recipients: recipients.filter((recipient) => (room -= octets(recipient) + 1) >= 0),
    recipientCount,
  };
}

/**
 * `decision` within `most` octets: as it is where it fits. Else the finding that decided comes first, no finding has more than ten
 * candidates, and as many findings as fit are kept.
 */
export function keptDecision(decision: KeptDecision, most: number): KeptDecision {
  if (octets(decision) <= most) return decision;
  const { findings, decidedBy, omittedFindings = 0, omittedCandidates = 0, ...rest } = decision;
  const decided = decidedBy === undefined ? undefined : findings[decidedBy];
  const others = decided === undefined ? findings : findings.filter((finding) => finding !== decided);
  let room = most - octets({ ...rest, findings: [], decidedBy: 0, omittedFindings: 1e9, omittedCandidates: 1e9 });
  const kept: Finding[] = [];
  let cut = omittedCandidates;
  const keep = (finding: Finding): boolean => {
    const few = { ...finding, ...(finding.candidates === undefined ? {} : { candidates: finding.candidates.slice(0, MOST_CANDIDATES) }) };
    const size = octets(few) + 1;
    if (size > room) return false;
    room -= size;
    kept.push(few);
    cut += (finding.candidates?.length ?? 0) - (few.candidates?.length ?? 0);
    return true;
  };
  // Its texts alone may be longer than all that is kept.
  if (decided !== undefined && !keep(decided)) {
    keep(withoutTexts(decided));
    cut += decided.candidates?.length ?? 0;
  }
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

function withoutTexts({ identity, field, of, verdict, reason }: Finding): Finding {
  return { identity, field, ...(of === undefined ? {} : { of }), verdict, reason };
}

/** Where the address stands that decided: its domain, else the name of its identity, else nothing. */
export function place({ findings, decidedBy }: Decision): string {
  const finding = decidedBy === undefined ? undefined : findings[decidedBy];
  if (finding === undefined) return "";
  const address = finding.address ?? finding.candidates?.[0] ?? "";
  const domain = address.slice(address.lastIndexOf("@") + 1).trim().toLowerCase();
  return address.includes("@") && domain !== "" ? clean(domain, 253) : finding.identity;
}
