// The `ElementInternals` of the element, and a replacement where the platform has none (jsdom, happy-dom, browsers before 2023).

import { h } from "./problems.js";

const FLAGS = ["badInput", "customError", "patternMismatch", "rangeOverflow", "rangeUnderflow", "stepMismatch", "tooLong", "tooShort", "typeMismatch", "valueMissing"];

/** The internals of an element with a shadow tree that contains the focusable `field`. */
export function internalsOf(element, field) {
  const internals = element.attachInternals?.();
  return typeof internals?.setFormValue === "function" ? internals : new StandIn(element, field);
}

/** The form submits the value of a hidden input inside the element. */
class StandIn {
  #element;
  #field;
  #input = h("input", { hidden: "" });
  #form = null;
  #flags = {};
  #onReset = () => queueMicrotask(() => this.#element.formResetCallback());
  validationMessage = "";

  constructor(element, field) {
    this.#element = element;
    this.#field = field;
  }

  setFormValue(value) {
    const element = this.#element;
    if (!element.isConnected) return;
    if (this.#input.parentNode !== element) element.append(this.#input);
    this.#input.name = element.name;
    this.#input.value = value;
    if (this.#input.disabled !== element.disabled) {
      this.#input.disabled = element.disabled;
      element.formDisabledCallback(element.disabled);
    }
    if (this.form === this.#form) return;
    this.#form?.removeEventListener("reset", this.#onReset);
    this.#form = this.form;
    this.#form?.addEventListener("reset", this.#onReset);
  }

  setValidity(flags, message = "") {
    this.#flags = flags;
    this.validationMessage = message;
    this.#input.setCustomValidity(message);
  }

  get validity() {
    const found = Object.fromEntries(FLAGS.map((name) => [name, this.#flags[name] ?? false]));
    return { ...found, valid: !Object.values(found).includes(true) };
  }
  get willValidate() { return !this.#element.disabled; }
  get form() { return this.#element.closest("form"); }
  get labels() {
    const { id } = this.#element;
    return [...this.#element.ownerDocument.querySelectorAll("label")].filter((label) => label.contains(this.#element) || (id !== "" && label.htmlFor === id));
  }

  checkValidity() {
    return !this.willValidate || this.validity.valid || (this.#element.dispatchEvent(new Event("invalid", { cancelable: true })), false);
  }
  reportValidity() {
    return this.checkValidity() || (this.#field.focus(), false);
  }
}
