"use strict";
// No loader, in Node: the same instance as the package's main entry has.
const { configure, toModule, ...api } = require("./core.cjs");

async function init(source) {
  const module = await toModule(source);
  configure({ sync: () => module });
}

module.exports = { ...api, init };
