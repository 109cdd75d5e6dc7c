import * as api from "sendergate";
import { test } from "vitest";
import { answers } from "./program/answers.mjs";

test("every call", async () => {
  if (globalThis.document) await api.ready();
  console.log(`ANSWERS ${JSON.stringify(await answers(api))}`);
});
