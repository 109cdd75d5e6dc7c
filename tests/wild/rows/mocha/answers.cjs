const api = require("sendergate");
const { answers } = require("./program/answers.cjs");

it("every call", async () => console.log(`ANSWERS ${JSON.stringify(await answers(api))}`));
