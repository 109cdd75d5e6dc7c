// A page with the one classic script of the package, element included; made into a classic script itself.
import { answers } from "./answers.mjs";
import { element } from "./element.mjs";
import { tell } from "./tell.mjs";

const api = globalThis.sendergate;
tell(async () => {
  await api.ready();
  return [...(await answers(api)), ...(await element(document))];
});
