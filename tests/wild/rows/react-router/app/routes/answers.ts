import * as api from "sendergate";
import { answers } from "../../program/answers.mjs";

export const loader = async () => Response.json(await answers(api));
