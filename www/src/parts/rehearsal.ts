/** The rehearsal: judges the log of the last 30 days again with today's lists, and shows what would be blocked. */
import { LitElement, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { type Identity, SenderPolicy, ready } from "sendergate";
import { type User, ApiError, call } from "../api.ts";
import { counted, formatDate, formatNumber, reasonWords, t } from "../i18n/index.ts";
import { DAY, type LoggedMessage, type Paged, visible } from "../log.ts";
import { MODE, Rehearsal } from "../rehearsal.ts";
import { authorizeFound } from "./authorize-button.ts";
import { whereFound } from "./findings.ts";
import { failure } from "./page.ts";

const DAYS = 30;
/** The number of rows; those with the most messages come first. */
const MOST = 200;
/** Users that are requested at the same time. */
const AT_ONCE = 6;

@customElement("sg-rehearsal")
export class RehearsalPart extends LitElement {
  @property() list = "";
  /** The identities that the form checks now. */
  @property({ attribute: false }) identities: Identity[] = [];
  @state() private phase: "not-yet" | "running" | "stopped-early" | "failed" | "done" = "not-yet";
  @state() private error: unknown;
  /** How far the log was read. */
  @state() private oldest: string | undefined;

  #told = "";
  #rehearsal = new Rehearsal();
  #judgedBy = "";
  #today = new Map<string, SenderPolicy | undefined>();
  /** The identities that the policies of this run check. */
  #checked: Identity[] = [];
  /** The senders for whom "authorize" was pressed: their rows stay and show the result. */
  #authorized = new Set<string>();
  #abort: AbortController | undefined;

  protected override createRenderRoot() {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#abort?.abort();
    this.#forget();
  }

  /** Whether the run is complete, with the identities that the form checks now. */
  get current(): boolean {
    return this.phase === "done" && this.#judgedBy === this.identities.join();
  }

  get running(): boolean {
    return this.phase === "running";
  }

  get stopped(): number {
    return this.#rehearsal.stopped;
  }

  /** Tells the page the result, which it shows next to the choice. */
  protected override updated(): void {
    const told = JSON.stringify([this.phase, this.stopped, this.current]);
    if (told === this.#told) return;
    this.#told = told;
    this.dispatchEvent(new Event("rehearsed"));
  }

  async run(): Promise<void> {
    this.#abort?.abort();
    const abort = (this.#abort = new AbortController());
    this.#forget();
    this.#rehearsal = new Rehearsal();
    this.#authorized.clear();
    this.#checked = [...this.identities];
    this.#judgedBy = this.#checked.join();
    this.phase = "running";
    this.error = undefined;
    this.oldest = undefined;
    try {
      await ready();
      await this.#read(abort.signal);
      this.phase = "done";
    } catch (error) {
      // Another run has started, or the page was left.
      if (this.#abort !== abort) return;
      if (abort.signal.aborted) this.phase = "stopped-early";
      else {
        this.phase = "failed";
        this.error = error;
      }
    }
  }

  async #read(signal: AbortSignal): Promise<void> {
    const begin = new Date(Date.now() - DAYS * DAY).toISOString();
    let cursor: string | undefined;
    do {
      const query = new URLSearchParams({ limit: "200", include: "decisions", since: begin.slice(0, 10), ...(cursor === undefined ? {} : { cursor }) });
      const { body } = await call<Paged<LoggedMessage>>("GET", `/api/lists/${this.list}/messages?${query}`, undefined, { signal });
      const messages = body.items.filter(({ at }) => at >= begin);
      await this.#load(messages, signal);
      for (const message of messages) this.#rehearsal.add(message, this.#today.get(message.user));
      this.oldest = messages.at(-1)?.at ?? this.oldest;
      this.requestUpdate();
      cursor = body.next;
    } while (cursor !== undefined);
  }

  /** Today's lists of all users who sent `messages`. */
  async #load(messages: LoggedMessage[], signal: AbortSignal): Promise<void> {
    const wanted = [...new Set(messages.map(({ user }) => user))].filter((username) => !this.#today.has(username));
    const next = async (): Promise<void> => {
      for (let username = wanted.shift(); username !== undefined; username = wanted.shift()) {
        try {
          const { body } = await call<User>("GET", `/api/lists/${this.list}/users/${encodeURIComponent(username)}`, undefined, { signal });
          this.#know(body);
        } catch (error) {
          if (!(error instanceof ApiError && error.status === 404)) throw error;
          this.#today.set(username, undefined);
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
  }

  #know({ username, domains, senders, active }: User): SenderPolicy {
    this.#today.get(username)?.free();
    const policy = new SenderPolicy({ domains, senders, active, identities: this.#checked, onUnauthorized: MODE });
    this.#today.set(username, policy);
    return policy;
  }

  #forget(): void {
    for (const policy of this.#today.values()) policy?.free();
    this.#today.clear();
  }

  #authorizedOne(key: string, user: User): void {
    this.#authorized.add(key);
    this.#rehearsal.changed(user.username, this.#know(user));
    this.requestUpdate();
  }

  protected override render() {
    const { phase } = this;
    const outdated = phase === "done" && !this.current;
    return html`
      <h2 id="rehearsal-title" tabindex="-1">${t("rehearsal")}</h2>
      <p>${t("rehearsal-hint")}</p>
      ${failure(this.error, () => void this.run())}
      <div class="buttons">
        ${phase === "running"
          ? html`<button type="button" @click=${() => this.#abort?.abort()}>${t("stop")}</button>`
          : html`<button type="button" @click=${() => void this.run()}>${t(phase === "not-yet" ? "rehearse" : "rehearse-again")}</button>`}
      </div>
      <p role="status" class="rehearsal-status">${this.#status()}</p>
      ${outdated ? html`<p class="notice warning">${t("rehearsal-outdated")}</p>` : nothing}
      ${phase === "not-yet" ? nothing : this.#result()}
    `;
  }

  #status() {
    const { messages } = this.#rehearsal;
    const { oldest, phase } = this;
    if (phase === "not-yet") return nothing;
    if (oldest === undefined) return t(phase === "running" ? "loading" : "rehearsal-nothing");
    const since = formatDate(Date.parse(oldest));
    if (phase === "running") return counted("rehearsal-running", messages, { since });
    const days = Math.max(1, Math.ceil((Date.now() - Date.parse(oldest)) / DAY));
    const covered = counted("rehearsal-covered", messages, { since, days: counted("days", days) });
    return phase === "stopped-early" || phase === "failed" ? html`${covered} ${t("rehearsal-not-whole")}` : covered;
  }

  #result() {
    const { passing, stopped, refusedAnyway, unknown, messages } = this.#rehearsal;
    if (messages === 0) return nothing;
    const groups = this.#groups();
    return html`
      <dl class="figures">
        <dt>${t("would-pass")}</dt><dd>${formatNumber(passing)}</dd>
        <dt>${t("would-stop")}</dt><dd>${formatNumber(stopped)}</dd>
        ${refusedAnyway === 0 ? nothing : html`<dt>${t("refused-anyway")}</dt><dd>${formatNumber(refusedAnyway)}</dd>`}
        ${unknown === 0 ? nothing : html`<dt>${t("not-judged")}</dt><dd>${formatNumber(unknown)}</dd>`}
      </dl>
      ${groups.length === 0
        ? this.phase === "done" ? html`<p class="notice good">${t("nothing-stopped")}</p>` : nothing
        : html`<div class="scroll" tabindex="0" role="region" aria-labelledby="rehearsal-title"><table class="wide">
          <caption>${t("stopped-by-sender")}</caption>
          <thead><tr><th scope="col">${t("sender")}</th><th scope="col">${t("username")}</th><th scope="col" class="number">${t("messages")}</th>
            <th scope="col">${t("why")}</th></tr></thead>
          <tbody>${repeat(groups.slice(0, MOST), ({ key }) => key, (group) => this.#group(group))}</tbody>
        </table></div>
        ${groups.length > MOST ? html`<p class="muted">${counted("more-senders", groups.length - MOST)}</p>` : nothing}`}
    `;
  }

  /** Also groups from before for which "authorize" was pressed, so that their result stays visible. */
  #shown = new Map<string, ReturnType<Rehearsal["groups"]>[number]>();
  #groups() {
    const groups = this.#rehearsal.groups();
    const known = new Set(groups.map(({ key }) => key));
    const kept = [...this.#shown.values()].filter(({ key }) => this.#authorized.has(key) && !known.has(key)).map((group) => ({ ...group, messages: 0 }));
    for (const group of groups) this.#shown.set(group.key, group);
    return [...groups, ...kept];
  }

  #group({ key, username, stopper, messages, last }: ReturnType<Rehearsal["groups"]>[number]) {
    const { identity, of, address, reason } = stopper;
    return html`<tr>
      <td class="wrap">${address === undefined ? html`<span class="badge unsure">${t("verdict-ambiguous")}</span>` : html`<code>${visible(address)}</code>`}
        ${identity === undefined ? nothing : html`<br /><span class="muted">${whereFound({ identity, ...(of === undefined ? {} : { of }) })}</span>`}</td>
      <td><a href="/lists/${this.list}/users/${username}"><code>${username}</code></a></td>
      <td class="number">${formatNumber(messages)}<br /><span class="muted">${t("last-on", { date: formatDate(Date.parse(last)) })}</span></td>
      <td>${reasonWords(reason)}<br />
        ${address === undefined ? nothing : html`<span @authorized=${(event: CustomEvent<User>) => this.#authorizedOne(key, event.detail)}>${authorizeFound(this.list, username, { identity, address })}</span>`}</td>
    </tr>`;
  }
}
