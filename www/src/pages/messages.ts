/** The log of a list: messages, decisions and deliveries, live. */
import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { type List, call } from "../api.ts";
import { counted, formatBytes, formatDate, t } from "../i18n/index.ts";
import { ACTIONS, LEVELS, type LoggedMessage, type MessageDetails, type Paged, senderOf } from "../log.ts";
import { actionBadge } from "../parts/findings.ts";
import { messageDetails } from "../parts/message-details.ts";
import { Page, failure } from "../parts/page.ts";
import { shell } from "../parts/shell.ts";
import { Poll } from "../poll.ts";
import { router } from "../router.ts";

const PAGE = 50;
/** With more rows the page starts again, so that one that is open for a day does not collect a day of messages. */
const MOST = 500;
const FILTERS = ["action", "level", "user", "sender", "day"] as const;
type Filter = (typeof FILTERS)[number];

@customElement("sg-messages")
export class Messages extends Page {
  @property() list = "";
  @state() private settings: List | undefined;
  @state() private messages: LoggedMessage[] | undefined;
  @state() private next: string | undefined;
  @state() private earlier: (string | undefined)[] = [];
  @state() private filters = filtersOf(location.search);
  @state() private live = true;
  @state() private news = "";
  @state() private error: unknown;
  @state() private open = new Map<string, MessageDetails | undefined>();

  #cursor: string | undefined;
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #poll = new Poll(() => this.#look());

