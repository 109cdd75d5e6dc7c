import * as api from "sendergate";
import { answers } from "../program/answers.mjs";

export default defineEventHandler(() => answers(api));
