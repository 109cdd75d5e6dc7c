// Interleaved measurement: every round measures each contender once, so that all suffer alike when the machine is slow for a
// while. Nothing here compares a time with a limit.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc");

/** Adds up the results of the contenders, so that no compiler removes their work. */
let sink = 0;
export const consumed = () => sink;

/**
 * @typedef {object} Contender
 * @property {string} name
 * @property {(n: number, input: any) => number | Promise<number>} run does the work `n` times
 * @property {(n: number) => any} [prepare] makes the input of `n` runs; not timed, and never used twice
 * @property {number} [each] operations in one run; figures are per operation
 *
 * @typedef {{ name: string, times: number[], median: number, low: number, high: number }} Timing in ns per operation
 */

/**
 * @param {Contender[]} contenders
 * @returns {Promise<Timing[]>}
 */
export async function compare(contenders, { rounds, slice, warmUp }) {
  gc();
  const counts = [];
  for (const contender of contenders) counts.push(await calibrate(contender, slice, warmUp));
  const times = contenders.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < contenders.length; turn += 1) {
      // Each round starts with another contender, so that none always runs after the same one.
      const at = (round + turn) % contenders.length;
      times[at].push(await time(contenders[at], counts[at]));
    }
  }
  return contenders.map(({ name }, at) => ({ name, times: times[at], ...quartiles(times[at]) }));
}

/**
 * Runs for `warmUp` milliseconds, which is enough for the optimizing compilers, and finds how many runs take
 * `slice` milliseconds.
 */
async function calibrate(contender, slice, warmUp) {
  const each = contender.each ?? 1;
  let count = 1;
  let spent = 0;
  for (;;) {
    const took = (await time(contender, count)) * each * count * 1e-6;
    spent += took;
    if (took < slice / 2) count *= 2;
    else if (spent >= warmUp) return Math.max(1, Math.round((count * slice) / took));
  }
}

async function time(contender, count) {
  const input = contender.prepare?.(count);
  gc({ type: "minor" });
  const start = process.hrtime.bigint();
  const answer = contender.run(count, input);
  const value = typeof answer === "number" ? answer : await answer;
  const took = Number(process.hrtime.bigint() - start);
  sink = (sink + value) | 0;
  return took / count / (contender.each ?? 1);
}

/** Median and quartiles. */
export function quartiles(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share) => {
    const place = share * (sorted.length - 1);
    const below = Math.floor(place);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  };
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

/** How many times as fast as `peer` `ours` is: the ratio of the medians, and the quartiles of the ratios of all rounds. */
export function ratio(ours, peer) {
  const { low, high } = quartiles(peer.times.map((time, round) => time / ours.times[round]));
  return { ratio: peer.median / ours.median, low, high };
}
