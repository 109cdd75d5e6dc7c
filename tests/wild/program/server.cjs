"use strict";
// A program of a server, by `require`.
const api = require("sendergate");
const { answers } = require("./answers.cjs");

answers(api).then(
  (all) => console.log(`ANSWERS ${JSON.stringify(all)}`),
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
