import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { WINDOW_MS } from "../../src/auth/throttle.ts";
import { env } from "./made.ts";

let made = 0;
/** What the setting is where nobody sets it. */
const MOST_FAILURES = 20;

/** A throttle whose clock the test moves. */
async function clocked(bindings: { FAILED_LOGINS_PER_MINUTE?: string } = {}) {
  const throttle = env.THROTTLE.getByName(`192.0.2.${(made += 1)}`);
  const start = 1_800_000_000_000;
  let now = start;
  await runInDurableObject(throttle, (instance) => {
    instance.now = () => now;
    Object.assign(instance, { env: { ...env, ...bindings } });
  });
  return { throttle, start, at: (seconds: number) => (now = start + seconds * 1_000) };
}

test("twenty failures count in any sixty seconds; the next is counted when the oldest is a minute old", async () => {
  const { throttle, start, at } = await clocked();
  for (let failure = 0; failure < MOST_FAILURES; failure += 1) {
    at(failure * 2);
    expect(await throttle.failed()).toBeUndefined();
  }
  at(50);
  expect(await throttle.failed()).toBe(start + WINDOW_MS);
  at(59.999);
  expect(await throttle.failed()).toBe(start + WINDOW_MS);
  // What was throttled counts as nothing: it prolongs nothing.
  at(60);
  expect(await throttle.failed()).toBeUndefined();
  expect(await throttle.failed()).toBe(start + 2_000 + WINDOW_MS);
});

test("how many failures count is a setting", async () => {
  const { throttle, start } = await clocked({ FAILED_LOGINS_PER_MINUTE: "3" });
  const answers = await Promise.all(Array.from({ length: 5 }, () => throttle.failed()));
  expect(answers).toEqual([undefined, undefined, undefined, start + WINDOW_MS, start + WINDOW_MS]);
});

test("two hundred at once are counted one by one", async () => {
  const { throttle } = await clocked();
  const answers = await Promise.all(Array.from({ length: 200 }, () => throttle.failed()));
  expect(answers.filter((until) => until === undefined)).toHaveLength(MOST_FAILURES);
});

test("nothing is left of a network that has calmed down", async () => {
  const { throttle, at } = await clocked();
  await throttle.failed();
  at(40);
  await throttle.failed();
  at(60);
  expect(await runDurableObjectAlarm(throttle)).toBe(true);
  const tables = () => runInDurableObject(throttle, (_, state) => state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'").toArray());
  expect(await tables()).toEqual([{ name: "failures" }]);
  at(100);
  expect(await runDurableObjectAlarm(throttle)).toBe(true);
  // No table either: each would be kept for ever, of every network that ever failed.
  expect(await tables()).toEqual([]);
  expect(await runInDurableObject(throttle, (_, state) => state.storage.getAlarm())).toBeNull();
  expect(await throttle.failed()).toBeUndefined();
});
