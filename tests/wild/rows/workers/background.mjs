// The service worker of an extension.
import * as api from "sendergate";
import { answers } from "./program/answers.mjs";
import { tell } from "./program/tell.mjs";

tell(async () => {
  await api.ready();
  return answers(api);
});
