import * as api from "sendergate";
import { answers } from "./program/answers.mjs";

export async function call() {
  await api.ready();
  return answers(api);
}
