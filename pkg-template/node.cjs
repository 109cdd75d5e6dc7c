"use strict";
// Node: `require` and `import` meet here, so a process has one instance. The module is read at the first call.
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { configure, toModule, ...api } = require("./core.cjs");

configure({ sync: () => new WebAssembly.Module(readFileSync(join(__dirname, "sendergate.wasm"))) });

module.exports = api;
