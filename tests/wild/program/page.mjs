// A page: `await ready()` once, then every call.
import * as api from "sendergate";
import { answers } from "./answers.mjs";

globalThis.answers = await told(async () => {
  await api.ready();
  return answers(api);
});

/** What `run` gives, or why it gives nothing. */
async function told(run) {
  try {
    return await run();
  } catch (error) {
    return { error: describe(error) };
  }
}

function describe(error) {
  const cause = error?.cause === undefined ? "" : `; cause: ${describe(error.cause)}`;
  return `${error?.stack ?? error}${cause}`;
}
