import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { MOST_PER_NAME, MOST_PER_NETWORK, WINDOW_MS } from "../../src/auth/throttle.ts";
import { env } from "./made.ts";

let made = 0;

/** A throttle whose clock the test moves. */
async function clocked() {
  const throttle = env.THROTTLE.getByName(`192.0.2.${(made += 1)}`);
  const start = 1_800_000_000_000;
  let now = start;
  await runInDurableObject(throttle, (instance) => {
    instance.now = () => now;
  });
  return { throttle, at: (seconds: number) => (now = start + seconds * 1_000) };
}

test("failures of one name are counted for fifteen minutes each", async () => {
  const { throttle, at } = await clocked();
  for (let attempt = 0; attempt < MOST_PER_NAME; attempt += 1) {
    at(attempt * 60);
    expect(await throttle.attempt("a")).toMatchObject({ outcome: "free" });
  }
  at(600);
  expect(await throttle.attempt("a")).toEqual({ outcome: "throttled", retryAfterSeconds: 300 });
  expect(await throttle.attempt("b")).toMatchObject({ outcome: "free" });
  at(899);
  expect(await throttle.attempt("a")).toEqual({ outcome: "throttled", retryAfterSeconds: 1 });
  // What was throttled was no attempt: it prolongs nothing.
  at(900);
  expect(await throttle.attempt("a")).toMatchObject({ outcome: "free" });
  expect(await throttle.attempt("a")).toEqual({ outcome: "throttled", retryAfterSeconds: 60 });
});

test("failures of all names are counted together", async () => {
  const { throttle, at } = await clocked();
  for (let attempt = 0; attempt < MOST_PER_NETWORK; attempt += 1) {
    expect(await throttle.attempt(`name ${attempt}`)).toMatchObject({ outcome: "free" });
  }
  at(10);
  expect(await throttle.attempt("another")).toEqual({ outcome: "throttled", retryAfterSeconds: WINDOW_MS / 1_000 - 10 });
});

test("a success forgets its name alone; what found out nothing is taken back", async () => {
  const { throttle } = await clocked();
  for (let attempt = 0; attempt < MOST_PER_NAME; attempt += 1) for (const name of ["a", "b"]) await throttle.attempt(name);
  await throttle.succeeded("a");
  expect(await throttle.attempt("b")).toMatchObject({ outcome: "throttled" });
  for (let attempt = 0; attempt < 3 * MOST_PER_NAME; attempt += 1) {
    const answer = await throttle.attempt("a");
    if (answer.outcome !== "free") throw new Error("throttled");
    await throttle.withdraw(answer.ticket);
  }
});

test("nothing is left of a network that has calmed down", async () => {
  const { throttle, at } = await clocked();
  await throttle.attempt("a");
  at(600);
  await throttle.attempt("b");
  at(900);
  expect(await runDurableObjectAlarm(throttle)).toBe(true);
  const rows = () => runInDurableObject(throttle, (_, state) => state.storage.sql.exec("SELECT name FROM attempts").toArray());
  expect(await rows()).not.toHaveLength(0);
  at(1_500);
  expect(await runDurableObjectAlarm(throttle)).toBe(true);
  expect(await rows()).toHaveLength(0);
  expect(await runInDurableObject(throttle, (_, state) => state.storage.getAlarm())).toBeNull();
  expect(await throttle.attempt("a")).toMatchObject({ outcome: "free" });
});
