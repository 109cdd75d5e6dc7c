import { afterAll, beforeAll, expect, test } from "vitest";
import { type Gate, freshGate } from "../gate.ts";

let gate: Gate;
beforeAll(async () => {
  gate = await freshGate();
});
afterAll(() => gate.remove());

test("it serves, with the engine of the package", async () => {
  const answer = await fetch(`${gate.url}/healthz`);
  expect(await answer.json()).toEqual({
    status: "ok",
    engine: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    clock: { lastSuccessAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/), late: [] },
  });
});

test("what is not there is a problem with a code", async () => {
  const answer = await fetch(`${gate.url}/v1/nowhere`);
  expect(answer.status).toBe(404);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(await answer.json()).toMatchObject({ status: 404, code: "not-found" });
});
