import "sendergate/element";
import { test } from "vitest";
import { element } from "./program/element.mjs";

test("the element", async () => {
  document.body.innerHTML = '<form><sender-list kind="domains" name="domains" label="Domains"></sender-list></form>';
  console.log(`ANSWERS ${JSON.stringify(await element(document))}`);
}, 20_000);
