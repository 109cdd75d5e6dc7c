// Random lists, realistic and not, the same in every run.

const PIECES = [
  "a.com", "b.example", "info@a.com", "*.a.com", "*", ";", "; ", ", ", ",", " ", "\n", "；", "\u037E", "、", ".", "..", "@", "＠", "。",
  "\u200B", "\uFFFD", "\uD800", "\uDC00", "😀", "\0", "\u00A0", '"', "\\", "'", "“", "<", ">", "(", ")", "(x) ", "[", "]", "https://", "mailto:", "/x",
  ":25", "www.", "Info Desk ", "<j@a.com>", "<a.com>", "bücher.example", "xn--a", "-", "_", "localhost", "a", "A.com", "//", "@@", "*@a.com", "`",
  "info+*@a.com",
];

/** `count` random lists. */
export function* randomLists(count, seed) {
  let state = seed;
  // Mulberry32.
  const below = (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  };
  for (let list = 0; list < count; list += 1) {
    yield Array.from({ length: 1 + below(10) }, () => PIECES[below(PIECES.length)]).join("");
  }
}