  override get heading() {
    return t("messages");
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#start();
    this.#poll.start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#poll.stop();
    clearTimeout(this.#timer);
  }

  async #start(): Promise<void> {
    this.error = undefined;
    try {
      const [list] = await Promise.all([call<List>("GET", `/api/lists/${this.list}`), this.#load()]);
      this.settings = list.body;
    } catch (error) {
      this.error = error;
    }
  }

  /** If few messages match, the server may find none in a part of the log: then the next part follows. */
  async #page(cursor?: string, since?: string): Promise<Paged<LoggedMessage>> {
    const query = new URLSearchParams({ limit: String(PAGE), include: "decisions" });
    for (const [name, value] of Object.entries(this.filters)) if (value !== "") query.set(name, value);
    if (since !== undefined) query.set("since", since);
    const items: LoggedMessage[] = [];
    const turn = this.#asked;
    do {
      if (cursor !== undefined) query.set("cursor", cursor);
      const { body } = await call<Paged<LoggedMessage>>("GET", `/api/lists/${this.list}/messages?${query}`);
      items.push(...body.items);
      cursor = body.next;
    } while (cursor !== undefined && items.length === 0 && turn === this.#asked);
    return cursor === undefined ? { items } : { items, next: cursor };
  }

  async #load(): Promise<void> {
    const turn = (this.#asked += 1);
    const { items, next } = await this.#page(this.#cursor);
    // The answer to an older request may arrive after that to a newer one.
    if (turn !== this.#asked) return;
    this.messages = items;
    this.next = next;
    this.news = items.length === 0 ? t("no-messages") : "";
  }

  /** Adds new messages before those that are shown, and updates these. */
  async #look(): Promise<boolean> {
    const { messages } = this;
    if (!this.live || messages === undefined || this.#cursor !== undefined || this.error !== undefined) return false;
    const turn = this.#asked;
    // The day of the newest message is enough, and saves the server work.
    const { items } = await this.#page(undefined, messages[0]?.at.slice(0, 10));
    if (turn !== this.#asked || !this.live) return false;
    const shown = new Map(messages.map((message) => [message.id, message]));
    const fresh = items.filter(({ id }) => !shown.has(id));
    const changed = items.filter(({ id, state }) => shown.has(id) && shown.get(id)?.state !== state);
    if (fresh.length + changed.length === 0) return false;
    // No overlap: there are more new messages than fit on a page, so some between are missing.
    const whole = fresh.length === items.length || messages.length + fresh.length > MOST;
    if (whole) {
      await this.#load();
    } else {
      const states = new Map(items.map((message) => [message.id, message]));
      this.messages = [...fresh, ...messages.map((message) => states.get(message.id) ?? message)];
    }
    if (fresh.length > 0) this.news = counted("new-messages", fresh.length);
    for (const { id } of changed) if (this.open.has(id)) void this.#details(id);
    return true;
  }

  #again(): void {
    this.error = undefined;
    const turn = this.#asked + 1;
    this.#load().catch((error: unknown) => {
      if (turn === this.#asked) this.error = error;
    });
  }

  #first(): void {
    this.#cursor = undefined;
    this.earlier = [];
  }

  #filter(name: Filter, value: string, pause = 0): void {
    this.filters = { ...this.filters, [name]: value };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const query = new URLSearchParams(Object.entries(this.filters).filter(([, text]) => text !== ""));
      router.rename(`${location.pathname}${query.size === 0 ? "" : `?${query}`}`);
      this.#first();
      this.#again();
    }, pause);
  }

  #turn(forward: boolean): void {
    if (forward) {
      this.earlier = [...this.earlier, this.#cursor];
      this.#cursor = this.next;
    } else {
      this.#cursor = this.earlier.at(-1);
      this.earlier = this.earlier.slice(0, -1);
    }
    this.#again();
    this.querySelector<HTMLElement>("#messages-title")?.focus();
  }

  #toggle(id: string): void {
    const open = new Map(this.open);
    if (!open.delete(id)) {
      open.set(id, undefined);
      void this.#details(id);
    }
    this.open = open;
  }

  async #details(id: string): Promise<void> {
    try {
      const { body } = await call<MessageDetails>("GET", `/api/lists/${this.list}/messages/${encodeURIComponent(id)}`);
      if (this.open.has(id)) this.open = new Map(this.open).set(id, body);
    } catch (error) {
      this.error = error;
    }
  }

  protected override render() {
    return shell(this.settings, this.list, "messages", html`
      <h1 tabindex="-1" id="messages-title">${t("messages")}</h1>
      ${this.#filterForm()}
      ${failure(this.error, () => void this.#start())}
      <div class="status-line">
        <label class="check"><input type="checkbox" .checked=${this.live}
          @change=${(event: Event) => { this.live = (event.target as HTMLInputElement).checked; }} />${t("live-messages")}</label>
        <p role="status" class="muted">${this.news}</p>
      </div>
      ${this.messages === undefined
        ? html`<p class="loading">${this.error === undefined ? t("loading") : nothing}</p>`
        : this.messages.length === 0 ? nothing : this.#table(this.messages)}
    `);
  }

  #filterForm() {
    const { action, level, user, sender, day } = this.filters;
    const chosen = (name: Filter) => (event: Event) => this.#filter(name, (event.target as HTMLInputElement | HTMLSelectElement).value);
    const typed = (name: Filter) => (event: Event) => this.#filter(name, (event.target as HTMLInputElement).value.trim(), 300);
    return html`<form class="toolbar filters" role="search" aria-label=${t("filter-messages")} @submit=${(event: Event) => event.preventDefault()}>
      <div class="field"><label for="filter-action">${t("filter-action")}</label>
        <select id="filter-action" @change=${chosen("action")}><option value="">${t("filter-all")}</option>
          ${ACTIONS.map((one) => html`<option value=${one} ?selected=${one === action}>${t(`did-${one}`)}</option>`)}</select></div>
      <div class="field"><label for="filter-level">${t("priority")}</label>
        <select id="filter-level" @change=${chosen("level")}><option value="">${t("filter-all")}</option>
          ${LEVELS.map((one) => html`<option value=${one} ?selected=${String(one) === level}>${t(`priority-${one}`)}</option>`)}</select></div>
      <div class="field"><label for="filter-user">${t("username")}</label>
        <input id="filter-user" type="search" autocomplete="off" spellcheck="false" .value=${user} @input=${typed("user")} /></div>
      <div class="field"><label for="filter-sender">${t("filter-sender")}</label>
        <input id="filter-sender" type="search" inputmode="email" autocomplete="off" spellcheck="false" .value=${sender} @input=${typed("sender")} /></div>
      <div class="field"><label for="filter-day">${t("filter-day")}</label>
        <input id="filter-day" type="date" .value=${day} @change=${chosen("day")} /></div>
    </form>`;
  }

  #table(messages: LoggedMessage[]) {
    return html`
      <table class="log" role="table" aria-labelledby="messages-title">
        <thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">${t("when")}</th><th scope="col" role="columnheader">${t("message")}</th><th scope="col" role="columnheader">${t("outcome")}</th>
          <th scope="col" role="columnheader"><span class="visually-hidden">${t("details")}</span></th></tr></thead>
        ${repeat(messages, ({ id }) => id, (message) => this.#row(message))}
      </table>
      ${this.earlier.length === 0 && this.next === undefined ? nothing : html`<nav class="pages" aria-label=${t("pages")}>
        <button type="button" ?disabled=${this.earlier.length === 0} @click=${() => this.#turn(false)}>${t("previous-page")}</button>
        <button type="button" ?disabled=${this.next === undefined} @click=${() => this.#turn(true)}>${t("next-page")}</button>
      </nav>`}
    `;
  }

  #row(message: LoggedMessage) {
    const { id, at, user, subject, recipients, recipientCount, size, action, level, state } = message;
    const open = this.open.has(id);
        return html`<tbody role="rowgroup">
      <tr role="row">
        <td role="cell">${formatDate(Date.parse(at))}<br /><code>${user}</code></td>
        <td role="cell" class="wrap"><strong>${senderOf(message) ?? t("null-sender")}</strong>
          <br /><span class="muted">${t("to-recipient", { recipient: recipients[0] ?? "" })} ${recipientCount < 2 ? nothing : counted("other-recipients", recipientCount - 1)}</span>
          ${subject === undefined ? nothing : html`<br />${subject}`}</td>
        <td role="cell">${actionBadge(action)}<br /><span>${t(`state-${state}`)}</span>
          <br /><span class="muted">${t(`priority-${level}`)}, ${formatBytes(size)}</span></td>
        <td role="cell"><button type="button" class="small" aria-expanded=${open ? "true" : "false"} aria-controls="details-${id}"
          aria-label=${t("details-of", { sender: senderOf(message) ?? t("null-sender"), time: formatDate(Date.parse(at)) })}
          @click=${() => this.#toggle(id)}>${t("details")}</button></td>
      </tr>
      <tr role="row" id="details-${id}" class="details" ?hidden=${!open}><td role="cell" colspan="4">
        ${open ? messageDetails(this.list, message, this.open.get(id)) : nothing}
      </td></tr>
    </tbody>`;
  }
}

function filtersOf(search: string): Record<Filter, string> {
  const query = new URLSearchParams(search);
  return Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? ""])) as Record<Filter, string>;
}
