// What a mail program said, and what to do: the entries of data/replies.json, found by reply code or by words. The command and the
// panel use it.

/** Reply code and enhanced code as programs put them together: `550 5.7.1`, `(550, b'5.7.1 …')`, `SMTP code: 550 Additional SMTP info: 5.7.1`. */
const ENHANCED = /(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.]*\d)/g;
const BASIC = /(?<![\w.:/-])[2345]\d\d(?![\w.:/]*\w)/g;

/** Text as somebody copied or typed it: line breaks where a window broke it, and quotes as a word processor writes them. */
const plain = (text) => text.slice(0, 20_000).replace(/[\u2018\u2019]/g, "'").replace(/[\u2010\u2011]/g, "-").replace(/\s+/g, " ");

function score({ replies, phrases }, text, enhanced, basic) {
  let best = phrases.some((phrase) => new RegExp(phrase, "i").test(text)) ? 2 : 0;
  for (const reply of replies) {
    const [code, detail] = reply.split(" ");
    if (detail !== undefined && enhanced.has(detail)) best = Math.max(best, basic.has(code) ? 4 : 3);
    else if (detail === undefined && basic.has(code)) best = Math.max(best, enhanced.size === 0 ? 3 : 1);
    // A program that shows the code alone: less certain than its words.
    else if (enhanced.size === 0 && basic.has(code)) best = Math.max(best, 1);
  }
  return best;
}

/** The entries that fit `said`, the surest first, at most three. An error goes before what went well. */
export function find(entries, said) {
  const text = plain(said);
  const enhanced = new Set(text.match(ENHANCED) ?? []);
  const basic = new Set(text.match(BASIC) ?? []);
  const found = entries
    .map((entry) => ({ entry, sure: score(entry, text, enhanced, basic) - (entry.id === "accepted" ? 10 : 0) }))
    .filter(({ entry, sure }) => sure > (entry.id === "accepted" ? -10 : 0))
    .sort((one, other) => other.sure - one.sure);
  const best = found[0]?.sure ?? 0;
  // Beside a sure answer guesses would mislead.
  return found.filter(({ sure }) => sure === best || (sure >= 2 && best < 4)).slice(0, 3).map(({ entry }) => entry);
}
