/** What is answered under wrong settings. */
import { applyD1Migrations, createExecutionContext } from "cloudflare:test";
import { expect, test } from "vitest";
import { app } from "../../src/app.ts";
import { env } from "./made.ts";

const ask = async (path: string, changes: object) => {
  const answer = await app.fetch(new Request(`https://gate.test${path}`), { ...env, ...changes }, createExecutionContext());
  return { status: answer.status, body: await answer.json<Record<string, unknown>>() };
};

test("a wrong setting answers every request with 503; /healthz says what is wrong, and shows no secret", async () => {
  const wrong = { OUTBOX_SHARDS: "many", SESSION_KEY: "a-secret" };
  const health = await ask("/healthz", wrong);
  expect(health).toMatchObject({
    status: 503,
    body: {
      code: "not-configured",
      faults: [
        "the setting OUTBOX_SHARDS is `many`; it wants a whole number from 1 to 1000",
        "the setting SESSION_KEY is not what it should be; it wants at least 16 octets in base64url",
      ],
    },
  });
  expect(JSON.stringify(health)).not.toContain("a-secret");
  for (const path of ["/v1/session", "/api/lists", "/openapi.json", "/nowhere"]) {
    const { status, body } = await ask(path, wrong);
    expect({ path, status, code: body["code"] }).toEqual({ path, status: 503, code: "not-configured" });
    expect(JSON.stringify(body)).not.toContain("OUTBOX_SHARDS");
  }
  await applyD1Migrations(env.DB, env.MIGRATIONS);
  expect((await ask("/healthz", {})).status).toBe(200);
});
