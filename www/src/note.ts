/** The fixes of a user's note. Those of its lists are the form element's. */
import { applyFix, validateUser } from "sendergate";

/** With every safe fix applied: one kind is drawn, which takes a character away; beyond its limit none is looked for until it is shorter. */
export function fixedNote(note: string): string {
  const edits = validateUser({ note }).diagnostics.flatMap(({ field, fix }) => (field === "note" && fix?.safe ? fix.edits : []));
  if (edits.length === 0) return note;
  const corrected = applyFix(note, { title: "", edits, safe: true });
  return corrected === undefined ? note : fixedNote(corrected);
}
