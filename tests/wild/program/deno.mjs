// Deno, without permissions.
import * as api from "sendergate";
import { answers } from "./answers.mjs";

console.log(`ANSWERS ${JSON.stringify(await answers(api))}`);
