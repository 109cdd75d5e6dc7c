// Deno: an error ends it, without a permission.
import * as api from "sendergate";
import { answers } from "./answers.mjs";

console.log(`ANSWERS ${JSON.stringify(await answers(api))}`);
