// A worker, shared or not: answers whoever asks.
import * as api from "sendergate";
import { answers } from "./program/answers.mjs";

const answer = async (port) => {
  try {
    await api.ready();
    port.postMessage(await answers(api));
  } catch (error) {
    port.postMessage({ error: String(error?.stack ?? error) });
  }
};
if ("SharedWorkerGlobalScope" in globalThis) globalThis.onconnect = ({ ports: [port] }) => answer(port);
else answer(globalThis);
