import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { expect, test, vi } from "vitest";
import type { Exhausted } from "../../src/intake/allowance.ts";
import { Window } from "../../src/intake/window.ts";
import { env } from "./made.ts";

const START = 1_800_000_000_123;
const DAY = 86_400_000;
let made = 0;

/** An allowance whose clock and limits the test sets. */
async function clocked(limits: { MESSAGES_PER_MINUTE?: string; MESSAGES_PER_DAY?: string; RECIPIENTS_PER_DAY?: string }) {
  const allowance = env.ALLOWANCE.getByName(`suser${(made += 1)}`);
  let now = START;
  await runInDurableObject(allowance, (instance) => {
    instance.now = () => now;
    Object.assign(instance, { env: { ...env, ...limits } });
  });
  return { allowance, at: (ms: number) => (now = START + ms) };
}

test("in no 60 seconds are there more than the limit, wherever they begin; and the answer says when the next is taken", async () => {
  const { allowance, at } = await clocked({ MESSAGES_PER_MINUTE: "5" });
  const taken: number[] = [];
  let told: Exhausted | undefined;
  // Somebody who asks every 700 ms for five minutes, whatever the answer.
  for (let ms = 0; ms < 300_000; ms += 700) {
    const now = at(ms);
    const over = await allowance.take(1);
    if (over === undefined) {
      taken.push(now);
      // Not a moment too early, nor long after.
      if (told !== undefined) expect(now - told.until).toBeLessThan(700);
      told = undefined;
      continue;
    }
    expect(over).toMatchObject({ counted: "messages", limit: 5, per: "minute" });
    expect(over.until).toBeGreaterThan(now);
    if (told !== undefined) expect(over.until).toBe(told.until);
    told = over;
  }
  for (const from of taken) expect(taken.filter((one) => one >= from && one < from + 60_000).length).toBeLessThanOrEqual(5);
  // It slides: who was refused at the end of one minute is not let in five times at the beginning of the next. Nor is less let through.
  expect(taken.length).toBeGreaterThanOrEqual(24);
});

test("a day's count outlives the object, and is told apart from the minute's", async () => {
  const limits = { MESSAGES_PER_MINUTE: "100", MESSAGES_PER_DAY: "3" };
  const { allowance, at } = await clocked(limits);
  for (const ms of [0, 1_000, 2_000]) {
    at(ms);
    expect(await allowance.take(1)).toBeUndefined();
  }
  const over = await allowance.take(1);
  expect(over).toMatchObject({ limit: 3, per: "day" });
  expect((over?.until ?? 0) - START - DAY).toBeGreaterThan(0);
  expect((over?.until ?? 0) - START - DAY).toBeLessThan(DAY / 120 + 1);
  // Another object on the same storage, as after a restart.
  await runInDurableObject(allowance, (instance, state) => {
    const Again = instance.constructor as new (state: DurableObjectState, bindings: typeof env) => typeof instance;
    const again = new Again(state, { ...env, ...limits });
    again.now = () => START + 60_000;
    expect(again.take(1)).toMatchObject({ limit: 3, per: "day" });
    again.now = () => START + DAY + DAY / 60;
    expect(again.take(1)).toBeUndefined();
  });
});

test("recipients are counted a day, whatever the number of messages, exactly; and the answer says when so many fit", async () => {
  const limits = { MESSAGES_PER_MINUTE: "100", RECIPIENTS_PER_DAY: "1000" };
  const { allowance, at } = await clocked(limits);
  const take = async (ms: number, recipients: number) => {
    at(ms);
    return allowance.take(recipients);
  };
  expect(await take(0, 400)).toBeUndefined();
  expect(await take(3_600_000, 599)).toBeUndefined();
  const over = { counted: "recipients", limit: 1_000, per: "day" };
  const two = await take(3_602_000, 2);
  expect(two).toMatchObject(over);
  // What did not go through was not counted, and what has no recipient passes.
  expect(await take(3_604_000, 0)).toBeUndefined();
  expect(await take(3_606_000, 1)).toBeUndefined();
  // Two fit when the four hundred are a day old, more than these when the others are.
  const day = (until: number | undefined, since: number) => {
    expect((until ?? 0) - START - since).toBeGreaterThan(DAY);
    expect((until ?? 0) - START - since).toBeLessThan(DAY + DAY / 120 + 1);
  };
  day(two?.until, 0);
  day((await take(3_608_000, 400))?.until, 0);
  day((await take(3_608_000, 401))?.until, 3_600_000);
  // They outlive the object.
  await runInDurableObject(allowance, (instance, state) => {
    const Again = instance.constructor as new (state: DurableObjectState, bindings: typeof env) => typeof instance;
    const again = new Again(state, { ...env, ...limits });
    again.now = () => START + 3_610_000;
    expect(again.take(1)).toMatchObject(over);
    again.now = () => (two?.until ?? 0) - 1;
    expect(again.take(1)).toMatchObject(over);
    again.now = () => two?.until ?? 0;
    expect(again.take(400)).toBeUndefined();
    expect(again.take(1)).toMatchObject(over);
  });
});

test("of several limits the one is told that has to be waited for longest", async () => {
  const { allowance, at } = await clocked({ MESSAGES_PER_MINUTE: "2", RECIPIENTS_PER_DAY: "10" });
  expect(await allowance.take(5)).toBeUndefined();
  expect(await allowance.take(5)).toBeUndefined();
  expect(await allowance.take(0)).toMatchObject({ counted: "messages", per: "minute" });
  expect(await allowance.take(1)).toMatchObject({ counted: "recipients", per: "day" });
  at(61_000);
  expect(await allowance.take(0)).toBeUndefined();
});

