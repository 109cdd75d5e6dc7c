/** What an event keeps of a decision: bounded, so that a row fits D1 and an Outbox (2 MB). */
import type { Decision, Finding } from "sendergate";
import { clean } from "../clean.ts";

/** Octets of JSON. Findings of an ordinary message take under 1,000; a header section of 256 KiB can make megabytes of them. */
const MOST = 256 * 1024;

/** A decision whose last findings may have been left out. */
export type KeptDecision = Decision & { omittedFindings?: number };

const encoder = new TextEncoder();
const octets = (value: unknown): number => encoder.encode(JSON.stringify(value)).length;

/** `decision` with as many findings as fit, the one that decided among them, and how many were left out. */
export function keptDecision(decision: KeptDecision): KeptDecision {
  if (octets(decision) <= MOST) return decision;
  const { findings, decidedBy } = decision;
  const found = decidedBy === undefined ? undefined : findings[decidedBy];
  const decided = found !== undefined && octets(found) > MOST / 2 ? withoutTexts(found) : found;
  let room = MOST - octets({ ...decision, findings: [] }) - (decided === undefined ? 0 : octets(decided)) - 64;
  const kept: Finding[] = [];
  let place: number | undefined;
  findings.forEach((finding, index) => {
    if (index === decidedBy && decided !== undefined) {
      place = kept.push(decided) - 1;
      return;
    }
    room -= octets(finding) + 1;
    if (room >= 0) kept.push(finding);
  });
  return {
    ...decision,
    findings: kept,
    ...(place === undefined ? {} : { decidedBy: place }),
    omittedFindings: (decision.omittedFindings ?? 0) + findings.length - kept.length,
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
