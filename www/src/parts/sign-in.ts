/** Asks for the admin token: as a page, or in a dialog above a page if the session has ended. */
import { LitElement, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { ApiError, call } from "../api.ts";
import { t } from "../i18n/index.ts";

@customElement("sg-sign-in")
export class SignIn extends LitElement {
  @property({ type: Boolean }) modal = false;
  @state() private problem = "";
  @state() private busy = false;

  protected override createRenderRoot() {
    return this;
  }

  protected override firstUpdated(): void {
    this.querySelector("dialog")?.showModal();
    this.querySelector("input")?.focus();
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const input = this.querySelector("input") as HTMLInputElement;
    if (input.value === "") {
      this.problem = t("required");
      input.focus();
      return;
    }
    this.busy = true;
    try {
      await call("POST", "/api/session", { token: input.value });
      this.dispatchEvent(new CustomEvent("signed-in"));
    } catch (error) {
      this.problem =
        error instanceof ApiError && error.status === 401
          ? t("token-wrong")
          : error instanceof ApiError && error.status === 429
            ? t("too-many-attempts", { seconds: error.retryAfter ?? 60 })
            : error instanceof ApiError && error.status !== 0
              ? t("request-failed", { detail: error.message })
              : t("network-failed");
      await this.updateComplete;
      input.focus();
    } finally {
      this.busy = false;
    }
  }

  protected override render() {
    const form = html`<form class="narrow" novalidate @submit=${this.#submit}>
      <h1 id="sign-in-title" tabindex="-1">${t("sign-in")}</h1>
      ${this.modal ? html`<p>${t("sign-in-again")}</p>` : nothing}
      <div class="field">
        <label for="token">${t("admin-token")}</label>
        <p class="hint" id="token-hint">${t("admin-token-hint")}</p>
        <input
          id="token"
          name="token"
          type="password"
          autocomplete="current-password"
          aria-describedby="token-hint token-problem"
          aria-invalid=${this.problem === "" ? "false" : "true"}
        />
        <p class="problem" id="token-problem" role="alert">${this.problem}</p>
      </div>
      <button class="primary" ?disabled=${this.busy}>${t("sign-in")}</button>
    </form>`;
    // Escape must not close it: the page behind it cannot work without a session.
    return this.modal
      ? html`<dialog aria-labelledby="sign-in-title" @cancel=${(event: Event) => event.preventDefault()}>${form}</dialog>`
      : form;
  }
}
