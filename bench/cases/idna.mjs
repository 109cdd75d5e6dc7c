// Internationalized domains.

import tr46 from "tr46";
import { agree, loop, sendergate } from "../engine.mjs";
import { domainName, distinct, internationalDomains, random } from "../data.mjs";
import { TR46_OPTIONS } from "./lists.mjs";

export const title = "Internationalized domains";
export const about =
  "500 domains in Latin, Greek, Cyrillic, Armenian, Georgian, Arabic, Hebrew, Devanagari, Thai, Han, Kana and " +
  "Hangul; the time is per domain. sendergate reads them as lists of 100 domains or of one domain, and returns both " +
  "forms, the span and the lints (mixed scripts included); tr46 returns only the A-labels.";

const COUNT = 500;
const SOME = 100;

export async function run(bench) {
  const domains = internationalDomains(COUNT);
  const ascii = distinct(COUNT, ((below) => () => domainName(below))(random(6)));
  const expected = domains.map((domain) => tr46.toASCII(domain, TR46_OPTIONS));
  agree("idna", expected, domains.map((domain) => sendergate.parseDomainList(domain).entries[0]?.ascii ?? null));
  const lists = [0, 1, 2, 3, 4].map((at) => domains.slice(at * SOME, at * SOME + SOME).join(";"));
  const asciiLists = [0, 1, 2, 3, 4].map((at) => ascii.slice(at * SOME, at * SOME + SOME).join(";"));
  const [many, single, peer, asciiMany, asciiPeer] = await bench.compare([
    { ...loop("sendergate", (i) => sendergate.parseDomainList(lists[i % 5]).entries.length), each: SOME },
    loop("sendergate", (i) => sendergate.parseDomainList(domains[i % COUNT]).entries.length),
    loop("tr46.toASCII", (i) => tr46.toASCII(domains[i % COUNT], TR46_OPTIONS).length),
    { ...loop("sendergate", (i) => sendergate.parseDomainList(asciiLists[i % 5]).entries.length), each: SOME },
    loop("tr46.toASCII", (i) => tr46.toASCII(ascii[i % COUNT], TR46_OPTIONS).length),
  ]);
  bench.versus("an internationalized domain, in a list of 100", many, peer, 20);
  bench.versus("an internationalized domain, a list by itself", single, peer);
  bench.versus("an ASCII domain, in a list of 100", asciiMany, asciiPeer);
}
