import * as api from "sendergate";
import { answers } from "../../../program/answers.mjs";

export const GET = async () => Response.json(await answers(api));
