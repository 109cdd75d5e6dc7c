require("./streams.cjs");
const { answers } = require("./program/answers.cjs");

test("every call", async () => {
  const api = require("sendergate");
  // A page awaits the engine; a server need not.
  if (globalThis.document) await api.ready();
  console.log(`ANSWERS ${JSON.stringify(await answers(api))}`);
});
