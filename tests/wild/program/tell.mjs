// Stores a page's answers, or the error, in a global variable.
import { answers } from "./answers.mjs";
import { element } from "./element.mjs";

/** The answers of every call, after the engine has loaded. */
export const tellAnswers = (api) => tell(() => answersOf(api));

/** The same, with those of the page's element. */
export const tellPage = (api) => tell(async () => [...(await answersOf(api)), ...(await element(document))]);

async function answersOf(api) {
  await api.ready();
  return answers(api);
}

async function tell(run) {
  globalThis.answers = await run().catch((error) => ({ error: describe(error) }));
}

function describe(error) {
  const cause = error?.cause === undefined ? "" : `; cause: ${describe(error.cause)}`;
  return `${error?.stack ?? error}${cause}`;
}
