// A page: `await ready()` once, then every call.
import * as api from "sendergate";
import { answers } from "./answers.mjs";
import { tell } from "./tell.mjs";

tell(async () => {
  await api.ready();
  return answers(api);
});
