/// <reference lib="dom" />

import type { Diagnostic, DomainEntry, ParsedList, SenderEntry, Severity } from "../index.js";

export type { SenderListAttributes } from "./frameworks.js";

/**
 * The words of the element. A message or title may hold text in backticks, which is shown as code. What is left out
 * stays English.
 */
export interface SenderListMessages {
  /** The name of the field where the page gives it none. */
  name(kind: "domains" | "senders"): string;
  /** What is wrong, and what to do about it: by default, the words of the diagnostic. Translate from `code` and `params`. */
  diagnostic(diagnostic: Diagnostic): { message: string; help?: string };
  /** The label of the button that applies the fix: by default, the fix's title. */
  fix(diagnostic: Diagnostic): string;
  severity(severity: Severity): string;
  /** How many problems there are, possibly none. */
  summary(count: { errors: number; warnings: number }): string;
  /** The label of the button that applies every safe fix. */
  fixAll(count: number): string;
  /** That so many problems are not shown. */
  more(count: number): string;
  /** That a required list is empty. */
  required(kind: "domains" | "senders"): string;
  /** That the engine could not be loaded. */
  failed(): string;
  /** The label of the button that tries to load it again. */
  retry(): string;
}

/** `<sender-list>`: a field for a list of domains or senders. */
export class SenderList extends HTMLElement {
  static readonly formAssociated: true;
  static readonly observedAttributes: string[];
  /** The words of all elements. Setting some leaves the others English. */
  static get messages(): SenderListMessages;
  static set messages(words: Partial<SenderListMessages>);

  /** The words of this element. Setting some leaves the others as they are for all. */
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
  /** The text as it was typed. The form gets the canonical list instead where the text is valid. */
  value: string;
  /** The attribute `value`, to which a reset goes back. */
  defaultValue: string;
  /** Of a list of senders: the id of the list of domains of the same user. Senders that it covers are pointed out. */
  counterpart: string;
  /** What was made of the text; undefined until the engine is loaded. */
  readonly parsed: ParsedList<DomainEntry> | ParsedList<SenderEntry> | undefined;

  readonly type: "sender-list";
  readonly form: HTMLFormElement | null;
  readonly labels: NodeList;
  readonly validity: ValidityState;
  readonly validationMessage: string;
  readonly willValidate: boolean;
  checkValidity(): boolean;
  reportValidity(): boolean;
  /** An error of the page's own, such as a server's; the empty string takes it back. */
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
  /** After each reading of the text, with what was made of it. Bubbles. */
  "sender-list-parsed": CustomEvent<ParsedList<DomainEntry> | ParsedList<SenderEntry>>;
}

declare global {
  interface HTMLElementTagNameMap {
    "sender-list": SenderList;
  }
}
