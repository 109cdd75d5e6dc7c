// Policy engines.

import { agree, loop, policyOf } from "../engine.mjs";
import { lists, questions } from "../data.mjs";
import { casbinPolicy, cedarPolicy } from "../peers/engines.mjs";
import { asking } from "./authorizes.mjs";

export const title = "Policy engines";
export const about =
  "The same question for engines that can express it. casbin gets two models, one that compares the address with " +
  "each entry and one that looks it up as a member of a role; the faster one counts. cedar-wasm has parsed its " +
  "policies before. Both get lower case.";

const QUESTIONS = 4096;

export async function run(bench) {
  for (const size of [10, 1000]) {
    const entries = lists(size);
    const addresses = questions(QUESTIONS, entries);
    const policy = policyOf(entries);
    const peers = [
      ["casbin, comparing", await casbinPolicy(entries, "compare")],
      ["casbin, roles", await casbinPolicy(entries, "role")],
      ["cedar-wasm, preparsed", cedarPolicy(entries)],
    ];
    const some = addresses.slice(0, 256);
    for (const [name, peer] of peers) {
      agree(name, some.map((it) => policy.authorizes(it)), some.map((it) => peer.authorizes(it)));
    }
    const [one, comparing, roles, cedar] = await bench.compare([
      asking("sendergate", policy, addresses),
      ...peers.map(([name, peer]) => loop(name, (i) => peer.authorizes(addresses[i % QUESTIONS]))),
    ]);
    const count = `${size.toLocaleString("en")} entries`;
    bench.versus(`authorizes, ${count}`, one, comparing.median < roles.median ? comparing : roles, 10);
    bench.versus(`authorizes, ${count}`, one, cedar, 150);
    policy.free();
  }
}
