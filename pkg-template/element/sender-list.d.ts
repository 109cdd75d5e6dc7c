/// <reference lib="dom" />

import type { Diagnostic, DomainEntry, ParsedList, SenderEntry, Severity } from "../index.js";

export type { SenderListAttributes } from "./frameworks.js";

/**
 * The texts of the element. Parts of a message or title in backticks are shown as code. What you leave out stays English.
 */
export interface SenderListMessages {
  /** The name of the field if the page gives it no label. */
  name(kind: "domains" | "senders"): string;
  /** What is wrong, and what to do: by default the texts of the diagnostic. To translate, use `code` and `params`. */
  diagnostic(diagnostic: Diagnostic): { message: string; help?: string };
  /** The label of the button that applies the fix: by default, the fix's title. */
  fix(diagnostic: Diagnostic): string;
  severity(severity: Severity): string;
  /** The number of problems, which may be 0. */
  summary(count: { errors: number; warnings: number }): string;
  /** The label of the button that applies every safe fix. */
  fixAll(count: number): string;
  /** Says that the list leaves out so many problems. */
  more(count: number): string;
  /** Says that a required list is empty. */
  required(kind: "domains" | "senders"): string;
  /** Says that the engine could not be loaded. */
  failed(): string;
  /** The label of the button that loads it again. */
  retry(): string;
}

/** `<sender-list>`: a field for a list of domains or senders. */
export class SenderList extends HTMLElement {
  static readonly formAssociated: true;
  static readonly observedAttributes: string[];
  /** The texts of all elements. What is not set stays English. */
  static get messages(): SenderListMessages;
  static set messages(words: Partial<SenderListMessages>);

  /** The texts of this element. What is not set is as for all elements. */
  get messages(): SenderListMessages;
  set messages(words: Partial<SenderListMessages> | undefined);

  get kind(): "domains" | "senders";
  set kind(kind: "domains" | "senders");
  name: string;
  label: string;
  placeholder: string;
  required: boolean;
  readOnly: boolean;
  disabled: boolean;
  /** The text as it was typed. If it is valid, the form submits the canonical list instead. */
  value: string;
  /** The attribute `value`: the text after a reset of the form. */
  defaultValue: string;
  /** For a list of senders: the id of the list of domains of the same user. Senders that it covers get a warning. */
  counterpart: string;
  /** The parsed text; undefined until the engine is loaded. */
  readonly parsed: ParsedList<DomainEntry> | ParsedList<SenderEntry> | undefined;

  readonly type: "sender-list";
  readonly form: HTMLFormElement | null;
  readonly labels: NodeList;
  readonly validity: ValidityState;
  readonly validationMessage: string;
  readonly willValidate: boolean;
  checkValidity(): boolean;
  reportValidity(): boolean;
  /** Sets an error of the page, such as one from its server; the empty string removes it. */
  setCustomValidity(message: string): void;

  select(): void;
  setSelectionRange(start: number, end: number, direction?: "forward" | "backward" | "none"): void;
  readonly selectionStart: number;
  readonly selectionEnd: number;

  addEventListener<K extends keyof SenderListEventMap>(
    type: K, listener: (this: SenderList, event: SenderListEventMap[K]) => unknown, options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
}

export interface SenderListEventMap extends HTMLElementEventMap {
  /** Fires after each parse, with the result. Bubbles. */
  "sender-list-parsed": CustomEvent<ParsedList<DomainEntry> | ParsedList<SenderEntry>>;
}

declare global {
  interface HTMLElementTagNameMap {
    "sender-list": SenderList;
  }
}
