/** The frame of a list's pages, with the navigation. */
import { html, nothing } from "lit";
import type { List } from "../api.ts";
import { t } from "../i18n/index.ts";

const TABS = [
  ["users", "users"],
  ["programs", "mail-programs"],
  ["authorization", "sender-authorization"],
  ["alerts", "alert-center"],
  ["messages", "messages"],
  ["statistics", "statistics"],
] as const;

export function shell(list: List | undefined, id: string, current: (typeof TABS)[number][0], content: unknown) {
  return html`
    <p class="crumbs"><a href="/">${t("lists")}</a> › ${list?.name ?? nothing}</p>
    <nav class="tabs" aria-label=${t("settings")}>
      ${TABS.map(([path, key]) => html`<a href="/lists/${id}/${path}" aria-current=${path === current ? "page" : nothing}>${t(key)}</a>`)}
    </nav>
    ${content}
  `;
}

/** A button that copies a text and says so. */
export function copyButton(text: string, described: string) {
  const copy = async (event: Event) => {
    const button = event.currentTarget as HTMLButtonElement;
    await navigator.clipboard.writeText(text);
    const status = button.nextElementSibling as HTMLElement;
    status.textContent = t("copied");
    setTimeout(() => { status.textContent = ""; }, 2000);
  };
  return html`<button type="button" class="small" aria-label="${t("copy")}: ${described}" @click=${copy}>${t("copy")}</button>
    <span role="status" class="muted"></span>`;
}
