// Tells the browser what a page was answered, or why it was not.
import { answers } from "./answers.mjs";
import { element } from "./element.mjs";

/** Of every call, once the engine is there. */
export const tellAnswers = (api) => tell(() => answersOf(api));

/** And of the element that the page has. */
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
