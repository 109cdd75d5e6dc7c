// <sender-list>: a field for a list of domains or senders, which shows problems while a person types.

import { applyFix, fixAll, parseDomainList, parseSenderList, ready, validateUser } from "sendergate";

import { onArrival } from "../arrival.js";
import { internalsOf } from "./internals.js";
import { Problems, h } from "./problems.js";
import { reflect } from "./reflect.js";
import { replace } from "./replace.js";
import { applyStyle } from "./style.js";
import { english } from "./words.js";

/** Up to this length a list is parsed at every keystroke, a longer one once a frame. */
const AT_ONCE = 1 << 14;
/** If parsing took longer than this, in milliseconds, the list is parsed when the typing pauses. */
const SLOW = 8;
/** How long a problem right before the caret stays hidden, in milliseconds: the person is still typing the word. */
const TYPING = 700;
const ANNOUNCE = 1000;

const PARSERS = { domains: parseDomainList, senders: parseSenderList };
const connected = new Set();
let shared = english;
/** Whether the engine is loaded: then new elements do not wait. */
let loaded = false;

/** jsdom has no frames, unless it is told to pretend to be visual. */
const withFrame = (show) => (globalThis.requestAnimationFrame ? requestAnimationFrame(show) : setTimeout(show));
const withoutFrame = (frame) => (globalThis.cancelAnimationFrame ? cancelAnimationFrame(frame) : clearTimeout(frame));

/** A server has no HTMLElement, and must be able to import this file. */
const Base = globalThis.HTMLElement ?? class {};

const flags = ["required", "readonly", "disabled"];
const passedOn = ["placeholder", "rows", "spellcheck"];

export class SenderList extends Base {
  static formAssociated = true;
  static observedAttributes = ["kind", "label", "value", "counterpart", ...flags, ...passedOn];

  static {
    // `init` may bring the engine after elements failed to load it, or the right module after a wrong one. Only one call tries the
    // new module: a second call would start a download if the first one found the module to be wrong.
    const tryAgain = () => {
      onArrival(tryAgain);
      if (!loaded && connected.size > 0) ready().then(() => SenderList.#begin(), () => {});
    };
    onArrival(tryAgain);
  }

  /** The engine is loaded: every element that waits for it, or failed to load it, parses its list. */
  static #begin(...more) {
    loaded = true;
    for (const element of [...connected, ...more]) {
      if (element.#state === "ready") continue;
      element.#state = "ready";
      element.#check();
    }
  }

  /** The texts of all elements; what is left out stays English. */
  static get messages() {
    return shared;
  }
  static set messages(words) {
    shared = { ...english, ...words };
    for (const element of connected) element.#refresh();
  }

  #field = h("textarea", { id: "field", part: "field", rows: 3, spellcheck: "false", autocapitalize: "none", autocomplete: "off" });
  #internals = internalsOf(this, this.#field);
  #label = h("label", { for: "field", part: "label" });
  #labelText = document.createTextNode("");
  #hint = h("div", { id: "hint", class: "hint", part: "hint", hidden: "" });
  #problems = new Problems(
    (span) => this.#select(span),
    (fixed, event) => this.#fix(fixed, event),
  );
  #live = h("div", { class: "live", role: "status" });

