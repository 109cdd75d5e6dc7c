/** Messages by day, by action and by priority, and the senders that were refused most. */
import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { type List, call } from "../api.ts";
import { csvRow, download } from "../csv.ts";
import { counted, formatDate, formatDay, formatNumber, formatShortDay, reasonWords, t } from "../i18n/index.ts";
import { ACTIONS, DAY, LEVELS, type Paged, type RefusedSender, type StatisticsRow, dayOf, visible } from "../log.ts";
import { type Series } from "../parts/chart.ts";
import { placeWords } from "../parts/findings.ts";
import { Newest, Page, failure } from "../parts/page.ts";
import { shell } from "../parts/shell.ts";
import "../parts/chart.ts";

const SPANS = [7, 30, 90] as const;

interface DayRow {
  day: string;
  /** In the order of the series. */
  values: number[];
}

@customElement("sg-statistics")
export class StatisticsPage extends Page {
  @property() list = "";
  @state() private settings: List | undefined;
  @state() private byAction: StatisticsRow[] | undefined;
  @state() private byLevel: StatisticsRow[] = [];
  @state() private refused: { action: "block" | "send-and-alert"; items: RefusedSender[] } = { action: "block", items: [] };
  /** Messages that were refused, or would be if the list blocked. */
  @state() private refusal: "block" | "send-and-alert" = "block";
  @state() private span: number = 30;
  @state() private error: unknown;

  #newest = new Newest();
  /** The days that are shown. */
  #days: string[] = [];

