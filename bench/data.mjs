// Inputs: the same in every run, and varied enough that branch prediction and caches cannot learn them.

/** A small generator of known quality (mulberry32). Runs are comparable only with the same inputs. */
export function random(seed) {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), 1 | state);
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
    return ((word ^ (word >>> 14)) >>> 0) % below;
  };
}

const FIRST = ["anna", "jonas", "maria", "lukas", "sofia", "peter", "eva", "martin", "clara", "david", "nina", "paul"];
const LAST = ["huber", "gruber", "bauer", "wagner", "mueller", "pichler", "steiner", "moser", "mayer", "hofer", "leitner"];
const WORDS = ["alpine", "harbor", "copper", "maple", "silver", "north", "river", "stone", "amber", "cedar", "lumen"];
const KINDS = ["trading", "media", "design", "tools", "books", "sports", "travel", "garden", "foods", "studio"];
const ENDS = ["example", "test", "co.test", "example", "or.test"];

const pick = (below, list) => list[below(list.length)];

/** Addresses of about thirty octets, as in practice. */
export const domainName = (below) => `${pick(below, WORDS)}${pick(below, KINDS)}${below(1000)}.${pick(below, ENDS)}`;
export const localPart = (below) => `${pick(below, FIRST)}.${pick(below, LAST)}`;
export const address = (below) => `${localPart(below)}@${domainName(below)}`;

/** `count` different values of `make`. */
export function distinct(count, make) {
  const values = new Set();
  while (values.size < count) values.add(make());
  return [...values];
}

/** Lists of `count` entries together, half domains and half senders. */
export function lists(count, seed = 1) {
  const below = random(seed);
  const domains = distinct(count / 2, () => domainName(below));
  const senders = distinct(count / 2, () => address(below));
  return { domains, senders };
}

/** Short entries, so that 50,000 of them fit into a list, which may have 1 MiB. */
export function shortLists(count, seed = 2) {
  const below = random(seed);
  const domains = distinct(count / 2, () => `${pick(below, WORDS)}${below(1000000)}.example`);
  const senders = distinct(count / 2, () => `u${below(100000)}@d${below(10000)}.example`);
  return { domains, senders };
}

/**
 * Addresses to test with a policy of these lists. A quarter each: at a listed domain, a listed sender, at an unlisted
 * domain, and another local-part at the domain of a listed sender. One in eight has capital letters.
 */
export function questions(count, { domains, senders }, seed = 3) {
  const below = random(seed);
  return Array.from({ length: count }, (_, at) => {
    let text;
    if (at % 4 === 0) text = `${localPart(below)}@${pick(below, domains)}`;
    else if (at % 4 === 1) text = pick(below, senders);
    else if (at % 4 === 2) text = address(below);
    else text = `${localPart(below)}@${pick(below, senders).split("@")[1]}`;
    return below(8) === 0 ? text.replace(/^./, (first) => first.toUpperCase()).replace(".example", ".Example") : text;
  });
}

/**
 * The same addresses as a parser returns them: each a new string, a slice of a longer text. JavaScript engines store the hash of a
 * string, so a second call with the same string would measure that.
 */
export function fresh(addresses, count) {
  const text = Array.from({ length: count }, (_, at) => addresses[at % addresses.length]).join(" ");
  const flat = Buffer.from(text).toString("latin1");
  const strings = new Array(count);
  for (let at = 0, start = 0; at < count; at += 1) {
    const end = start + addresses[at % addresses.length].length;
    strings[at] = flat.slice(start, end);
    start = end + 1;
  }
  return strings;
}

/** Internationalized domains in eleven scripts, as people type them. */
export const INTERNATIONAL = [
  "bücher.example", "münchen-möbel.example", "façade.example", "señor-tacos.example", "ærø.example", "łódź.example",
  "smörgåsbord.example", "français.example", "çiçek.example", "naïve-café.example", "straße.example",
  "παράδειγμα.example", "ελλάδα.example", "καλημέρα.example", "пример.example", "москва.example", "почта-россии.example",
  "україна.example", "българия.example", "例え.example", "日本語.example", "東京大学.example", "ラーメン.example", "さくら.example",
  "中国.example", "北京大学.example", "香港.example", "한국.example", "서울시.example", "안녕하세요.example", "مثال.example",
  "السعودية.example", "مصر.example", "דוגמה.example", "ישראל.example", "उदाहरण.example", "भारत.example", "हिन्दी.example",
  "ไทย.example", "ตัวอย่าง.example", "հայաստան.example", "საქართველო.example",
];

/** `count` internationalized domains, each with its own first label. */
export function internationalDomains(count, seed = 4) {
  const below = random(seed);
  return distinct(count, () => {
    const name = pick(below, INTERNATIONAL);
    return `${pick(below, WORDS)}${below(1000)}.${name}`;
  });
}
