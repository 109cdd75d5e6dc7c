import "./streams.cjs";
import { answers } from "./program/answers.mjs";

test("every call", async () => {
  const api = await import("sendergate");
  if (globalThis.document) await api.ready();
  console.log(`ANSWERS ${JSON.stringify(await answers(api))}`);
});
