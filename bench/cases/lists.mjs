// Lists as people type them, and policies of long lists.

import tr46 from "tr46";
import validator from "validator";
import { agree, loop, policyOf, sendergate } from "../engine.mjs";
import { address, distinct, domainName, random, shortLists } from "../data.mjs";

export const title = "Lists and the making of a policy";
export const about =
  "Parsing returns every entry with its span and canonical form, and every diagnostic, errors and lints. " +
  "`validator` splits at `;`, trims, and returns yes or no. A list may have 1 MiB, so a policy of 100,000 entries " +
  "has 50,000 short domains and 50,000 short senders. tr46 makes A-labels by UTS #46, with the same options as its " +
  "Rust counterpart here.";

/** A quarter of a frame at 60 Hz, in ns. */
const QUARTER_FRAME = 1e9 / 60 / 4;
const VARIANTS = 16;

export const TR46_OPTIONS = {
  checkHyphens: true, checkBidi: true, checkJoiners: true, useSTD3ASCIIRules: true, verifyDNSLength: true,
};

/** Several texts of `count` entries, so that branch prediction does not learn one of them. */
function texts(count, make) {
  const below = random(count);
  return Array.from({ length: VARIANTS }, () => distinct(count, () => make(below)).join("; "));
}

const byValidator = (isValid) => (text) => text.split(";").map((item) => item.trim()).filter((item) => isValid(item)).length;

export async function run(bench) {
  await hundred(bench);
  await thousands(bench);
  await policies(bench);
}

async function hundred(bench) {
  const [senders, domains] = [texts(100, address), texts(100, domainName)];
  const [areEmails, areDomains] = [byValidator(validator.isEmail), byValidator(validator.isFQDN)];
  for (let i = 0; i < VARIANTS; i += 1) {
    agree("senders", areEmails(senders[i]), sendergate.parseSenderList(senders[i]).entries.length);
    agree("domains", areDomains(domains[i]), sendergate.parseDomainList(domains[i]).entries.length);
  }
  const [ours, emails, oursDomains, fqdns] = await bench.compare([
    loop("sendergate", (i) => sendergate.parseSenderList(senders[i % VARIANTS]).entries.length),
    loop("validator.isEmail", (i) => areEmails(senders[i % VARIANTS])),
    loop("sendergate", (i) => sendergate.parseDomainList(domains[i % VARIANTS]).entries.length),
    loop("validator.isFQDN", (i) => areDomains(domains[i % VARIANTS])),
  ]);
  bench.versus("parseSenderList, 100 addresses", ours, emails, 10);
  bench.versus("parseDomainList, 100 domains", oursDomains, fqdns);
}

async function thousands(bench) {
  const [senders, domains] = [texts(10000, address), texts(10000, domainName)];
  const [ours, oursDomains] = await bench.compare([
    loop("sendergate", (i) => sendergate.parseSenderList(senders[i % VARIANTS]).entries.length),
    loop("sendergate", (i) => sendergate.parseDomainList(domains[i % VARIANTS]).entries.length),
  ]);
  bench.under("parseSenderList, 10,000 addresses", ours, QUARTER_FRAME, "a quarter of a frame at 60 Hz");
  bench.under("parseDomainList, 10,000 domains", oursDomains, QUARTER_FRAME, "a quarter of a frame at 60 Hz");
}

/** What the peer stores of a list: canonical addresses and domains. */
function compile({ domains, senders }, toAscii) {
  const [domainSet, senderSet] = [new Set(), new Set()];
  for (const item of domains.split(";")) {
    const ascii = toAscii(item.trim());
    if (ascii !== null) domainSet.add(ascii);
  }
  for (const item of senders.split(";")) {
    const trimmed = item.trim();
    const at = trimmed.lastIndexOf("@");
    const ascii = toAscii(trimmed.slice(at + 1));
    if (ascii !== null) senderSet.add(`${trimmed.slice(0, at).toLowerCase()}@${ascii}`);
  }
  return domainSet.size + senderSet.size;
}

async function policies(bench) {
  const entries = shortLists(100000);
  const options = { domains: entries.domains.join(";"), senders: entries.senders.join(";") };
  const byTr46 = (text) => tr46.toASCII(text, TR46_OPTIONS);
  const policy = policyOf(entries);
  agree("policy", policy.size, compile(options, byTr46));
  policy.free();
  const [ours, tr46Set, bareSet] = await bench.compare([
    loop("sendergate", () => {
      const made = new sendergate.SenderPolicy(options);
      const { size } = made;
      made.free();
      return size;
    }),
    loop("tr46, Set", () => compile(options, byTr46)),
    loop("Set, toLowerCase, unchecked", () => compile(options, (text) => text.toLowerCase())),
  ]);
  bench.versus("SenderPolicy, 100,000 entries", ours, tr46Set, 5);
  bench.versus("SenderPolicy, 100,000 entries", ours, bareSet);
}
