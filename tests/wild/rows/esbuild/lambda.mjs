import * as api from "sendergate";
import { answers } from "./program/answers.mjs";

export const handler = async () => ({ statusCode: 200, body: JSON.stringify(await answers(api)) });
