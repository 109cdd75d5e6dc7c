import { afterAll, beforeAll, expect, test } from "vitest";
import { type Gate, freshGate } from "../gate.ts";
import { type Account, type Answer, account, check, envelope, message } from "../sending.ts";

let gate: Gate;
beforeAll(async () => {
  gate = await freshGate();
});
afterAll(() => gate.remove());

const FRESHNESS = 5_000;
const now = (who: Account) => check(gate, who, envelope("info@allowed.example"), message());

/** Asks in a steady stream; how long after `change` the first answer of the new kind came, and that no old one came after it. */
async function felt(change: (who: Account) => Promise<Response>, is: (answer: Answer) => boolean, settings = {}): Promise<number> {
  const who = await account(gate, {}, settings);
  for (let warm = 0; warm < 20; warm += 1) expect(is(await now(who))).toBe(false);
  expect((await change(who)).ok).toBe(true);
  const changed = performance.now();
  let first: number | undefined;
  while (performance.now() - changed < FRESHNESS + 1_000) {
    const asked = performance.now() - changed;
    const answer = await now(who);
    if (is(answer)) first ??= asked;
    else if (asked > FRESHNESS || first !== undefined) throw new Error(`${Math.round(asked)} ms after the change: ${answer.text}`);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  return first ?? Number.POSITIVE_INFINITY;
}

test("under a steady stream every change is felt within five seconds", async () => {
  const path = (who: Account) => `/api/lists/${who.list}/users/${who.username}`;
  const match = (who: Account) => ({ "if-match": `"${who.version}"` });
  const times = await Promise.all([
    felt((who) => gate.admin("PATCH", path(who), { active: false }, match(who)), ({ code }) => code === "user-inactive"),
    felt((who) => gate.admin("PATCH", path(who), { domains: "other.example" }, match(who)), ({ decision }) => decision?.action === "block"),
    felt((who) => gate.admin("PATCH", path(who), { priority: 1 }, match(who)), ({ decision }) => decision?.priority.effective === 1),
    felt((who) => gate.admin("POST", `${path(who)}/password`), ({ status }) => status === 401 || status === 429),
    felt((who) => gate.admin("DELETE", path(who), undefined, match(who)), ({ status }) => status === 401 || status === 429),
    felt((who) => gate.admin("PATCH", `/api/lists/${who.list}`, { maxPriority: 4 }, { "if-match": '"1"' }), ({ decision }) => decision?.priority.capped === true),
  ]);
  console.log(`felt after ${times.map((time) => Math.round(time)).join(", ")} ms`);
  for (const time of times) expect(time).toBeLessThan(FRESHNESS);
});
