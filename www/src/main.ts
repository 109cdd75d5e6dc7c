/** The panel's frame: who is signed in, which page is open. */
import { LitElement, html, nothing } from "lit";
import { state } from "lit/decorators.js";
import { call, session } from "./api.ts";
import { SenderList } from "sendergate/element";
import { chooseLanguage, elementWords, t } from "./i18n/index.ts";
import { router } from "./router.ts";
import "./parts/sign-in.ts";

/** Pages load when they are first opened. */
const PAGES: Record<string, () => Promise<unknown>> = {
  lists: () => import("./pages/lists.ts"),
  users: () => import("./pages/users.ts"),
  user: () => import("./pages/user.ts"),
  import: () => import("./pages/import.ts"),
  authorization: () => import("./pages/authorization.ts"),
  alerts: () => import("./pages/alerts.ts"),
  messages: () => import("./pages/messages.ts"),
  statistics: () => import("./pages/statistics.ts"),
};

export class Panel extends LitElement {
  /** `undefined` until the server has said. */
  @state() private signedIn: boolean | undefined;
  /** The session ended while a page was open: it stays, behind the question. */
  @state() private ended = false;
  @state() private route = router.route;
  @state() private failed = false;
  /** The pages whose code is here. One is drawn only then: its properties are set before it starts. */
  @state() private arrived: ReadonlySet<string> = new Set(["not-found"]);

  protected override createRenderRoot() {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    router.start();
    router.addEventListener("changed", () => {
      this.route = router.route;
      void this.#load().then(() => this.querySelector("h1")?.focus());
    });
    session.addEventListener("ended", () => {
      this.ended = true;
    });
    void this.#start();
  }

  async #start(): Promise<void> {
    try {
      await call("GET", "/api/session");
      this.signedIn = true;
      await this.#load();
    } catch {
      this.signedIn = false;
    }
  }

  async #load(): Promise<void> {
    this.failed = false;
    const { page } = this.route;
    try {
      await PAGES[page]?.();
      this.arrived = new Set([...this.arrived, page]);
    } catch {
      this.failed = true;
    }
    this.requestUpdate();
    await this.updateComplete;
  }

  async #signOut(): Promise<void> {
    await call("DELETE", "/api/session").catch(() => undefined);
    location.assign("/");
  }

  protected override render() {
    if (this.signedIn === undefined) return html`<p class="loading" role="status">${t("loading")}</p>`;
    return html`
      <a class="skip" href="#content">${t("skip-to-content")}</a>
      <header class="bar">
        <a href="/" class="brand">${t("product")}</a>
        ${this.signedIn ? html`<button type="button" class="quiet" @click=${() => this.#signOut()}>${t("sign-out")}</button>` : nothing}
      </header>
      <main id="content" tabindex="-1">
        ${this.signedIn
          ? this.#page()
          : html`<sg-sign-in @signed-in=${() => {
              this.signedIn = true;
              void this.#load();
            }}></sg-sign-in>`}
      </main>
      ${this.ended
        ? html`<sg-sign-in modal @signed-in=${() => {
            this.ended = false;
          }}></sg-sign-in>`
        : nothing}
    `;
  }

  #page() {
    if (this.failed) {
      return html`<div class="notice error" role="alert"><p>${t("network-failed")}</p>
        <button type="button" @click=${() => void this.#load()}>${t("retry")}</button></div>`;
    }
    const { page, params } = this.route;
    if (!this.arrived.has(page)) return html`<p class="loading" role="status">${t("loading")}</p>`;
    switch (page) {
      case "lists":
        return html`<sg-lists></sg-lists>`;
      case "users":
        return html`<sg-users .list=${params["list"]}></sg-users>`;
      case "user":
        return html`<sg-user .list=${params["list"]} .user=${params["user"]}></sg-user>`;
      case "import":
        return html`<sg-import .list=${params["list"]}></sg-import>`;
      case "authorization":
        return html`<sg-authorization .list=${params["list"]}></sg-authorization>`;
      case "alerts":
        return html`<sg-alerts .list=${params["list"]}></sg-alerts>`;
      case "messages":
        return html`<sg-messages .list=${params["list"]}></sg-messages>`;
      case "statistics":
        return html`<sg-statistics .list=${params["list"]}></sg-statistics>`;
      default:
        return html`<h1 tabindex="-1">404</h1><p><a href="/">${t("lists")}</a></p>`;
    }
  }
}

// The frame is drawn once its words are known; there is nothing to translate twice.
void chooseLanguage().then(() => {
  SenderList.messages = elementWords();
  customElements.define("sg-panel", Panel);
});
