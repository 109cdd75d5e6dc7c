/** The Alert Center: the settings for notices, and the alerts, each with its decision. */
import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { type List, ApiError, call } from "../api.ts";
import { wantsAnEntry } from "../authorize.ts";
import { counted, formatDate, reasonWords, t } from "../i18n/index.ts";
import { type Alert, type MessageDetails, type Paged, isOnlyShown, visible } from "../log.ts";
import "../parts/alert-settings.ts";
import { type AlertSettings } from "../parts/alert-settings.ts";
import { authorizeFound } from "../parts/authorize-button.ts";
import { actionBadge, placeWords, whereFound } from "../parts/findings.ts";
import { messageDetails } from "../parts/message-details.ts";
import { Newest, Page, failure } from "../parts/page.ts";
import { shell } from "../parts/shell.ts";

@customElement("sg-alerts")
export class Alerts extends Page {
  @property() list = "";
  @state() private settings: List | undefined;
  @state() private alerts: Alert[] | undefined;
  @state() private next: string | undefined;
  @state() private earlier: (string | undefined)[] = [];
  /** The settings in one line. */
  @state() private toldTo = "";
  /** Whether the settings are unfolded. */
  @state() private told = false;
  @state() private error: unknown;
  /** The last message of each open alert; `null` if the log does not have it any more. */
  @state() private open = new Map<string, MessageDetails | null | undefined>();

  #cursor: string | undefined;
  #newest = new Newest();

  override get heading() {
    return t("alert-center");
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#start();
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

  async #load(): Promise<void> {
    const query = new URLSearchParams({ limit: "25", ...(this.#cursor === undefined ? {} : { cursor: this.#cursor }) });
    const answer = await this.#newest.of(call<Paged<Alert>>("GET", `/api/lists/${this.list}/alerts?${query}`));
    if (answer === undefined) return;
    this.alerts = answer.body.items;
    this.next = answer.body.next;
  }

  #again(): void {
    this.error = undefined;
    this.#load().catch((error: unknown) => {
      this.error = error;
    });
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
    this.querySelector<HTMLElement>("#raised-title")?.focus();
  }

  async #toggle({ id, lastMessage }: Alert): Promise<void> {
    const open = new Map(this.open);
    const opens = !open.delete(id);
    if (opens) open.set(id, undefined);
    this.open = open;
    if (!opens) return;
    try {
      const { body } = await call<MessageDetails>("GET", `/api/lists/${this.list}/messages/${encodeURIComponent(lastMessage)}`);
      this.#opened(id, body);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) this.#opened(id, null);
      else this.error = error;
    }
  }

  /** The alert may be closed again meanwhile. */
  #opened(id: string, message: MessageDetails | null): void {
    if (this.open.has(id)) this.open = new Map(this.open).set(id, message);
  }

  /** Asks before leaving settings that are not saved. */
  #guard(): void {
    const form = this.querySelector<AlertSettings>("sg-alert-settings");
    this.toldTo = form?.summary ?? "";
    this.guard(form?.changed === true);
  }

  protected override render() {
    return shell(this.settings, this.list, "alerts", html`
      <h1 tabindex="-1">${this.heading}</h1>
      <details class="card" ?open=${this.told} @toggle=${(event: Event) => { this.told = (event.target as HTMLDetailsElement).open; }}>
        <summary><h2 class="settings-summary">${t("alert-settings")}</h2><span class="told muted">${this.toldTo}</span></summary>
        <sg-alert-settings .list=${this.list} @changed=${() => this.#guard()}></sg-alert-settings>
      </details>
      <h2 id="raised-title" tabindex="-1">${t("alerts-raised")}</h2>
      ${failure(this.error, () => void this.#start())}
      ${this.alerts === undefined
        ? html`<p class="loading" role="status">${this.error === undefined ? t("loading") : nothing}</p>`
        : this.alerts.length === 0 ? html`<p>${t("no-alerts")}</p>` : this.#table(this.alerts)}
    `);
  }

  #table(alerts: Alert[]) {
    return html`
      <table class="log" role="table" aria-labelledby="raised-title">
        <thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">${t("when")}</th><th scope="col" role="columnheader">${t("sender")}</th><th scope="col" role="columnheader">${t("outcome")}</th>
          <th scope="col" role="columnheader"><span class="visually-hidden">${t("details")}</span></th></tr></thead>
        ${repeat(alerts, ({ id }) => id, (alert) => this.#row(alert))}
      </table>
      ${this.earlier.length === 0 && this.next === undefined ? nothing : html`<nav class="pages" aria-label=${t("pages")}>
        <button type="button" ?disabled=${this.earlier.length === 0} @click=${() => this.#turn(false)}>${t("previous-page")}</button>
        <button type="button" ?disabled=${this.next === undefined} @click=${() => this.#turn(true)}>${t("next-page")}</button>
      </nav>`}
    `;
  }

  #row(alert: Alert) {
    const { id, user, action, reason, place, identity, of, address, count, lastAt, client } = alert;
    const open = this.open.has(id);
    const where = identity === undefined ? undefined : whereFound({ identity, ...(of === undefined ? {} : { of }) });
    // A place that is no domain is the name of an identity: show it in words.
    const unread = place === identity ? where : place === "" ? t("no-sender-found") : placeWords(place);
    const shown = address === undefined ? (unread ?? "") : visible(address);
    const offered = address !== undefined && wantsAnEntry(reason) ? authorizeFound(this.list, user, { identity, address }) : nothing;
    return html`<tbody role="rowgroup">
      <tr role="row">
        <td role="cell">${formatDate(Date.parse(lastAt))}<br /><strong>${counted("message-count", count)}</strong></td>
        <td role="cell" class="wrap"><strong>${shown}</strong>${where === undefined || shown === where ? nothing : html` <span class="muted">${where}</span>`}
          <br /><span>${reasonWords(reason)}</span>
          <br /><span class="muted">${t("sent-by-user", { username: user })} ${client === undefined ? nothing : t("from-client", { client })}</span>
          ${isOnlyShown(alert) ? html`<br />${offered}` : nothing}</td>
        <td role="cell">${actionBadge(action)}</td>
        <td role="cell"><div class="row-buttons">
          ${isOnlyShown(alert) ? nothing : offered}
          <button type="button" class="small" aria-expanded=${open ? "true" : "false"} aria-controls="details-${id}"
            aria-label=${t("details-of", { sender: shown, time: formatDate(Date.parse(lastAt)) })} @click=${() => void this.#toggle(alert)}>${t("details")}</button>
        </div></td>
      </tr>
      <tr role="row" id="details-${id}" class="details" ?hidden=${!open}><td role="cell" colspan="4">${open ? this.#details(id) : nothing}</td></tr>
    </tbody>`;
  }

  #details(id: string) {
    const message = this.open.get(id);
    if (message === undefined) return html`<p role="status">${t("loading")}</p>`;
    return message === null ? html`<p>${t("message-gone")}</p>` : messageDetails(this.list, message, message);
  }
}
