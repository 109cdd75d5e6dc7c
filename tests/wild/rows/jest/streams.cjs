// What the program itself needs and a page that is none hides. The package finds its own.
const { ReadableStream } = require("node:stream/web");
const util = require("node:util");

globalThis.ReadableStream ??= ReadableStream;
globalThis.program = { TextEncoder: globalThis.TextEncoder ?? util.TextEncoder, TextDecoder: globalThis.TextDecoder ?? util.TextDecoder };
