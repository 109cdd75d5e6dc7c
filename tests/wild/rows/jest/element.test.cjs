const { element } = require("./program/element.cjs");

test("the element", async () => {
  document.body.innerHTML = '<form><sender-list kind="domains" name="domains" label="Domains"></sender-list></form>';
  require("sendergate/element");
  console.log(`ANSWERS ${JSON.stringify(await element(document))}`);
}, 20_000);
