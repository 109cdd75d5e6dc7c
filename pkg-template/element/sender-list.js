// <sender-list>: the field for a list of domains or senders, which says what is wrong with it while it is typed.

import { applyFix, fixAll, parseDomainList, parseSenderList, ready, validateUser } from "sendergate";

import { onArrival } from "../arrival.js";
import { internalsOf } from "./internals.js";
import { Problems, h } from "./problems.js";
import { reflect } from "./reflect.js";
import { replace } from "./replace.js";
import { dress } from "./style.js";
import { english } from "./words.js";

/** Shorter lists are read at every keystroke, longer ones once a frame. */
const AT_ONCE = 1 << 14;
/** A list whose reading took longer than this many milliseconds is read when the typing pauses. */
const SLOW = 8;
/** How long a problem right before the caret is held back: the word is still being typed. */
const TYPING = 700;
const ANNOUNCE = 1000;

const PARSERS = { domains: parseDomainList, senders: parseSenderList };
const connected = new Set();
let shared = english;
/** Whether the engine is known to be there: then an element need not wait at all. */
let loaded = false;

/** jsdom has no frames, unless it pretends to be visible. */
const withFrame = (show) => (globalThis.requestAnimationFrame ? requestAnimationFrame(show) : setTimeout(show));
const withoutFrame = (frame) => (globalThis.cancelAnimationFrame ? cancelAnimationFrame(frame) : clearTimeout(frame));

/** On a server there is no HTMLElement; importing must do no harm there. */
const Base = globalThis.HTMLElement ?? class {};

const flags = ["required", "readonly", "disabled"];
const passedOn = ["placeholder", "rows", "spellcheck"];

export class SenderList extends Base {
  static formAssociated = true;
  static observedAttributes = ["kind", "label", "value", "counterpart", ...flags, ...passedOn];

  static {
    // The page may bring the engine after elements failed to load it, and the right one after a wrong one. One call tries what has
    // arrived: a second one, after the first has found it wrong, would download.
    const tryAgain = () => {
      onArrival(tryAgain);
      if (!loaded && connected.size > 0) ready().then(() => SenderList.#begin(), () => {});
    };
    onArrival(tryAgain);
  }

  /** The engine is loaded: every element that waits for it, or failed to load it, reads its list. */
  static #begin(...more) {
    loaded = true;
    for (const element of [...connected, ...more]) {
      if (element.#state === "ready") continue;
      element.#state = "ready";
      element.#check();
    }
  }

  /** The words of every element; what is left out stays English. */
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

  /** A list of senders is read again when its list of domains has been, wherever and whenever that comes into the page. */
  #onOther = (event) => {
    if (this.kind !== "senders" || event.target === this || event.target.id !== this.counterpart) return;
    if (this.#took <= SLOW && this.#field.value.length <= AT_ONCE) this.#check();
    else this.#putOff();
  };
  #root;
  #words = {};
  #custom = "";
  #parsed;
  #dirty = false; // typed into, or set: the `value` attribute counts no more
  #state = "loading";
  #stale = false;
  #took = 0;
  /** What is said of the list by itself, which "fix all" mends; the list beside it may add to that. */
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
    dress(root);
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
    // An `input` event leaves the shadow tree by itself; `change` does not.
    this.#field.addEventListener("change", () => this.dispatchEvent(new Event("change", { bubbles: true })));
    this.addEventListener("focusin", () => this.#name());
    this.addEventListener("focusout", () => this.#settle());
    // A `<label for>` outside hands its click to the element.
    this.addEventListener("click", (event) => event.composedPath()[0] === this && this.#field.focus());
  }

  connectedCallback() {
    connected.add(this);
    for (const name of Object.keys(this)) {
      if (!(name in SenderList.prototype)) continue;
      // Set before the element was defined.
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
  /** What was made of the text; undefined until the engine is loaded. */
  get parsed() { return this.#read(), this.#parsed; }
  /** Words for this element alone. */
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

  /** Anything but the text has changed. */
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

  /** Reads a long text later: with the next frame, or where that takes too long, when typing pauses. Whoever asks has it read at once. */
  #putOff() {
    this.#stale = true;
    clearTimeout(this.#slowTimer);
    if (this.#took <= SLOW) this.#schedule();
    else this.#slowTimer = setTimeout(() => this.#schedule(), Math.min(1000, 8 * this.#took));
  }

  /** The typing has paused: nothing is held back any more. */
  #settle() {
    clearTimeout(this.#typingTimer);
    this.#typed = false;
    this.#read();
    this.#schedule();
  }

  /** Reads the text where that has been put off. */
  #read() {
    if (this.#stale) this.#check();
  }

  #parse(text) {
    const parsed = PARSERS[this.kind](text);
    this.#own = parsed.diagnostics;
    const other = this.kind === "senders" && this.counterpart !== "" && this.#root?.getElementById?.(this.counterpart);
    if (!(other instanceof SenderList)) return parsed;
    // The list of domains is asked for senders that it covers already.
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
    // What is submitted is the canonical list; what the browser restores is what was typed.
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

  /** Says the number of problems, once the typing has paused and where it has changed. */
  #announce(summary) {
    clearTimeout(this.#liveTimer);
    this.#liveTimer = setTimeout(() => {
      if (summary !== (this.#announced ?? this.messages.summary({ errors: 0, warnings: 0 }))) this.#live.textContent = summary;
      this.#announced = summary;
    }, ANNOUNCE);
  }

  /** A label inside, else the name that labels outside give, else a name of our own. */
  #name() {
    const own = this.getAttribute("label") ?? "";
    this.#labelText.data = own;
    this.#label.hidden = own === "" && !this.querySelector(':scope > [slot="label"]');
    const outside = [...(this.#internals.labels ?? [])].map((label) => label.textContent.trim()).join(" ");
    if (this.#label.hidden) this.#field.setAttribute("aria-label", outside || this.messages.name(this.kind));
    else this.#field.removeAttribute("aria-label");
  }

  // ── Mending ──

  #select({ start, end }) {
    // Browsers scroll to a caret in a field that gets the focus, and to nothing else.
    this.#field.blur();
    this.#field.setSelectionRange(start, start);
    this.#field.focus();
    this.#field.setSelectionRange(start, end);
  }

  /** Applies one fix, or every safe one for `undefined`. */
  #fix(diagnostic, event) {
    this.#read();
    const text = this.#field.value;
    const mended = diagnostic === undefined ? fixAll(this.kind, text).text : applyFix(text, diagnostic.fix);
    this.#replace(text, mended ?? text);
    this.#typed = false;
    this.#show();
    // With the keyboard one goes on with the next fix; with a mouse the field is at hand, and its undo.
    if (event.detail === 0 && this.#problems.focusNext()) return;
    this.#field.focus();
  }

  #replace(text, mended) {
    if (text === mended) return;
    replace(this.#field, text, mended);
    this.#read();
  }
}

/** A message for a place that shows no code. */
const plain = (message) => message.replaceAll(/`([^`]*)`/g, "“$1”");

reflect(SenderList.prototype);
if (globalThis.customElements !== undefined && customElements.get("sender-list") === undefined) {
  customElements.define("sender-list", SenderList);
}
