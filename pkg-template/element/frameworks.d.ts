/*
 * Types of `<sender-list>` in the templates of frameworks; `import "sendergate/element"` brings them. `@ts-ignore` is for the
 * frameworks that are not installed.
 */
/// <reference lib="dom" />

import type { SenderList, SenderListEventMap, SenderListMessages } from "./sender-list.js";

/** The attributes and properties of `<sender-list>` in a template, besides those of every element. */
export interface SenderListAttributes {
  kind?: "domains" | "senders" | undefined;
  name?: string | undefined;
  label?: string | undefined;
  value?: string | undefined;
  defaultValue?: string | undefined;
  counterpart?: string | undefined;
  placeholder?: string | undefined;
  rows?: number | `${number}` | undefined;
  required?: boolean | undefined;
  readonly?: boolean | undefined;
  readOnly?: boolean | undefined;
  disabled?: boolean | undefined;
  messages?: Partial<SenderListMessages> | undefined;
}

type Parsed = SenderListEventMap["sender-list-parsed"];
interface Listened { "onsender-list-parsed"?: ((event: Parsed) => void) | undefined }
interface ListenedByVue { onSenderListParsed?: ((event: Parsed) => void) | undefined }

// @ts-ignore
declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      // @ts-ignore
      "sender-list": Omit<HTMLAttributes<SenderList>, keyof SenderListAttributes> & ClassAttributes<SenderList> & SenderListAttributes & Listened;
    }
  }
}

// @ts-ignore
declare module "preact" {
  namespace JSX {
    interface IntrinsicElements {
      // @ts-ignore
      "sender-list": Omit<HTMLAttributes<SenderList>, keyof SenderListAttributes> & SenderListAttributes & Listened;
    }
  }
}

// @ts-ignore
declare module "solid-js/jsx-runtime" {
  namespace JSX {
    interface IntrinsicElements {
      // @ts-ignore
      "sender-list": Omit<HTMLAttributes<SenderList>, keyof SenderListAttributes> & SenderListAttributes & { "on:sender-list-parsed"?: (event: Parsed) => void };
    }
  }
}

// @ts-ignore
declare module "svelte/elements" {
  interface SvelteHTMLElements {
    // @ts-ignore
    "sender-list": Omit<HTMLAttributes<SenderList>, keyof SenderListAttributes> & SenderListAttributes & Listened;
  }
}

// @ts-ignore
declare module "vue" {
  interface GlobalComponents {
    // @ts-ignore
    "sender-list": new () => { $props: Omit<import("vue").HTMLAttributes, keyof SenderListAttributes> & import("vue").ReservedProps & SenderListAttributes & ListenedByVue };
  }
}
