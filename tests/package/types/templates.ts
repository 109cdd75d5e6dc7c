// What the compilers of Vue and Svelte look up for a tag of their templates.
import type { SvelteHTMLElements } from "svelte/elements";
import type { GlobalComponents } from "vue";
import "sendergate/element";

type Vue = InstanceType<GlobalComponents["sender-list"]>["$props"];
export const vue: Vue = { kind: "senders", class: "wide", required: true, onSenderListParsed: (event) => event.detail.canonical };
// @ts-expect-error: there are two kinds
export const wrongVue: Vue = { kind: "others" };

type Svelte = SvelteHTMLElements["sender-list"];
export const svelte: Svelte = { kind: "senders", class: "wide", required: true, "onsender-list-parsed": (event) => event.detail.canonical };
// @ts-expect-error: there are two kinds
export const wrongSvelte: Svelte = { kind: "others" };
