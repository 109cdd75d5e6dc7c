/** The frame of the panel: signing in, and the open page. */
import { LitElement, html, nothing } from "lit";
import { state } from "lit/decorators.js";
import { keyed } from "lit/directives/keyed.js";
import { call, session } from "./api.ts";
import { SenderList } from "sendergate/element";
import { chooseLanguage, elementWords, t } from "./i18n/index.ts";
import { type Route, router } from "./router.ts";
import "./parts/sign-in.ts";

/** The code of a page loads when the page is first opened. */
const PAGES: Record<string, () => Promise<unknown>> = {
  lists: () => import("./pages/lists.ts"),
  users: () => import("./pages/users.ts"),
  user: () => import("./pages/user.ts"),
  import: () => import("./pages/import.ts"),
  programs: () => import("./pages/programs.ts"),
  "self-configuration": () => import("./pages/self-configuration.ts"),
  troubleshooting: () => import("./pages/troubleshooting.ts"),
  authorization: () => import("./pages/authorization.ts"),
  alerts: () => import("./pages/alerts.ts"),
  messages: () => import("./pages/messages.ts"),
  statistics: () => import("./pages/statistics.ts"),
};

export class Panel extends LitElement {
  /** `undefined` until the server has answered. */
  @state() private signedIn: boolean | undefined;
  /** The session ended while a page was open: the page stays behind the dialog. */
  @state() private ended = false;
  @state() private route = router.route;
  @state() private failed = false;
  /** The pages whose code is loaded. A page is rendered only then, so that its properties are set before it starts. */
  @state() private arrived: ReadonlySet<string> = new Set(["not-found"]);

  protected override createRenderRoot() {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    router.start();
    router.addEventListener("changed", () => {
      this.route = router.route;
      void this.#load().then((shown) => {
        if (shown) this.querySelector("h1")?.focus();
      });
    });
    router.addEventListener("renamed", () => {
      this.route = router.route;
    });
    session.addEventListener("ended", () => {
      this.ended = true;
    });
    void this.#start();
  }

  async #start(): Promise<void> {
    try {
      // With `quiet`, the answer is no error if nobody is signed in: the browser would log one.
      const { body } = await call<object | undefined>("GET", "/api/session?quiet=true");
      this.signedIn = body !== undefined;
    } catch {
      this.signedIn = false;
    }
    if (this.signedIn) await this.#load();
  }

  /** Whether the page to open is shown: the person may have gone to another one meanwhile. */
  async #load(): Promise<boolean> {
    this.failed = false;
    const { page, visit } = this.route;
    let failed = false;
    try {
      await PAGES[page]?.();
      this.arrived = new Set([...this.arrived, page]);
    } catch {
      failed = true;
    }
    if (visit !== this.route.visit) return false;
    this.failed = failed;
    await this.updateComplete;
    return !failed;
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
    const { page, visit } = this.route;
    if (!this.arrived.has(page)) return html`<p class="loading" role="status">${t("loading")}</p>`;
    // A page never gets another thing to show: it is made anew.
    return keyed(visit, this.#pageOf(this.route));
  }

  #pageOf({ page, params }: Route) {
    switch (page) {
      case "lists":
        return html`<sg-lists></sg-lists>`;
      case "users":
        return html`<sg-users .list=${params["list"]}></sg-users>`;
      case "user":
        return html`<sg-user .list=${params["list"]} .user=${params["user"]}></sg-user>`;
      case "import":
        return html`<sg-import .list=${params["list"]}></sg-import>`;
      case "programs":
        return html`<sg-programs .list=${params["list"]}></sg-programs>`;
      case "self-configuration":
        return html`<sg-self-configuration .list=${params["list"]}></sg-self-configuration>`;
      case "troubleshooting":
        return html`<sg-troubleshooting .list=${params["list"]}></sg-troubleshooting>`;
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

// The frame is rendered after its language has loaded.
void chooseLanguage().then(() => {
  SenderList.messages = elementWords();
  customElements.define("sg-panel", Panel);
});
