/** What the safe fixes of a text make of it. */
import type { Diagnostic, Edit } from "sendergate";

/** Applies the safe fixes in their order; one that overlaps another before it waits for the next reading of the text. */
export function applySafeFixes(text: string, diagnostics: readonly Diagnostic[]): string {
  const taken: Edit[] = [];
  for (const { fix } of diagnostics) {
    if (fix === undefined || !fix.safe) continue;
    const overlaps = fix.edits.some((edit) => taken.some((other) => edit.span.start < other.span.end && other.span.start < edit.span.end));
    if (!overlaps) taken.push(...fix.edits);
  }
  taken.sort((a, b) => b.span.start - a.span.start);
  return taken.reduce((mended, { span, replacement }) => mended.slice(0, span.start) + replacement + mended.slice(span.end), text);
}
