// Text in a terminal: how each character is shown, and how many columns it takes.

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

// East_Asian_Width W and F of Unicode 16, in whole blocks. Emoji have a property of their own.
const WIDE =
  /^[\u1100-\u115F\u2329\u232A\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE10-\uFE19\uFE30-\uFE6B\uFF01-\uFF60\uFFE0-\uFFE6\u{16FE0}-\u{18DFF}\u{1AFF0}-\u{1B2FF}\u{1F200}-\u{1F2FF}\u{20000}-\u{3FFFD}]|^\p{Emoji_Presentation}/u;
// Characters that are invisible, move the cursor, change the direction of the text, or look like a space: they are shown as code points.
const UNSEEN = /[\p{C}\p{Default_Ignorable_Code_Point}\u2028\u2029]|(?![ \u3000])\p{Zs}/u;
const ATTACHED = /^[\p{M}\u1160-\u11FF\uD7B0-\uD7FF]/u;
/** Printable ASCII: each character is a column. */
const PLAIN = /^[ -~]*$/;
const TAB = "    ";

const spelled = (character) => `<U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}>`;

/** The cells of `text`: what each shows, its width in columns, and its place in `text` in code units. */
export function cells(text) {
  const result = [];
  if (PLAIN.test(text)) {
    for (let start = 0; start < text.length; start += 1) result.push({ shown: text[start], width: 1, start, end: start + 1 });
    return result;
  }
  for (const { segment, index } of graphemes.segment(text)) {
    if (/\p{Extended_Pictographic}|\p{Regional_Indicator}/u.test(segment)) {
      const wide = WIDE.test(segment) || segment.includes("\uFE0F");
      result.push({ shown: segment, width: wide ? 2 : 1, start: index, end: index + segment.length });
    } else {
      let at = index;
      let first = true;
      for (const character of segment) {
        const end = at + character.length;
        if (!first && ATTACHED.test(character) && !UNSEEN.test(character)) {
          const before = result[result.length - 1];
          before.shown += character;
          before.end = end;
        } else {
          result.push({ ...cell(character), start: at, end });
        }
        first = false;
        at = end;
      }
    }
  }
  return result;
}

function cell(character) {
  if (character === "\t") return { shown: TAB, width: TAB.length };
  if (UNSEEN.test(character)) {
    const shown = spelled(character);
    return { shown, width: shown.length };
  }
  // A combining mark without a base character is shown on a dotted circle.
  if (ATTACHED.test(character)) return { shown: `\u25CC${character}`, width: 1 };
  return { shown: character, width: WIDE.test(character) ? 2 : 1 };
}

/** `text`, safe for a terminal: it cannot move the cursor, change colours or reverse the line. */
export const visible = (text) => (PLAIN.test(text) ? text : cells(text).map(({ shown }) => shown).join(""));
