// The list of problems below the field.

/** The list shows this many problems, and the number of the others. */
const SHOWN = 20;
/** A screen reader reads this many with the field; the others are in the list. */
const DESCRIBED = 3;

/** Creates an element with attributes and children. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const name in attributes) element.setAttribute(name, attributes[name]);
  element.append(...children);
  return element;
}

/** Sets a text; the parts in backticks become `<code>`. */
function setWords(element, words) {
  element.replaceChildren(...words.split("`").map((piece, index) => (index % 2 === 1 ? h("code", { part: "code" }, piece) : piece)));
}

export class Problems {
  #count = h("p", { id: "count", part: "summary" });
  #fixAll = h("button", { type: "button", class: "fix", part: "button fix-all" });
  #list = h("ul", { part: "problems", role: "list" });
  #more = h("p", { class: "more", part: "more" });
  #retry;
  #rows = [];
  #shown = [];
  #used = 0;
  element = h("div", {}, h("div", { class: "bar", part: "bar" }, this.#count, this.#fixAll), this.#list, this.#more);
  /** The ids for `aria-describedby` of the field. */
  described = [];

  constructor(select, fix) {
    this.#fixAll.addEventListener("click", (event) => (this.#retry ? this.#retry() : fix(undefined, event)));
    this.#list.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      const index = this.#rows.findIndex((row) => button !== null && row.element.contains(button));
      const diagnostic = this.#shown[index];
      if (diagnostic === undefined) return;
      this.#used = index;
      if (button.classList.contains("fix")) fix(diagnostic, event);
      else if (diagnostic.span !== undefined) select(diagnostic.span);
    });
  }

  /**
   * Shows `diagnostics`, of which "fix all" corrects `fixable`. With `retry` it shows that the engine could not be loaded. Returns
   * the summary.
   */
  show(diagnostics, words, editable, fixable, retry) {
    const errors = diagnostics.filter(({ severity }) => severity === "error").length;
    const summary = retry ? words.failed() : words.summary({ errors, warnings: diagnostics.length - errors });
    this.#retry = retry;
    this.#count.textContent = summary;
    this.#count.parentElement.hidden = diagnostics.length === 0 && !retry;
    this.#fixAll.hidden = !retry && fixable < 2;
    this.#fixAll.textContent = retry ? words.retry() : words.fixAll(fixable);

    // Rows are reused: a button must not disappear between mouse down and mouse up.
    this.#shown = diagnostics.slice(0, SHOWN);
    while (this.#rows.length < this.#shown.length) {
      const row = new Row(this.#rows.length);
      this.#rows.push(row);
      this.#list.append(row.element);
    }
    this.#rows.forEach((row, index) => row.show(this.#shown[index], words, editable));
    this.#list.hidden = this.#shown.length === 0;
    this.#more.hidden = diagnostics.length <= SHOWN;
    this.#more.textContent = words.more(diagnostics.length - SHOWN);
    this.described = diagnostics.length > 0 || retry ? ["count", ...this.#shown.slice(0, DESCRIBED).map((_, index) => `problem${index}`)] : [];
    return summary;
  }

  /**
   * Focuses a safe fix that is left: the next one after the one that was used, otherwise the last. Only safe ones: who presses
   * Enter again and again must not authorize more senders that way.
   */
  focusNext() {
    const left = this.#rows.filter((row, index) => !row.element.hidden && !row.fix.hidden && this.#shown[index]?.fix?.safe);
    const next = left.find((row) => this.#rows.indexOf(row) >= this.#used) ?? left.at(-1);
    next?.fix.focus();
    return next !== undefined;
  }
}

class Row {
  #severity = h("b", { part: "severity" });
  #words = h("span");
  #message;
  #help;
  fix;
  element;

  constructor(index) {
    this.#message = h("button", { type: "button", class: "message", part: "message", id: `problem${index}` }, this.#severity, this.#words);
    this.#help = h("p", { class: "help", part: "help" });
    this.fix = h("button", { type: "button", class: "fix", part: "button fix", id: `fix${index}`, "aria-labelledby": `fix${index} problem${index}` });
    this.element = h("li", {}, h("div", { class: "problem" }, this.#message, this.#help), this.fix);
  }

  show(diagnostic, words, editable) {
    this.element.hidden = diagnostic === undefined;
    if (diagnostic === undefined) return;
    const { severity, fix } = diagnostic;
    const { message, help } = words.diagnostic(diagnostic);
    this.element.className = severity;
    this.element.setAttribute("part", `problem ${severity}`);
    this.#severity.textContent = words.severity(severity);
    setWords(this.#words, message);
    setWords(this.#help, help ?? "");
    this.#help.hidden = !help;
    this.fix.hidden = fix === undefined || !editable;
    if (fix !== undefined) setWords(this.fix, words.fix(diagnostic));
  }
}
