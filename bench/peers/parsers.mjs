// The published Wasm of mail-parser, and postal-mime, each in the cheapest way to the same answer.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import PostalMime from "postal-mime";
import { headerText, judge } from "./header-scan.mjs";

// The package is for bundlers, which instantiate the module; Node 20 does not.
const glue = await import(new URL("../node_modules/mail-parser-wasm/mail_parser_wasm_bg.js", import.meta.url));
const path = fileURLToPath(new URL("../node_modules/mail-parser-wasm/mail_parser_wasm_bg.wasm", import.meta.url));
const module = new WebAssembly.Module(readFileSync(path));
const { exports } = new WebAssembly.Instance(module, { "./mail_parser_wasm_bg.js": glue });
glue.__wbg_set_wasm(exports);
exports.__wbindgen_start();

/** It gets the header section only, and is asked for the sender only: the least work. */
export function senderByMailParser({ bytes }) {
  const result = glue.parse_message(headerText(bytes));
  const sender = result.sender;
  result.free();
  return sender;
}

export async function decideByPostalMime(policy, { mailFrom, bytes }) {
  const { from, sender, headers } = await PostalMime.parse(bytes);
  const identities = [{ identity: "mail-from", field: 0, address: mailFrom }];
  if (from !== undefined) identities.push({ identity: "from", field: 0, address: from.address });
  if (sender !== undefined) identities.push({ identity: "sender", field: 0, address: sender.address });
  const fields = {};
  for (const { key, value } of headers) fields[key] ??= value;
  return judge(policy, identities, fields);
}