test("a limit that was lowered refuses recipients, and not a message or check without any", async () => {
  const { allowance } = await clocked({ RECIPIENTS_PER_DAY: "100" });
  expect(await allowance.take(50)).toBeUndefined();
  await runInDurableObject(allowance, (instance) => Object.assign(instance, { env: { ...env, RECIPIENTS_PER_DAY: "10" } }));
  expect(await allowance.take(1)).toMatchObject({ counted: "recipients", limit: 10 });
  expect(await allowance.take(0)).toBeUndefined();
});

test("an allowance of before recipients were counted goes on with its messages", async () => {
  const { allowance } = await clocked({});
  await runInDurableObject(allowance, (instance, state) => {
    const day = Math.floor(START / (DAY / 120));
    state.storage.kv.put("counts", { minute: [], day: [[day, 100_000]] });
    const Again = instance.constructor as new (state: DurableObjectState, bindings: typeof env) => typeof instance;
    const again = new Again(state, env);
    again.now = () => START;
    expect(again.take(1)).toMatchObject({ counted: "messages", limit: 100_000, per: "day" });
  });
});

test("many messages a second are saved once a second, and one by itself at once", async () => {
  const { allowance, at } = await clocked({});
  const saved = () => runInDurableObject(allowance, (_, state) => state.storage.kv.get<{ day: [number, number][] }>("counts")?.day[0]?.[1] ?? 0);
  expect(await allowance.take(1)).toBeUndefined();
  expect(await saved()).toBe(1);
  for (const ms of [10, 20, 30]) {
    at(ms);
    await allowance.take(1);
  }
  expect(await saved()).toBe(1);
  at(1_000);
  await vi.waitFor(async () => expect(await saved()).toBe(4), 5_000);
  at(2_000);
  await allowance.take(1);
  expect(await saved()).toBe(5);
  // A clock that is set back by an hour puts no save off for as long.
  at(2_000 - 3_600_000);
  await allowance.take(1);
  await vi.waitFor(async () => expect(await saved()).toBe(6), 5_000);
});

test("0 is no limit, an empty setting is the default", async () => {
  const { allowance } = await clocked({ MESSAGES_PER_MINUTE: "0", MESSAGES_PER_DAY: "", RECIPIENTS_PER_DAY: "0" });
  const free = (stub: typeof allowance, times: number) =>
    runInDurableObject(stub, (instance) => Array.from({ length: times }, () => instance.take(1)).filter((over) => over === undefined).length);
  expect(await free(allowance, 700)).toBe(700);
  const usual = await clocked({});
  expect(await free(usual.allowance, 700)).toBe(600);
  expect(await usual.allowance.take(1)).toMatchObject({ limit: 600, per: "minute" });
  const many = await clocked({});
  const thousands = await runInDurableObject(many.allowance, (instance) => Array.from({ length: 300 }, () => instance.take(1_000)).filter((over) => over === undefined).length);
  expect(thousands).toBe(200);
  expect(await many.allowance.take(1)).toMatchObject({ counted: "recipients", limit: 200_000 });
  const unlimited = await clocked({ RECIPIENTS_PER_DAY: "0" });
  const all = await runInDurableObject(unlimited.allowance, (instance) => Array.from({ length: 300 }, () => instance.take(1_000)).filter((over) => over === undefined).length);
  expect(all).toBe(300);
});

test("what is kept of a user does not grow with its messages, and nothing is left after a silent day", async () => {
  const { allowance, at } = await clocked({ MESSAGES_PER_MINUTE: "0" });
  await runInDurableObject(allowance, (instance) => {
    for (let ms = 0; ms < 2 * DAY; ms += 97_000) {
      at(ms);
      instance.take(1);
    }
  });
  const kept = () => runInDurableObject(allowance, (_, state) => JSON.stringify(state.storage.kv.get("counts") ?? null));
  expect((await kept()).length).toBeGreaterThan(1_000);
  expect((await kept()).length).toBeLessThan(6_000);
  at(2 * DAY + 3_600_000);
  expect(await runDurableObjectAlarm(allowance)).toBe(true);
  expect(await kept()).not.toBe("null");
  at(4 * DAY);
  expect(await runDurableObjectAlarm(allowance)).toBe(true);
  expect(await kept()).toBe("null");
  expect(await runInDurableObject(allowance, (_, state) => state.storage.getAlarm())).toBeNull();
  expect(await allowance.take(1)).toBeUndefined();
});

test("a window against a list of all times, with random pauses, one by one and several at once", () => {
  let seed = 7;
  const random = () => (seed = (seed * 48_271) % 0x7fffffff) / 0x7fffffff;
  for (let round = 0; round < 50; round += 1) {
    const limit = 1 + Math.floor(random() * 20);
    const window = new Window(60_000);
    const times: number[] = [];
    for (let now = START, asked = 0; asked < 400; asked += 1, now += Math.floor(random() ** 4 * 40_000)) {
      const count = round % 2 === 0 ? 1 : 1 + Math.floor(random() * limit);
      const until = window.fullUntil(limit, now, count);
      const within = times.filter((time) => time > now - 60_000).length;
      if (until === undefined) {
        expect(within + count).toBeLessThanOrEqual(limit);
        window.add(now, count);
        for (let one = 0; one < count; one += 1) times.push(now);
      } else {
        // One part of the window late at most.
        expect(times.filter((time) => time > now - 60_500).length + count).toBeGreaterThan(limit);
        expect(new Window(60_000, window.slots).fullUntil(limit, until, count)).toBeUndefined();
        expect(new Window(60_000, window.slots).fullUntil(limit, until - 1, count)).toBe(until);
      }
    }
  }
});
