// The calls that compare two builds, and their data.

import { lists, questions } from "./data.mjs";
import { messages } from "./messages.mjs";

const few = lists(100);
const many = lists(10_000);
const [plain, encoded] = [messages(64, few), messages(64, few, { encoded: true })];
const asked = questions(1_000, few);
const options = ({ domains, senders }) => ({ domains: domains.join("; "), senders: senders.join("; ") });
const [fewOptions, manyOptions] = [options(few), options(many)];

/** The calls of one build, each as a function of a running number. */
export function calls({ SenderPolicy, parseDomainList, parseSenderList }) {
  const policy = new SenderPolicy(fewOptions);
  const big = new SenderPolicy(manyOptions);
  const decide = (all) => (at) => policy.decide({ mailFrom: all[at & 63].mailFrom, header: all[at & 63].bytes });
  return {
    "decide, 1.5 KB": decide(plain),
    "decide, 1.5 KB, encoded names": decide(encoded),
    "decide, mail-from alone": (at) => policy.decide({ mailFrom: plain[at & 63].mailFrom }),
    "authorizes, 100 entries": (at) => policy.authorizes(asked[at % asked.length]),
    "authorizes, 20,000 entries": (at) => big.authorizes(asked[at % asked.length]),
    "authorizesAll, 1,000 addresses": () => big.authorizesAll(asked),
    "parseDomainList, 10,000": () => parseDomainList(manyOptions.domains),
    "parseSenderList, 10,000": () => parseSenderList(manyOptions.senders),
    "a policy of 100 entries": () => new SenderPolicy(fewOptions).free(),
  };
}

/** The same data, in the form that bench/floor.rs reads. */
export const data = () => ({
  fewDomains: fewOptions.domains,
  fewSenders: fewOptions.senders,
  manyDomains: manyOptions.domains,
  manySenders: manyOptions.senders,
  paths: plain.map(({ mailFrom }) => mailFrom),
  plain: plain.map(({ bytes }) => new TextDecoder().decode(bytes)),
  encoded: encoded.map(({ bytes }) => new TextDecoder().decode(bytes)),
  asked,
});

/** About how many nanoseconds a turn takes. */
const TURN = 150_000;

const time = (call, count) => {
  const begun = process.hrtime.bigint();
  for (let at = 0; at < count; at += 1) call(at);
  return Number(process.hrtime.bigint() - begun) / count;
};

/**
 * Nanoseconds that each of `contenders` takes for the same call, in alternating turns: the shortest hundredth of `most` turns, which
 * other programs on the machine disturb least.
 */
export function shortest(contenders, most) {
  const [first] = contenders;
  let count = 64;
  while (count > 1 && time(first, count) * count > 4 * TURN) count >>= 1;
  while (time(first, count) * count < TURN) count <<= 1;
  const turns = Math.max(100, Math.min(most, Math.ceil((most * TURN) / (time(first, count) * count))));
  for (let warm = 0; warm < turns / 10; warm += 1) for (const call of contenders) time(call, count);
  const times = contenders.map(() => []);
  for (let turn = 0; turn < turns; turn += 1) {
    for (let one = 0; one < contenders.length; one += 1) {
      const which = (turn + one) % contenders.length;
      times[which].push(time(contenders[which], count));
    }
  }
  return times.map((all) => all.sort((one, other) => one - other)[Math.floor(all.length / 100)]);
}
