"use strict";
// No loader, in Node: the same instance as the package's main entry has.
const { configure, toModule, ...api } = require("./core.cjs");

async function init(source) {
  configure({ module: await toModule(source) });
}

module.exports = { ...api, init };
