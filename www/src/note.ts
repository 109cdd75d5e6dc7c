/** The fixes of a user's note. The form element applies those of lists. */
import { applyFix, validateUser } from "sendergate";

/** The note with every safe fix applied. The only kind of fix removes a character; the engine looks for more when the note is short enough. */
export function fixedNote(note: string): string {
  const edits = validateUser({ note }).diagnostics.flatMap(({ field, fix }) => (field === "note" && fix?.safe ? fix.edits : []));
  if (edits.length === 0) return note;
  const corrected = applyFix(note, { title: "", edits, safe: true });
  return corrected === undefined ? note : fixedNote(corrected);
}
