// The whole decision for one message.

import { agree, asyncLoop, loop, policyOf } from "../engine.mjs";
import { lists } from "../data.mjs";
import { grown, messages } from "../messages.mjs";
import { decideByScan } from "../peers/header-scan.mjs";
import { decideByPostalMime, senderByMailParser } from "../peers/parsers.mjs";
import { SetPolicy } from "../peers/sets.mjs";

export const title = "The whole decision";
export const about =
  "A message of 1.5 KB with `From`, `Sender`, `X-Priority` and seventeen ordinary fields, its reverse-path, and a " +
  "policy of 100 entries. 64 different messages take turns; three in four are authorized. The JavaScript contender " +
  "finds the fields by a regular expression, reads the addresses with nodemailer's `addressparser`, decodes names " +
  "with libmime, looks up two sets, and makes the same kind of object. It checks nothing else. `mail-parser-wasm` " +
  "gets only the header section and is asked only for the sender; it does not decide.";

export async function run(bench) {
  const entries = lists(100);
  const [policy, sets] = [policyOf(entries), new SetPolicy(entries)];
  const plain = messages(64, entries);
  const encoded = messages(64, entries, { encoded: true });
  const big = plain.slice(0, 8).map((message) => grown(message, 5 << 20));
  await checkAgreement(policy, sets, [...plain, ...encoded]);
  const ours = ({ mailFrom, bytes }) => policy.decide({ mailFrom, header: bytes }).findings.length;
  const [decide, decideEncoded, decideBig, scan, scanEncoded, parser, postalMime] = await bench.compare([
    loop("sendergate", (i) => ours(plain[i & 63])),
    loop("sendergate, encoded names", (i) => ours(encoded[i & 63])),
    loop("sendergate, 5 MB", (i) => ours(big[i & 7])),
    loop("regex, addressparser, libmime, Set", (i) => decideByScan(sets, plain[i & 63]).findings.length),
    loop("regex, addressparser, libmime, Set", (i) => decideByScan(sets, encoded[i & 63]).findings.length),
    loop("mail-parser-wasm, header alone", (i) => senderByMailParser(plain[i & 63]).length),
    asyncLoop("postal-mime, Set", async (i) => (await decideByPostalMime(sets, plain[i & 63])).findings.length),
  ]);
  bench.versus("decide, 1.5 KB", decide, scan, 2);
  bench.versus("decide, 1.5 KB, encoded display names", decideEncoded, scanEncoded);
  bench.versus("decide, 1.5 KB", decide, parser, 10);
  bench.versus("decide, 1.5 KB", decide, postalMime, 30);
  bench.same("decide, 5 MB", decideBig, { ...decide, name: "the same on 1.5 KB" });
  policy.free();
}

async function checkAgreement(policy, sets, all) {
  const shape = ({ verdict, action, findings, priority }) => ({
    verdict,
    action,
    findings: findings.map(({ identity, address, verdict, reason }) => ({ identity, address, verdict, reason })),
    priority: [priority.effective, priority.message, priority.source],
  });
  for (const message of all) {
    const ours = shape(policy.decide({ mailFrom: message.mailFrom, header: message.bytes }));
    agree("decide", ours, shape(decideByScan(sets, message)));
    agree("decide", ours, shape(await decideByPostalMime(sets, message)));
    agree("sender", true, senderByMailParser(message).includes(message.from));
  }
}