  override get heading() {
    return t("statistics");
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
    const now = Date.now();
    const days = Array.from({ length: this.span }, (_, index) => dayOf(now - (this.span - 1 - index) * DAY));
    const since = days[0] ?? "";
    const action = this.refusal;
    const answer = await this.#newest.of(Promise.all([
      this.#counts("day,action", since),
      this.#counts("day,level", since),
      call<{ items: RefusedSender[] }>("GET", `/api/lists/${this.list}/statistics/refused?${new URLSearchParams({ since, action, limit: "20" })}`),
    ]));
    if (answer === undefined) return;
    const [byAction, byLevel, refused] = answer;
    this.#days = days;
    this.byAction = byAction;
    this.byLevel = byLevel;
    this.refused = { action, items: refused.body.items };
  }

  async #counts(by: string, since: string): Promise<StatisticsRow[]> {
    const rows: StatisticsRow[] = [];
    let cursor: string | undefined;
    do {
      const query = new URLSearchParams({ by, since, limit: "200", ...(cursor === undefined ? {} : { cursor }) });
      const { body } = await call<Paged<StatisticsRow>>("GET", `/api/lists/${this.list}/statistics?${query}`);
      rows.push(...body.items);
      cursor = body.next;
    } while (cursor !== undefined);
    return rows;
  }

  #again(): void {
    this.error = undefined;
    this.#load().catch((error: unknown) => {
      this.error = error;
    });
  }

  /** The counts of each day, a column for each of `keys`. */
  #byDay<Key>(rows: StatisticsRow[], keys: readonly Key[], keyOf: (row: StatisticsRow) => Key | undefined): DayRow[] {
    const byDay = new Map(this.#days.map((day) => [day, keys.map(() => 0)]));
    for (const row of rows) {
      const values = byDay.get(row.day);
      const at = keys.indexOf(keyOf(row) as Key);
      if (values !== undefined && at !== -1) values[at] = (values[at] ?? 0) + row.messages;
    }
    return [...byDay].map(([day, values]) => ({ day, values }));
  }

  protected override render() {
    return shell(this.settings, this.list, "statistics", html`
      <h1 tabindex="-1">${this.heading}</h1>
      <div class="toolbar"><div class="field"><label for="span">${t("days-shown")}</label>
        <select id="span" @change=${(event: Event) => { this.span = Number((event.target as HTMLSelectElement).value); this.#again(); }}>
          ${SPANS.map((days) => html`<option value=${days} ?selected=${days === this.span}>${counted("last-days", days)}</option>`)}
        </select></div></div>
      <p class="hint">${t("days-are-utc")}</p>
      ${failure(this.error, () => void this.#start())}
      ${this.byAction === undefined
        ? html`<p class="loading" role="status">${this.error === undefined ? t("loading") : nothing}</p>`
        : this.#figures(this.byAction)}
    `);
  }

  #figures(byAction: StatisticsRow[]) {
    const actions = ACTIONS.map((action): Series => ({ label: t(`did-${action}`), tone: `tone-${action}` }));
    const levels = LEVELS.map((level): Series => ({ label: t(`priority-${level}`), tone: `tone-${level}` }));
    const total = byAction.reduce((sum, { messages }) => sum + messages, 0);
    return html`
      <p role="status"><strong>${counted("messages-in-days", total, { days: counted("days", this.#days.length) })}</strong></p>
      ${this.#section("by-action", actions, this.#byDay(byAction, ACTIONS, ({ action }) => action))}
      ${this.#section("by-level", levels, this.#byDay(this.byLevel, LEVELS, ({ level }) => level))}
      ${this.#refusedSenders()}
    `;
  }

  #section(key: "by-action" | "by-level", series: Series[], rows: DayRow[]) {
    const totals = series.map((_, at) => rows.reduce((sum, { values }) => sum + (values[at] ?? 0), 0));
    const summary = series.map(({ label }, at) => t("label-and-count", { label, count: totals[at] ?? 0 })).join("; ");
    return html`<section>
      <h2 id="title-${key}">${t(key)}</h2>
      <sg-chart .name=${t("chart-name", { title: t(key), summary })} .series=${series}
        .bars=${rows.map(({ day, values }) => ({ label: formatShortDay(day), values }))}></sg-chart>
      <details class="behind"><summary>${t("as-table")}</summary>
        <div class="scroll" tabindex="0" role="region" aria-labelledby="title-${key}"><table>
          <thead><tr><th scope="col">${t("day")}</th>${series.map(({ label }) => html`<th scope="col" class="number">${label}</th>`)}</tr></thead>
          <tbody>${rows.map(({ day, values }) => html`<tr><th scope="row">${formatDay(day)}</th>
            ${values.map((value) => html`<td class="number">${formatNumber(value)}</td>`)}</tr>`)}</tbody>
          <tfoot><tr><th scope="row">${t("sum")}</th>${totals.map((value) => html`<td class="number">${formatNumber(value)}</td>`)}</tr></tfoot>
        </table></div></details>
      <button type="button" class="small" aria-label=${t("save-csv-of", { title: t(key) })} @click=${() =>
        this.#save(key, [["day", ...series.map(({ label }) => label)], ...rows.map(({ day, values }) => [day, ...values])])}>${t("save-csv")}</button>
    </section>`;
  }

  #refusedSenders() {
    const { action, items } = this.refused;
    const most = Math.max(1, ...items.map(({ messages }) => messages));
    return html`<section>
      <h2 id="title-refused">${t("top-refused")}</h2>
      <div class="toolbar"><div class="field"><label for="refusal">${t("filter-action")}</label>
        <select id="refusal" @change=${(event: Event) => { this.refusal = (event.target as HTMLSelectElement).value as "block"; this.#again(); }}>
          ${(["block", "send-and-alert"] as const).map((one) => html`<option value=${one} ?selected=${one === this.refusal}>${t(`did-${one}`)}</option>`)}
        </select></div></div>
      ${items.length === 0 ? html`<p>${t("none-refused")}</p>` : html`
        <div class="scroll" tabindex="0" role="region" aria-labelledby="title-refused"><table class="wide">
          <thead><tr><th scope="col">${t("sender")}</th><th scope="col">${t("username")}</th><th scope="col">${t("why")}</th><th scope="col" class="number">${t("messages")}</th><td></td></tr></thead>
          <tbody>${items.map(({ place, address, user, reason, messages, lastAt }) => html`<tr>
            <td class="wrap">${place === "" ? t("no-sender-found") : html`<code>${placeWords(place)}</code>`}
              ${address === undefined ? nothing : html`<br /><span class="muted">${t("last-one", { address: visible(address), date: formatDate(Date.parse(lastAt)) })}</span>`}</td>
            <td><a href="/lists/${this.list}/messages?${new URLSearchParams({ user, action })}"><code>${user}</code></a></td>
            <td>${reasonWords(reason)}</td>
            <td class="number">${formatNumber(messages)}</td>
            <td class="gauge"><svg width="120" height="16" aria-hidden="true"><rect class="tone-${action}" width=${Math.max(1, (messages / most) * 120)} height="16" /></svg></td>
          </tr>`)}</tbody>
        </table></div>
        <button type="button" class="small" aria-label=${t("save-csv-of", { title: t("top-refused") })} @click=${() =>
          this.#save(`not-authorized-${action}`, [
          ["sender", "last address", "username", "reason", "messages"],
          ...items.map(({ place, address, user, reason, messages }) => [place, address ?? "", user, reason, messages]),
        ])}>${t("save-csv")}</button>`}
    </section>`;
  }

  #save(what: string, rows: (string | number)[][]): void {
    download(`${what}-${this.#days[0] ?? ""}-${this.#days.at(-1) ?? ""}.csv`, rows.map(csvRow).join(""));
  }
}
