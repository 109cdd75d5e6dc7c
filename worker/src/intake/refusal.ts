/** The API's problem for a decision to block. */
import type { BodyFault, Decision } from "sendergate";
import { Problem } from "../problem.ts";

export const inactive = (): Problem => new Problem(403, "user-inactive", "this user is not active");

const FAULTS: Record<BodyFault, string> = {
  nul: "the body holds a NUL octet",
  "bare-cr": "the body holds a CR that no LF follows",
  "bare-lf": "the body holds an LF that no CR precedes",
  "line-endings": "the body mixes lines that end with LF and lines that end with CRLF",
};

/** `tooLarge`: the header section is too long. `fault`: that of the body. */
export function refusalOf({ reason, reply }: Decision, { tooLarge = false, fault }: { tooLarge?: boolean; fault?: BodyFault | undefined }): Problem {
  if (reason === "user-inactive") return inactive();
  if (tooLarge) return new Problem(413, "header-too-large", "the header section does not end within 256 KiB");
  // The enhanced code of every refused sender is 5.7.1; other codes are about the message itself.
  if (reply.enhancedCode === "5.7.1") return new Problem(403, "sender-refused", reply.text);
  return new Problem(422, "malformed-message", fault === undefined ? reply.text : FAULTS[fault]);
}

/** The same problem, with the decision in it. */
export const withDecision = ({ status, code, message, members, headers }: Problem, decision: Decision, more: object = {}): Problem =>
  new Problem(status, code, message, { ...members, ...more, decision }, headers);
