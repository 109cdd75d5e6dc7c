import * as api from "sendergate";
import { answers } from "./program/answers.mjs";

it("every call", async () => console.log(`ANSWERS ${JSON.stringify(await answers(api))}`));
