/** The base of every page. It renders into the light DOM, so that one style sheet, labels and accessibility checks reach it. */
import { LitElement, type TemplateResult, html, nothing, render } from "lit";
import { ApiError } from "../api.ts";
import { t } from "../i18n/index.ts";
import { router } from "../router.ts";

export abstract class Page extends LitElement {
  /** The heading of the page, which also starts the window's title. */
  abstract get heading(): string;

  protected override createRenderRoot() {
    return this;
  }

  protected override updated(): void {
    // Answers may arrive after the page was left.
    if (this.isConnected) document.title = `${this.heading} – ${t("product")}`;
  }

  /** Asks before leaving changes that are not saved. */
  protected guard(changed: boolean): void {
    router.guard(this, changed ? mayLeave : undefined);
  }
}

const mayLeave = async (): Promise<boolean> => {
  const answer = await ask(t("unsaved-title"), html`<p>${t("unsaved-warning")}</p>`, [
    { value: "", label: t("stay"), kind: "primary" },
    { value: "leave", label: t("leave"), kind: "danger" },
  ]);
  return answer !== undefined;
};

/** Answers to one kind of request: older ones are ignored after a newer request. */
export class Newest {
  #asked = 0;

  /** `undefined` if there was a newer request meanwhile, even if the older one failed. */
  async of<Answer>(question: Promise<Answer>): Promise<Answer | undefined> {
    const turn = (this.#asked += 1);
    try {
      const answer = await question;
      return turn === this.#asked ? answer : undefined;
    } catch (error) {
      if (turn === this.#asked) throw error;
      return undefined;
    }
  }
}

/** What was typed while a save was under way: in `now` and not in `sent`. The answer must not overwrite it. */
export function typedSince<Draft extends object>(sent: Draft, now: Draft): Partial<Draft> {
  const fields = Object.keys(now) as (keyof Draft)[];
  return Object.fromEntries(fields.filter((field) => now[field] !== sent[field]).map((field) => [field, now[field]])) as Partial<Draft>;
}

/** A text in which backticks mean code. */
export function rich(text: string): (string | TemplateResult)[] {
  return text.split("`").map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part));
}

/** Shows a failed request, with a button to try again. */
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
  /** The value of the button; the empty string means cancel. */
  value: string;
  label: string;
  kind?: "primary" | "danger";
}

/**
 * Asks in a modal dialog. `read` reads what was typed before the dialog closes. Returns `undefined` if it was closed without a button,
 * with the one whose value is empty, or because its page was left.
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
  const left = () => dialog.close("");
  router.addEventListener("changed", left);
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  router.removeEventListener("changed", left);
  const answer = { value: dialog.returnValue, read: read(dialog) };
  dialog.remove();
  return answer.value === "" ? undefined : answer;
}
