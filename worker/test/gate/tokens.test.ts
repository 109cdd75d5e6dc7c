import { afterAll, beforeAll, expect, test } from "vitest";
import { createList, expected } from "../api.ts";
import { type Gate, freshGate } from "../gate.ts";

let gate: Gate;
beforeAll(async () => {
  gate = await freshGate();
});
afterAll(() => gate.remove());

interface Token {
  id: string;
  token: string;
  lists: string[];
}
const path = "/api/service-tokens";
const all = async () => (await expected<{ items: Token[] }>(gate.admin("GET", path), 200)).items;

test("a service token is shown once, and is for the lists it names", async () => {
  const { id: list } = await createList(gate);
  const { token, ...rest } = await expected<Token>(gate.admin("POST", path, { name: "door", lists: [list] }), 201);
  expect(token).toMatch(/^sg_t[a-z2-7]{10}_[a-z2-9]{26}$/);
  expect(rest).toEqual({ id: expect.any(String), name: "door", lists: [list], createdAt: expect.any(String) });
  const answer = await (await gate.admin("GET", path)).text();
  expect(JSON.parse(answer)).toEqual({ items: [rest] });
  expect(answer).not.toContain(token.slice(-26));
});

test("it is no admin token", async () => {
  const { id: list } = await createList(gate);
  const { token } = await expected<Token>(gate.admin("POST", path, { name: "door", lists: [list] }), 201);
  for (const asked of ["/api/lists", `/api/lists/${list}/users`, path]) {
    expect((await gate.admin("GET", asked, undefined, { authorization: `Bearer ${token}` })).status, asked).toBe(401);
  }
});

test("a list that is not there, or none, makes no token", async () => {
  const before = await all();
  const { id: list } = await createList(gate);
  for (const lists of [[], ["lnowhere"], [list, "lnowhere"], [list, list], "every", null, undefined, ["all"]]) {
    expect((await gate.admin("POST", path, { name: "door", lists })).status, JSON.stringify(lists)).toBe(422);
  }
  expect(await all()).toEqual(before);
});

test("a deleted list is no token's any more", async () => {
  const [kept, gone] = [await createList(gate), await createList(gate)];
  const { id } = await expected<Token>(gate.admin("POST", path, { name: "hook", lists: [gone.id, kept.id] }), 201);
  // A deletion that comes too late takes nothing away.
  await expected(gate.admin("DELETE", `/api/lists/${gone.id}`, undefined, { "if-match": '"7"' }), 412);
  expect((await all()).find((token) => token.id === id)?.lists).toEqual([gone.id, kept.id]);
  await expected(gate.admin("DELETE", `/api/lists/${gone.id}`, undefined, { "if-match": '"1"' }), 204);
  expect((await all()).find((token) => token.id === id)?.lists).toEqual([kept.id]);
});

test("a revoked token is gone", async () => {
  const { id: list } = await createList(gate);
  const { id } = await expected<Token>(gate.admin("POST", path, { name: "hook", lists: [list] }), 201);
  await expected(gate.admin("DELETE", `${path}/${id}`), 204);
  await expected(gate.admin("DELETE", `${path}/${id}`), 404);
  expect((await all()).map((token) => token.id)).not.toContain(id);
});

test("a token for all lists is none that has lost its lists", async () => {
  const made = await expected<Token & { lists: unknown }>(gate.admin("POST", path, { name: "door", lists: "all" }), 201);
  expect(made.lists).toBe("all");
  const gone = await createList(gate);
  const { id } = await expected<Token>(gate.admin("POST", path, { name: "hook", lists: [gone.id] }), 201);
  await expected(gate.admin("DELETE", `/api/lists/${gone.id}`, undefined, { "if-match": '"1"' }), 204);
  const lists = new Map((await all()).map((token) => [token.id, token.lists]));
  expect(lists.get(made.id)).toBe("all");
  expect(lists.get(id)).toEqual([]);
  const { DB } = await gate.inside();
  await expect(DB.prepare("UPDATE service_tokens SET all_lists = 1, lists = '[\"lx\"]' WHERE id = ?").bind(id).run()).rejects.toThrow(/CHECK/);
});
