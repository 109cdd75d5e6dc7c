// Collects the measurements of the cases as rows of tables.

import { compare, ratio } from "./measure.mjs";

export class Bench {
  /** @param {{ rounds: number, slice: number, warmUp: number }} effort */
  constructor(effort) {
    this.effort = effort;
    this.sections = [];
  }

  section(title, about) {
    this.sections.push({ title, about, rows: [], tables: [] });
  }

  get #rows() {
    return this.sections.at(-1).rows;
  }

  compare(contenders) {
    return compare(contenders, this.effort);
  }

  /** For slow calls: a third of the rounds, with one or two calls in each. */
  compareBriefly(contenders) {
    const { rounds, slice, warmUp } = this.effort;
    return compare(contenders, { rounds: Math.ceil(rounds / 3), slice: slice / 5, warmUp: warmUp / 5 });
  }

  /** `goal`: how many times as fast as the peer. A row without a goal is for information. */
  versus(what, ours, peer, goal) {
    const { ratio: times, low, high } = ratio(ours, peer);
    this.#rows.push({
      what,
      ours: shownTime(ours),
      against: `${peer.name}: ${shownTime(peer)}`,
      figure: `${shownTimes(times)} (${shownTimes(low)} to ${shownTimes(high)})`,
      goal: goal === undefined ? "" : goal === 1 ? "no slower" : `${goal}×`,
      met: goal === undefined ? undefined : times >= goal,
    });
  }

  /** The goal is that both take the same time, within a tenth. */
  same(what, ours, other) {
    const { ratio: times, low, high } = ratio(ours, other);
    this.#rows.push({
      what,
      ours: shownTime(ours),
      against: `${other.name}: ${shownTime(other)}`,
      figure: `${shownTimes(times)} (${shownTimes(low)} to ${shownTimes(high)})`,
      goal: "the same time",
      met: times >= 0.9,
    });
  }

  /** The goal is less than `limit` ns. */
  under(what, ours, limit, name) {
    this.#rows.push({
      what,
      ours: shownTime(ours),
      against: `${name}: ${nanoseconds(limit)}`,
      figure: shownTimes(limit / ours.median),
      goal: "less",
      met: ours.median < limit,
    });
  }

  /** Compares with the same code compiled natively. The goal is at most `goal` times its nanoseconds. */
  above(what, ours, native, goal) {
    this.#rows.push({
      what,
      ours: nanoseconds(ours),
      against: `native: ${nanoseconds(native)}`,
      figure: shownTimes(ours / native),
      goal: `at most ${goal}×`,
      met: ours <= goal * native,
    });
  }

  /** The goal is at most so many bytes. */
  fits(what, bytes, limit, name) {
    this.#rows.push({
      what,
      ours: kilobytes(bytes),
      against: `${name}: ${kilobytes(limit)}`,
      figure: shownTimes(limit / bytes),
      goal: "no more",
      met: bytes <= limit,
    });
  }

  /** The least possible time of each call, and the ratio to it. */
  floor(floors, calls, floorOf) {
    const rows = floors.map((floor) => [floor.name, shownTime(floor), "", ""]);
    for (const call of calls) {
      const floor = floorOf(call);
      const above = nanoseconds(Math.max(0, call.median - floor.median));
      rows.push([`\`${call.name.replace(",", "`,")}${call.name.includes(",") ? "" : "`"}`, shownTime(call), above, floor.name]);
    }
    this.sections.at(-1).tables.push({ head: ["Call", "Time", "Above the floor", "Which floor"], rows });
  }

  /** How the time grows with the input: `timings` belong to `steps`, each twice as large as the one before. Quadratic growth is marked. */
  growth(steps, list) {
    const rows = list.map(({ what, timings }) => {
      const times = timings.map(({ median }) => median);
      const doublings = times.slice(1).map((time, at) => time / times[at]);
      const shown = doublings.map(shownTimes);
      if (doublings.at(-1) > 3.5) shown.push(`**${shown.pop()}**`);
      return [what, ...times.map(nanoseconds), shown.join(", ")];
    });
    this.sections.at(-1).tables.push({ head: ["", ...steps.map((step) => `${step}×`), "Each doubling"], rows });
  }

  /** The sizes of the parts; nothing if they are not known. */
  weights(parts) {
    if (parts.length === 0) return;
    const rows = parts.map(({ name, raw, brotli }) => [name, kilobytes(raw), kilobytes(brotli)]);
    this.sections.at(-1).tables.push({ head: ["In the module", "Raw", "brotli, by itself"], rows });
  }

  sizes(ours, peers) {
    const total = (list, name) => ({
      name,
      raw: list.reduce((sum, one) => sum + one.raw, 0),
      gzip: list.reduce((sum, one) => sum + one.gzip, 0),
      brotli: list.reduce((sum, one) => sum + one.brotli, 0),
    });
    const all = [...ours, total(ours, "**sendergate, all**"), ...peers, total(peers, "**what it replaces, all**")];
    const rows = all.map(({ name, raw, gzip, brotli }) => [name, kilobytes(raw), kilobytes(gzip), kilobytes(brotli)]);
    this.sections.at(-1).tables.push({ head: ["", "Raw", "gzip", "brotli"], rows });
  }
}

const three = (value) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));

/** Nanoseconds in a readable unit. */
export function nanoseconds(ns) {
  if (ns < 1e3) return `${three(ns)} ns`;
  if (ns < 1e6) return `${three(ns / 1e3)} µs`;
  return `${three(ns / 1e6)} ms`;
}

const shownTime = ({ median, low, high }) => `${nanoseconds(median)} (${nanoseconds(low)} to ${nanoseconds(high)})`;
const shownTimes = (times) => `${three(times)}×`;
const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;
