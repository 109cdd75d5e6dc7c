import { defineHandler } from "nitro";
import * as api from "sendergate";
import { answers } from "../program/answers.mjs";

export default defineHandler(() => answers(api));
