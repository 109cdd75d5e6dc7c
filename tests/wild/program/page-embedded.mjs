// A page with the engine inside the code.
import * as api from "sendergate/embedded";
import { answers } from "./answers.mjs";
import { tell } from "./tell.mjs";

tell(async () => {
  await api.ready();
  return answers(api);
});
