// Puts a mended text into a field as a person would.

/** To make a longer replacement undoable takes the browser too long. */
const UNDOABLE = 1 << 19;

/** Changes no more than differs, so that the browser's undo takes it back, and selects that. */
export function replace(field, text, mended) {
  const most = Math.min(text.length, mended.length);
  let start = 0;
  while (start < most && text[start] === mended[start]) start += 1;
  let same = 0;
  while (same < most - start && text[text.length - 1 - same] === mended[mended.length - 1 - same]) same += 1;
  // Not within a surrogate pair.
  if (/[\uD800-\uDBFF]/.test(text[start - 1] ?? "")) start -= 1;
  if (/[\uDC00-\uDFFF]/.test(text[text.length - same] ?? "")) same -= 1;
  const end = text.length - same;
  const inserted = mended.slice(start, mended.length - same);
  field.focus();
  field.setSelectionRange(start, end);
  if (inserted.length + end - start <= UNDOABLE) {
    // The one way into the browser's undo; jsdom and happy-dom have none.
    document.execCommand?.(inserted === "" ? "delete" : "insertText", false, inserted);
  }
  if (field.value !== mended) {
    field.value = mended;
    field.dispatchEvent(new InputEvent("input", { bubbles: true, composed: true, inputType: "insertReplacementText" }));
  }
  field.setSelectionRange(start, start + inserted.length);
}
