// `authorizes`: whether one address is authorized.

import { agree, loop, policyOf } from "../engine.mjs";
import { fresh, lists, questions, shortLists } from "../data.mjs";
import { SetPolicy } from "../peers/sets.mjs";

export const title = "One address, many addresses";
export const about =
  "Half of the addresses are listed, by domain or by sender; one in eight has capitals. They are new strings, cut " +
  "out of a longer text, as a parser returns them. JavaScript engines store the hash of a string with the string, " +
  "so a set is fastest if the same strings are asked again. The rows that say so measure this case, which does not " +
  "happen in a gate.";

const QUESTIONS = 4096;
const MANY = 1000;

/** A contender that gets new strings. */
export const asking = (name, policy, addresses) => ({
  name,
  prepare: (n) => fresh(addresses, n),
  run(n, input) {
    let sum = 0;
    for (let i = 0; i < n; i += 1) sum += Number(policy.authorizes(input[i]));
    return sum;
  },
});

/** A contender that gets a thousand new strings at once. */
const askingMany = (name, ask, addresses) => ({
  name,
  each: MANY,
  prepare: (n) => Array.from({ length: n }, () => fresh(addresses, MANY)),
  run(n, input) {
    let sum = 0;
    for (let i = 0; i < n; i += 1) sum += Number(ask(input[i])[MANY - 1]);
    return sum;
  },
});

export async function run(bench) {
  for (const size of [10, 1000, 100000]) {
    const entries = size > 1000 ? shortLists(size) : lists(size);
    const addresses = questions(QUESTIONS, entries);
    const [policy, sets] = [policyOf(entries), new SetPolicy(entries)];
    agree("authorizes", addresses.map((it) => policy.authorizes(it)), addresses.map((it) => sets.authorizes(it)));
    agree("authorizesAll", addresses.map((it) => policy.authorizes(it)), policy.authorizesAll(addresses));

    const count = `${size.toLocaleString("en")} entries`;
    const few = fresh(addresses, QUESTIONS);
    const setLoop = (list) => {
      const answers = new Array(list.length);
      for (let i = 0; i < list.length; i += 1) answers[i] = sets.authorizes(list[i]);
      return answers;
    };
    const [one, set, again, setAgain, all, setAll] = await bench.compare([
      asking("sendergate", policy, addresses),
      asking("Set, toLowerCase", sets, addresses),
      loop("sendergate", (i) => policy.authorizes(few[i % QUESTIONS])),
      loop("Set, toLowerCase", (i) => sets.authorizes(few[i % QUESTIONS])),
      askingMany("sendergate", (list) => policy.authorizesAll(list), addresses),
      askingMany("Set, toLowerCase", setLoop, addresses),
    ]);
    bench.versus(`authorizes, ${count}`, one, set, 1);
    bench.versus(`authorizes, ${count}, the same strings again`, again, setAgain);
    bench.versus(`authorizesAll of 1,000, ${count}, per address`, all, setAll, 5);
    policy.free();
  }
}
