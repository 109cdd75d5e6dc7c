/** A button that adds an address to a user's list of senders, and shows the result. */
import { LitElement, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { keyed } from "lit/directives/keyed.js";
import { type Identity, ready } from "sendergate";
import { type User, ApiError } from "../api.ts";
import { type Authorized, authorize, canBeListed } from "../authorize.ts";
import { t } from "../i18n/index.ts";
import { isOnlyShown } from "../log.ts";

/** Fires when an address was added, so that other buttons for the same address show the result, too. */
const authorized = new EventTarget();

@customElement("sg-authorize")
export class Authorize extends LitElement {
  @property() list = "";
  @property() username = "";
  @property() address = "";
  @state() private state: "offered" | "impossible" | "busy" | Authorized = "offered";
  @state() private problem = "";

  protected override createRenderRoot() {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    authorized.addEventListener("done", this.#done);
    void ready().then(() => {
      if (this.state === "offered" && !canBeListed(this.address)) this.state = "impossible";
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    authorized.removeEventListener("done", this.#done);
  }

  #done = (event: Event): void => {
    const { list, username, address, state } = (event as CustomEvent<Authorize>).detail;
    if (this.list === list && this.username === username && this.address === address) this.state = state;
  };

  async #authorize(): Promise<void> {
    this.state = "busy";
    this.problem = "";
    try {
      await ready();
      const { outcome, user } = await authorize(this.list, this.username, this.address);
      this.state = outcome;
      await this.updateComplete;
      if (outcome === "added" || outcome === "already") authorized.dispatchEvent(new CustomEvent("done", { detail: this }));
      // The button had the focus and is gone.
      this.querySelector<HTMLElement>(".done")?.focus();
      if (user !== undefined) this.dispatchEvent(new CustomEvent<User>("authorized", { detail: user, bubbles: true }));
    } catch (error) {
      this.state = "offered";
      this.problem = error instanceof ApiError && error.status !== 0 ? t("request-failed", { detail: error.message }) : t("network-failed");
    }
  }

  protected override render() {
    const { state, address, username, problem } = this;
    if (state === "impossible") return html`<span class="muted">${t("cannot-be-listed")}</span>`;
    if (state === "offered" || state === "busy") {
      return html`<button type="button" class="small" aria-disabled=${state === "busy" ? "true" : "false"}
          aria-label=${t("authorize-sender-for", { address, username })}
          @click=${() => { if (state !== "busy") void this.#authorize(); }}>${t("authorize-sender")}</button>
        <span class="problem" role="alert">${problem}</span>`;
    }
    return html`<span class="done" tabindex="-1" role="status">${t(`authorize-${state}`, { address, username })}</span>
      ${state === "conflict" ? html`<button type="button" class="small" @click=${() => void this.#authorize()}>${t("retry")}</button>` : nothing}`;
  }
}

/** The button for an address that is not authorized, if an entry would authorize only that address. */
export const authorizeFound = (list: string, username: string, found: { identity?: Identity | undefined; address: string }) =>
  isOnlyShown(found) ? html`<span class="muted">${t("only-shown", { username })}</span>` : authorizeButton(list, username, found.address);

/** A button never gets another address, because it shows the result of its own. */
const authorizeButton = (list: string, username: string, address: string) =>
  keyed(JSON.stringify([list, username, address]), html`<sg-authorize .list=${list} .username=${username} .address=${address}></sg-authorize>`);
