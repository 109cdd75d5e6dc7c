"use strict";
// Without a loader, in Node: it shares the instance of the main entry.
const { configure, toModule, ...api } = require("./core.cjs");

async function init(source) {
  configure({ module: await toModule(source) });
}

module.exports = { ...api, init };
