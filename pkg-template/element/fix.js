// Applying the fixes that diagnostics carry. The command and the form element share it.

/** More rounds than any list takes; a fix that brought its own diagnostic back would otherwise go round for ever. */
const ROUNDS = 64;

/** `text` with `edits` made: spans of `text`, none of which overlap. */
export function applyEdits(text, edits) {
  let mended = "";
  let at = 0;
  for (const { span, replacement } of [...edits].sort((a, b) => a.span.start - b.span.start)) {
    mended += text.slice(at, span.start) + replacement;
    at = span.end;
  }
  return mended + text.slice(at);
}

/** Two edits overlap when they share a place; where one only inserts, touching is sharing. */
function overlap(a, b) {
  const empty = a.start === a.end || b.start === b.end;
  return empty ? a.start <= b.end && b.start <= a.end : a.start < b.end && b.start < a.end;
}

/** The edits of the safe fixes, in order, without those of a fix that overlaps one already taken. */
function safeEdits(diagnostics) {
  const taken = []; // in the order of the text
  for (const { fix } of diagnostics) {
    if (!fix?.safe) continue;
    const places = fix.edits.map(({ span }) => placeOf(taken, span));
    if (places.includes(-1)) continue;
    for (const edit of fix.edits) taken.splice(placeOf(taken, edit.span), 0, edit);
  }
  return taken;
}

/** Where an edit at `span` belongs among the edits taken, or -1 where it overlaps one. */
function placeOf(taken, span) {
  let low = 0;
  let high = taken.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (taken[middle].span.start < span.start) low = middle + 1;
    else high = middle;
  }
  const near = [taken[low - 1], taken[low]];
  return near.some((edit) => edit !== undefined && overlap(edit.span, span)) ? -1 : low;
}

/** Mends `text` with its safe fixes alone, until none is left. Gives the text and its last reading. */
export function fixAll(text, parse) {
  let parsed = parse(text);
  for (let round = 0; round < ROUNDS; round += 1) {
    const edits = safeEdits(parsed.diagnostics);
    const mended = applyEdits(text, edits);
    if (mended === text) break;
    text = mended;
    parsed = parse(text);
  }
  return { text, parsed };
}
