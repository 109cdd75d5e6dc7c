// A page with the element.
import * as api from "sendergate";
import "sendergate/element";
import { answers } from "./answers.mjs";
import { element } from "./element.mjs";
import { tell } from "./tell.mjs";

tell(async () => {
  await api.ready();
  return [...(await answers(api)), ...(await element(document))];
});
