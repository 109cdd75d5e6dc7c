// Replaces the text of a field as if a person had typed it.

/** For a longer replacement the browser takes too long to make it undoable. */
const UNDOABLE = 1 << 19;

/** Replaces only the part that differs, in a way that the browser can undo, and selects it. */
export function replace(field, text, corrected) {
  const most = Math.min(text.length, corrected.length);
  let start = 0;
  while (start < most && text[start] === corrected[start]) start += 1;
  let same = 0;
  while (same < most - start && text[text.length - 1 - same] === corrected[corrected.length - 1 - same]) same += 1;
  // Do not split a surrogate pair.
  if (/[\uD800-\uDBFF]/.test(text[start - 1] ?? "")) start -= 1;
  if (/[\uDC00-\uDFFF]/.test(text[text.length - same] ?? "")) same -= 1;
  const end = text.length - same;
  const inserted = corrected.slice(start, corrected.length - same);
  field.focus();
  field.setSelectionRange(start, end);
  if (inserted.length + end - start <= UNDOABLE) {
    // Nothing else can be undone in browsers. jsdom and happy-dom do not have it.
    document.execCommand?.(inserted === "" ? "delete" : "insertText", false, inserted);
  }
  if (field.value !== corrected) {
    field.value = corrected;
    field.dispatchEvent(new InputEvent("input", { bubbles: true, composed: true, inputType: "insertReplacementText" }));
  }
  field.setSelectionRange(start, start + inserted.length);
}
