/** What every page has: it lives in the light DOM, so that one style sheet, labels and checks reach it. */
import { LitElement, type TemplateResult, html, nothing, render } from "lit";
import { ApiError } from "../api.ts";
import { t } from "../i18n/index.ts";

export abstract class Page extends LitElement {
  /** The heading of the page, and the first part of the window's title. */
  abstract get heading(): string;

  protected override createRenderRoot() {
    return this;
  }

  protected override updated(): void {
    document.title = `${this.heading} – ${t("product")}`;
  }
}

/** A text in which backticks mean code. */
export function rich(text: string): (string | TemplateResult)[] {
  return text.split("`").map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part));
}

/** What became of a request that failed, in words, with a way to try again. */
export function failure(error: unknown, retry?: () => void) {
  if (error === undefined) return nothing;
  const words =
    error instanceof ApiError && error.status !== 0 ? t("request-failed", { detail: error.message }) : t("network-failed");
  return html`<div class="notice error" role="alert">
    <p>${words}</p>
    ${retry === undefined ? nothing : html`<button type="button" @click=${retry}>${t("retry")}</button>`}
  </div>`;
}

export interface DialogButton {
  /** What is answered; the empty string is the way out. */
  value: string;
  label: string;
  kind?: "primary" | "danger";
}

/**
 * Asks in a modal dialog. `read` takes what was typed before the dialog goes. Closed without a button, or with the one whose
 * value is empty: `undefined`.
 */
export async function ask(
  title: string,
  body: unknown,
  buttons: DialogButton[],
  read: (dialog: HTMLDialogElement) => string = () => "",
): Promise<{ value: string; read: string } | undefined> {
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", "dialog-title");
  render(
    html`<form method="dialog" novalidate>
      <h2 id="dialog-title">${title}</h2>
      ${body}
      <div class="buttons">
        ${buttons.map(({ value, label, kind }) => html`<button value=${value} class=${kind ?? ""}>${label}</button>`)}
      </div>
    </form>`,
    dialog,
  );
  document.body.append(dialog);
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  const answer = { value: dialog.returnValue, read: read(dialog) };
  dialog.remove();
  return answer.value === "" ? undefined : answer;
}
