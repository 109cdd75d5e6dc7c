/** The settings for notices about a list's alerts, with a test. */
import { LitElement, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { SenderList } from "sendergate/element";
import { parseSenderList, ready } from "sendergate";
import { ApiError, call } from "../api.ts";
import { counted, diagnosticWords, formatDate, formatList, t } from "../i18n/index.ts";
import type { TestResult } from "../log.ts";
import { failure, rich, typedSince } from "./page.ts";
import { copyButton } from "./shell.ts";

const ACTIONS = ["send-and-alert", "block"] as const;
/** Minutes; 0 is at once. */
const PAUSES = [0, 15, 60, 240, 1440];

interface Notice {
  channel: "webhook" | "mail";
  at: string;
  state: "waiting" | "sent" | "failed";
  result?: string;
}

interface Settings {
  actions: (typeof ACTIONS)[number][];
  addresses: string[];
  webhook: { url: string; secret?: string } | null;
  digestMinutes: number;
  lastNotices?: Notice[];
}

interface Draft {
  actions: Settings["actions"];
  /** As typed, with `;` between addresses. */
  addresses: string;
  url: string;
  newSecret: boolean;
  digestMinutes: number;
}

@customElement("sg-alert-settings")
export class AlertSettings extends LitElement {
  @property() list = "";
  @state() private stored: Settings | undefined;
  @state() private draft: Draft | undefined;
  @state() private secret: string | undefined;
  @state() private problems: Record<string, string> = {};
  @state() private saved = "";
  @state() private tested: TestResult[] = [];
  @state() private busy = false;
  @state() private theirs = false;
  @state() private error: unknown;

  #etag: string | undefined;

  protected override createRenderRoot() {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#start();
  }

  get #path(): string {
    return `/api/lists/${this.list}/alert-settings`;
  }

  async #start(): Promise<void> {
    this.error = undefined;
    try {
      const [{ body, etag }] = await Promise.all([call<Settings>("GET", this.#path), ready()]);
      this.#take(body, etag);
    } catch (error) {
      this.error = error;
    }
  }

  /** Takes the stored settings. What was typed after `sent` stays. */
  #take(settings: Settings, etag: string | undefined, sent?: Draft): void {
    this.stored = settings;
    this.draft = { ...draftOf(settings), ...(sent === undefined || this.draft === undefined ? {} : typedSince(sent, this.draft)) };
    this.#etag = etag;
    this.theirs = false;
    this.problems = {};
    this.#tell();
  }

  #set(change: Partial<Draft>): void {
    if (this.draft === undefined) return;
    this.draft = { ...this.draft, ...change };
    this.saved = "";
    this.tested = [];
    this.#tell();
  }

  /** Tells the page whether there are changes to save. */
  #tell(): void {
    this.dispatchEvent(new Event("changed"));
  }

  /** The saved settings in one line. */
  get summary(): string {
    if (this.stored === undefined) return "";
    const { addresses, webhook, digestMinutes, actions } = this.stored;
    const whom = [...addresses, ...(webhook === null ? [] : [t("webhook")])];
    return whom.length === 0 || actions.length === 0 ? t("told-nobody") : t("told-summary", { whom: formatList(whom), when: pauseWords(digestMinutes) });
  }

  /** Whether a save would change something. */
  get changed(): boolean {
    return this.stored !== undefined && JSON.stringify(draftOf(this.stored)) !== JSON.stringify(this.draft);
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const { draft } = this;
    if (draft === undefined || this.busy) return;
    const { ok, entries, diagnostics } = parseSenderList(draft.addresses);
    if (!ok) {
      await this.#wrong({ addresses: diagnostics.filter(({ severity }) => severity === "error").map((one) => diagnosticWords(one).message).join("; ") });
      return;
    }
    this.busy = true;
    this.error = undefined;
    const url = draft.url.trim();
    const body = {
      actions: draft.actions,
      addresses: entries.map(({ address }) => address),
      webhook: url === "" ? null : { url, newSecret: draft.newSecret },
      digestMinutes: draft.digestMinutes,
    };
    try {
      const answer = await call<Settings>("PUT", this.#path, body, { etag: this.#etag });
      this.secret = answer.body.webhook?.secret;
      this.#take(answer.body, answer.etag, draft);
      this.saved = t("settings-saved");
      if (this.secret !== undefined) {
        await this.updateComplete;
        this.querySelector<HTMLElement>("#webhook-secret")?.focus();
      }
    } catch (error) {
      await this.#refused(error);
    } finally {
      this.busy = false;
    }
  }

  async #refused(error: unknown): Promise<void> {
    if (error instanceof ApiError && error.status === 412) {
      try {
        const { body, etag } = await call<Settings>("GET", this.#path);
        this.stored = body;
        this.#etag = etag;
        this.theirs = true;
        await this.updateComplete;
        this.querySelector<HTMLElement>("#alert-conflict")?.focus();
      } catch (again) {
        this.error = again;
      }
    } else if (error instanceof ApiError && Array.isArray(error.problem["errors"])) {
      const errors = error.problem["errors"] as { path: string; message: string }[];
      await this.#wrong(Object.fromEntries(errors.map(({ path, message }) => [path.split("/")[1] ?? "", message])));
    } else {
      this.error = error;
    }
  }

  async #wrong(problems: Record<string, string>): Promise<void> {
    this.problems = problems;
    await this.updateComplete;
    this.querySelector<HTMLElement>("webhook" in problems ? "#webhook-url" : "#alert-addresses")?.focus();
  }

  async #test(): Promise<void> {
    this.tested = [];
    this.error = undefined;
    this.busy = true;
    try {
      this.tested = (await call<{ results: TestResult[] }>("POST", `${this.#path}/test`)).body.results;
    } catch (error) {
      this.error = error;
    } finally {
      this.busy = false;
    }
  }

  protected override render() {
    const { draft, stored } = this;
    if (draft === undefined || stored === undefined) {
      return html`${failure(this.error, () => void this.#start())}
        ${this.error === undefined ? html`<p class="loading" role="status">${t("loading")}</p>` : nothing}`;
    }
    const nobody = stored.addresses.length === 0 && stored.webhook === null;
    return html`
      ${this.theirs ? this.#conflict(stored) : nothing}
      <form novalidate @submit=${this.#submit}>
        <fieldset><legend>${t("alert-which")}</legend><p class="hint">${t("alert-which-hint")}</p>
          ${ACTIONS.map((action) => html`<label class="check"><input type="checkbox" .checked=${draft.actions.includes(action)}
            @change=${(event: Event) => {
              const on = (event.target as HTMLInputElement).checked;
              this.#set({ actions: ACTIONS.filter((one) => (one === action ? on : draft.actions.includes(one))) });
            }} />${t(`alert-of-${action}`)}</label>`)}
        </fieldset>
        <div class="field"><sender-list id="alert-addresses" kind="senders" name="addresses" .label=${t("alert-addresses")} .value=${draft.addresses}
          @input=${(event: Event) => this.#set({ addresses: (event.currentTarget as SenderList).value })}>
          <span slot="hint">${rich(t("alert-addresses-hint"))}</span></sender-list>
          <p class="problem" role="alert">${this.problems["addresses"] ?? nothing}</p></div>
        <div class="field"><label for="webhook-url">${t("webhook")}</label>
          <p class="hint" id="webhook-hint">${t("webhook-hint")}</p>
          <input id="webhook-url" type="url" inputmode="url" autocomplete="off" spellcheck="false" maxlength="2048" .value=${draft.url}
            aria-describedby="webhook-hint webhook-problem" aria-invalid=${this.problems["webhook"] === undefined ? "false" : "true"}
            @input=${(event: Event) => this.#set({ url: (event.target as HTMLInputElement).value })} />
          <p class="problem" id="webhook-problem" role="alert">${this.problems["webhook"] ?? nothing}</p>
          ${stored.webhook === null || draft.url.trim() === "" ? nothing : html`<label class="check"><input type="checkbox" .checked=${draft.newSecret}
            @change=${(event: Event) => this.#set({ newSecret: (event.target as HTMLInputElement).checked })} />${t("webhook-new-secret")}</label>`}
          ${this.secret === undefined ? nothing : html`<div class="notice good" id="webhook-secret" tabindex="-1">
            <p class="secret">${this.secret}</p><p>${copyButton(this.secret, t("webhook-secret"))}</p><p>${t("webhook-secret-once")}</p></div>`}
        </div>
        <div class="field"><label for="digest">${t("alert-when")}</label>
          <select id="digest" @change=${(event: Event) => this.#set({ digestMinutes: Number((event.target as HTMLSelectElement).value) })}>
            ${[...new Set([...PAUSES, draft.digestMinutes])].sort((a, b) => a - b).map((minutes) => html`
              <option value=${minutes} ?selected=${minutes === draft.digestMinutes}>${pauseWords(minutes)}</option>`)}
          </select></div>
        ${failure(this.error)}
        <div class="buttons">
          <button class="primary" aria-disabled=${this.busy ? "true" : "false"}>${t("save")}</button>
          <button type="button" ?disabled=${nobody || this.changed || this.busy} aria-describedby="test-hint" @click=${() => void this.#test()}>${t("send-test")}</button>
          <span role="status">${this.saved}</span>
        </div>
        <div role="status">${this.tested.map(({ channel, sent, result }) => html`<p>${t(`test-${channel}-${sent ? "sent" : "failed"}`)} <code>${result}</code></p>`)}</div>
        <p class="hint" id="test-hint">${this.changed ? t("test-save-first") : nobody ? t("test-nobody") : nothing}</p>
      </form>
      ${(stored.lastNotices ?? []).map(({ channel, at, state, result }) => html`<p class="muted">${t(`notice-${channel}-${state}`, { date: formatDate(Date.parse(at)) })}
        ${result === undefined ? nothing : html`<code>${result}</code>`}</p>`)}
    `;
  }

  /** What was typed stays in the form; what is stored is shown above it. */
  #conflict(stored: Settings) {
    const { addresses, webhook, digestMinutes, actions } = stored;
    return html`<section class="notice warning" id="alert-conflict" tabindex="-1" aria-labelledby="alert-conflict-title">
      <h3 id="alert-conflict-title">${t("settings-conflict-title")}</h3>
      <p>${t("alert-conflict-hint")}</p>
      <dl>
        <dt>${t("alert-which")}</dt><dd>${actions.length === 0 ? "—" : actions.map((action) => html`${t(`alert-of-${action}`)}<br />`)}</dd>
        <dt>${t("alert-addresses")}</dt><dd>${addresses.length === 0 ? "—" : addresses.map((one) => html`<code>${one}</code> `)}</dd>
        <dt>${t("webhook")}</dt><dd>${webhook === null ? "—" : html`<code>${webhook.url}</code>`}</dd>
        <dt>${t("alert-when")}</dt><dd>${pauseWords(digestMinutes)}</dd>
      </dl>
      <button type="button" class="small" @click=${() => this.#take(stored, this.#etag)}>${t("conflict-take-all")}</button>
    </section>`;
  }
}

function draftOf({ actions, addresses, webhook, digestMinutes }: Settings): Draft {
  return { actions: ACTIONS.filter((action) => actions.includes(action)), addresses: addresses.join("; "), url: webhook?.url ?? "", newSecret: false, digestMinutes };
}

const pauseWords = (minutes: number): string =>
  minutes === 0 ? t("at-once") : minutes % 1440 === 0 ? counted("digest-days", minutes / 1440) : minutes % 60 === 0 ? counted("digest-hours", minutes / 60) : counted("digest-minutes", minutes);
