// What a person and a form get from `<sender-list name="domains">`, in a real or simulated browser.

const TYPED = "https://yourcompany.example, shop.example";

/** Types a wrong list into the element of the page, and applies "fix all". */
export async function element(document) {
  const list = await until(() => document.querySelector("sender-list")?.shadowRoot && document.querySelector("sender-list"), "the element");
  list.value = TYPED;
  await until(() => list.parsed !== undefined, "the engine", () => list.shadowRoot.textContent);
  const typed = state(list);
  // The button has a text after the element has shown the problems.
  const shownButton = () => [...list.shadowRoot.querySelectorAll('[part~="fix-all"]')].find(({ hidden, textContent }) => !hidden && textContent !== "");
  const button = await until(shownButton, "the button that corrects all");
  const shown = [...list.shadowRoot.querySelectorAll('[part~="message"]')].map((words) => words.textContent);
  button.click();
  await until(() => list.value !== TYPED, "a corrected list");
  return [["element: typed", JSON.stringify({ ...typed, shown })], ["element: corrected", JSON.stringify(state(list))]];
}

function state(list) {
  const submitted = new (list.ownerDocument.defaultView.FormData)(list.form).get("domains");
  return { value: list.value, valid: list.checkValidity(), message: list.validationMessage, submitted };
}

async function until(read, what, detail = () => "") {
  for (const start = Date.now(); Date.now() - start < 10_000; ) {
    const value = read();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${what} did not come in 10 s ${detail()}`);
}
