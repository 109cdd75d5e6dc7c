// A program of a server, by `import`.
import * as api from "sendergate";
import { answers } from "./answers.mjs";

answers(api).then(
  (all) => console.log(`ANSWERS ${JSON.stringify(all)}`),
  (error) => {
    console.error(error);
    globalThis.process.exitCode = 1;
  },
);