  /** A list of senders is parsed again after its list of domains, which may be anywhere in the page, or come later. */
  #onOther = (event) => {
    if (this.kind !== "senders" || event.target === this || event.target.id !== this.counterpart) return;
    if (this.#took <= SLOW && this.#field.value.length <= AT_ONCE) this.#check();
    else this.#putOff();
  };
  #root;
  #words = {};
  #custom = "";
  #parsed;
  #dirty = false; // typed into, or set: the attribute `value` has no effect any more
  #state = "loading";
  #stale = false;
  #took = 0;
  /** The diagnostics of this list alone, which "fix all" corrects; the list of domains may add others. */
  #own = [];
  #typed = false;
  #announced;
  #frame = 0;
  #slowTimer = 0;
  #typingTimer = 0;
  #liveTimer = 0;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open", delegatesFocus: true });
    applyStyle(root);
    const slots = { label: h("slot", { name: "label" }), hint: h("slot", { name: "hint" }) };
    slots.label.append(this.#labelText);
    this.#label.append(slots.label);
    this.#hint.append(slots.hint);
    root.append(this.#label, this.#hint, this.#field, this.#problems.element, this.#live);

    root.addEventListener("slotchange", () => {
      this.#hint.hidden = slots.hint.assignedNodes().length === 0;
      this.#name();
      this.#schedule();
    });
    this.#field.addEventListener("input", () => this.#onInput());
    // Of the field's events, `input` leaves the shadow tree, and `change` does not.
    this.#field.addEventListener("change", () => this.dispatchEvent(new Event("change", { bubbles: true })));
    this.addEventListener("focusin", () => this.#name());
    this.addEventListener("focusout", () => this.#settle());
    // A click on a `<label for>` outside arrives as a click on the element.
    this.addEventListener("click", (event) => event.composedPath()[0] === this && this.#field.focus());
  }

  connectedCallback() {
    connected.add(this);
    for (const name of Object.keys(this)) {
      if (!(name in SenderList.prototype)) continue;
      // A property that was set before the element was defined hides the accessor.
      const value = this[name];
      delete this[name];
      this[name] = value;
    }
    (this.#root = this.getRootNode()).addEventListener("sender-list-parsed", this.#onOther);
    if (loaded) this.#state = "ready";
    this.#refresh();
    if (!loaded) this.#load();
  }

  disconnectedCallback() {
    connected.delete(this);
    for (const timer of [this.#slowTimer, this.#typingTimer, this.#liveTimer]) clearTimeout(timer);
    withoutFrame(this.#frame);
    this.#frame = 0;
    this.#root.removeEventListener("sender-list-parsed", this.#onOther);
  }

  attributeChangedCallback(name, before, value) {
    if (name === "value") {
      if (!this.#dirty) this.#put(value ?? "");
    } else if (passedOn.includes(name)) {
      if (value === null) this.#field.removeAttribute(name);
      else this.#field.setAttribute(name, value);
    } else if (name === "readonly") {
      this.#field.readOnly = value !== null;
    } else if (name === "required") {
      this.#field.required = value !== null;
    }
    if (this.isConnected && name !== "value") this.#refresh();
  }

  // ── The form ──

  formDisabledCallback(disabled) {
    this.#field.disabled = disabled;
    this.#schedule();
  }
  formResetCallback() {
    this.#dirty = this.#typed = false;
    this.#announced = undefined;
    this.#put(this.defaultValue);
  }
  formStateRestoreCallback(state) {
    this.value = state;
  }

  get form() { return this.#internals.form; }
  get labels() { return this.#internals.labels; }
  get type() { return "sender-list"; }
  get willValidate() { return this.#internals.willValidate; }
  get validity() { return this.#read(), this.#internals.validity; }
  get validationMessage() { return this.#read(), this.#internals.validationMessage; }
  checkValidity() { return this.#read(), this.#internals.checkValidity(); }
  reportValidity() { return this.#read(), this.#internals.reportValidity(); }
  setCustomValidity(message) {
    this.#custom = String(message);
    this.#judge();
  }

  /** The text as it was typed. */
  get value() { return this.#field.value; }
  set value(text) {
    this.#dirty = true;
    this.#put(text ?? "");
  }
  /** The parsed text; undefined until the engine is loaded. */
  get parsed() { return this.#read(), this.#parsed; }
  /** Texts for this element alone. */
  get messages() { return { ...shared, ...this.#words }; }
  set messages(words) {
    this.#words = words ?? {};
    this.#refresh();
  }

  select() { this.#field.select(); }
  setSelectionRange(start, end, direction) { this.#field.setSelectionRange(start, end, direction); }
  get selectionStart() { return this.#field.selectionStart; }
  get selectionEnd() { return this.#field.selectionEnd; }

  // ── Reading ──

  #load() {
    ready().then(() => SenderList.#begin(this), () => {
      if (loaded) return;
      this.#state = "failed";
      this.#schedule();
    });
  }

  #put(text) {
    this.#field.value = text;
    this.#size(text);
    this.#check();
  }

  #size(text) {
    this.#field.classList.toggle("long", text.length > AT_ONCE);
  }

  /** Something other than the text has changed. */
  #refresh() {
    this.#name();
    this.#check();
  }

  #onInput() {
    this.#dirty = this.#typed = true;
    const text = this.#field.value;
    this.#size(text);
    clearTimeout(this.#typingTimer);
    this.#typingTimer = setTimeout(() => this.#settle(), TYPING);
    if (text.length <= AT_ONCE && this.#took <= SLOW) return this.#check();
    this.#internals.setFormValue(text, text);
    this.#putOff();
  }

  /** Parses a long text with the next frame, or if that takes too long, when typing pauses. A getter that needs the result parses at once. */
  #putOff() {
    this.#stale = true;
    clearTimeout(this.#slowTimer);
    if (this.#took <= SLOW) this.#schedule();
    else this.#slowTimer = setTimeout(() => this.#schedule(), Math.min(1000, 8 * this.#took));
  }

  /** The typing has paused: all problems are shown. */
  #settle() {
    clearTimeout(this.#typingTimer);
    this.#typed = false;
    this.#read();
    this.#schedule();
  }

  /** Parses the text if that was put off. */
  #read() {
    if (this.#stale) this.#check();
  }

  #parse(text) {
    const parsed = PARSERS[this.kind](text);
    this.#own = parsed.diagnostics;
    const other = this.kind === "senders" && this.counterpart !== "" && this.#root?.getElementById?.(this.counterpart);
    if (!(other instanceof SenderList)) return parsed;
    // Only both lists together show which senders the domains cover already.
    const { diagnostics } = validateUser({ domains: other.value, senders: text });
    return { ...parsed, diagnostics: diagnostics.filter(({ field }) => field === "senders") };
  }

  #check() {
    this.#stale = false;
    const text = this.#field.value;
    if (this.#state === "ready") {
      const start = performance.now();
      try {
        this.#parsed = this.#parse(text);
      } catch {
        this.#parsed = undefined;
        this.#state = "failed";
      }
      this.#took = performance.now() - start;
    }
    // The form submits the canonical list; the browser restores the text as it was typed.
    this.#internals.setFormValue(this.#parsed?.ok ? this.#parsed.canonical : text, text);
    this.#judge();
    this.#schedule();
    if (this.#state === "ready") {
      this.dispatchEvent(new CustomEvent("sender-list-parsed", { detail: this.#parsed, bubbles: true, composed: true }));
    }
  }

  #judge() {
    const words = this.messages;
    const error = this.#parsed?.diagnostics.find(({ severity }) => severity === "error");
    const missing = this.required && this.#field.value.trim() === "";
    const message = this.#custom || (missing ? words.required(this.kind) : error && plain(words.diagnostic(error).message));
    if (message) {
      this.#internals.setValidity({ customError: !missing || this.#custom !== "", valueMissing: missing }, message, this.#field);
    } else {
      this.#internals.setValidity({});
    }
  }

  // ── Showing ──

  #schedule() {
    if (this.#frame === 0 && this.isConnected) {
      this.#frame = withFrame(() => {
        this.#frame = 0;
        this.#read();
        this.#show();
      });
    }
  }

  #show() {
    const all = this.#parsed?.diagnostics ?? [];
    const caret = this.#field.selectionEnd;
    const held = ({ span }) => this.#typed && span !== undefined && span.end === caret;
    const shown = this.#typed ? all.filter((diagnostic) => !held(diagnostic)) : all;
    const editable = !this.#field.disabled && !this.#field.readOnly;
    const fixable = editable ? this.#own.filter((diagnostic) => diagnostic.fix?.safe && !(this.#typed && held(diagnostic))).length : 0;
    const retry = this.#state === "failed" && (() => this.#load());
    const summary = this.#problems.show(shown, this.messages, editable, fixable, retry);
    const invalid = shown.some(({ severity }) => severity === "error");
    this.#field.setAttribute("aria-invalid", invalid);
    this.#field.setAttribute("part", invalid ? "field invalid" : "field");
    const described = [this.#hint.hidden ? "" : "hint", ...this.#problems.described].filter(Boolean);
    this.#field.setAttribute("aria-describedby", described.join(" "));
    if (this.#dirty) this.#announce(summary);
  }

  /** Announces the number of problems to screen readers, when typing has paused and if the number has changed. */
  #announce(summary) {
    clearTimeout(this.#liveTimer);
    this.#liveTimer = setTimeout(() => {
      if (summary !== (this.#announced ?? this.messages.summary({ errors: 0, warnings: 0 }))) this.#live.textContent = summary;
      this.#announced = summary;
    }, ANNOUNCE);
  }

  /** The name of the field: from its own label, otherwise from labels outside, otherwise a default. */
  #name() {
    const own = this.getAttribute("label") ?? "";
    this.#labelText.data = own;
    this.#label.hidden = own === "" && !this.querySelector(':scope > [slot="label"]');
    const outside = [...(this.#internals.labels ?? [])].map((label) => label.textContent.trim()).join(" ");
    if (this.#label.hidden) this.#field.setAttribute("aria-label", outside || this.messages.name(this.kind));
    else this.#field.removeAttribute("aria-label");
  }

  // ── Correcting ──

  #select({ start, end }) {
    // Browsers scroll to the caret only when the field receives the focus.
    this.#field.blur();
    this.#field.setSelectionRange(start, start);
    this.#field.focus();
    this.#field.setSelectionRange(start, end);
  }

  /** Applies one fix; for `undefined`, every safe one. */
  #fix(diagnostic, event) {
    this.#read();
    const text = this.#field.value;
    const corrected = diagnostic === undefined ? fixAll(this.kind, text).text : applyFix(text, diagnostic.fix);
    this.#replace(text, corrected ?? text);
    this.#typed = false;
    this.#show();
    // After a key press the focus goes to the next fix; after a click it goes to the field, where undo works.
    if (event.detail === 0 && this.#problems.focusNext()) return;
    this.#field.focus();
  }

  #replace(text, corrected) {
    if (text === corrected) return;
    replace(this.#field, text, corrected);
    this.#read();
  }
}

/** A message for a place that cannot show `<code>`. */
const plain = (message) => message.replaceAll(/`([^`]*)`/g, "“$1”");

reflect(SenderList.prototype);
if (globalThis.customElements !== undefined && customElements.get("sender-list") === undefined) {
  customElements.define("sender-list", SenderList);
}
