import { expect, test } from "bun:test";
import * as api from "sendergate";
import { answers } from "./program/answers.mjs";

test("every call", async () => {
  const all = await answers(api);
  console.log(`ANSWERS ${JSON.stringify(all)}`);
  expect(all.length).toBeGreaterThan(40);
});
