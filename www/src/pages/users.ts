/** The SMTP+ settings of a list: connection data, and its users. */
import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { type List, type User, call } from "../api.ts";
import { counted, formatDate, formatNumber, t } from "../i18n/index.ts";
import { Newest, Page, ask, failure } from "../parts/page.ts";
import { copyButton, shell } from "../parts/shell.ts";

interface Connection {
  servers: { host: string; port: number; encryption: "starttls" | "tls" | "none" }[];
}
type Column = "username" | "note" | "priority" | "lastMessageAt" | "createdAt";

@customElement("sg-users")
export class Users extends Page {
  @property() list = "";
  @state() private settings: List | undefined;
  @state() private connection: Connection | undefined;
  @state() private users: User[] | undefined;
  @state() private total = 0;
  @state() private next: string | undefined;
  @state() private earlier: (string | undefined)[] = [];
  @state() private error: unknown;
  @state() private search = "";
  @state() private sort: Column = "createdAt";
  @state() private descending = false;

  #cursor: string | undefined;
  #newest = new Newest();
  #timer: ReturnType<typeof setTimeout> | undefined;

  override get heading() {
    return t("smtp-settings");
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#start();
  }

  async #start(): Promise<void> {
    this.error = undefined;
    try {
      const [list, connection] = await Promise.all([
        call<List>("GET", `/api/lists/${this.list}`),
        call<Connection>("GET", `/api/lists/${this.list}/connection`),
        this.#load(),
      ]);
      this.settings = list.body;
      this.connection = connection.body;
    } catch (error) {
      this.error = error;
    }
  }

  async #load(): Promise<void> {
    const query = new URLSearchParams({ limit: "50", sort: this.sort, order: this.descending ? "desc" : "asc" });
    if (this.search.trim() !== "") query.set("search", this.search.trim());
    if (this.#cursor !== undefined) query.set("cursor", this.#cursor);
    const answer = await this.#newest.of(call<{ items: User[]; next?: string; total: number }>("GET", `/api/lists/${this.list}/users?${query}`));
    if (answer === undefined) return;
    this.users = answer.body.items;
    this.next = answer.body.next;
    this.total = answer.body.total;
  }

  #again(): void {
    this.error = undefined;
    this.#load().catch((error: unknown) => {
      this.error = error;
    });
  }

  #searched(event: InputEvent): void {
    this.search = (event.target as HTMLInputElement).value;
    this.#first();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#again(), 200);
  }

  #first(): void {
    this.#cursor = undefined;
    this.earlier = [];
  }

  #sortBy(column: Column): void {
    this.descending = this.sort === column ? !this.descending : false;
    this.sort = column;
    this.#first();
    this.#again();
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
  }

  async #delete(user: User): Promise<void> {
    const answer = await ask(t("delete"), html`<p>${t("delete-user-warning", { name: user.username })}</p>`, [
      { value: "delete", label: t("delete"), kind: "danger" },
      { value: "", label: t("cancel") },
    ]);
    if (answer === undefined) return;
    try {
      const path = `/api/lists/${this.list}/users/${user.username}`;
      const { etag } = await call<User>("GET", path);
      await call("DELETE", path, undefined, { etag });
      await this.#load();
    } catch (error) {
      this.error = error;
    }
  }

  protected override render() {
    return shell(this.settings, this.list, "users", html`
      <h1 tabindex="-1">${t("smtp-settings")}</h1>
      ${failure(this.error, () => void this.#start())}
      ${this.#connectionData()}
      <h2 id="users-title">${t("users")}</h2>
      <div class="toolbar">
        <div class="field"><label for="search">${t("search-users")}</label>
          <input id="search" type="search" .value=${this.search} @input=${this.#searched} /></div>
        <a class="button primary" href="/lists/${this.list}/users/new">${t("add-user")}</a>
        <a class="button" href="/lists/${this.list}/import">${t("import-export")}</a>
      </div>
      ${this.users === undefined ? html`<p class="loading" role="status">${t("loading")}</p>` : this.#table(this.users)}
    `);
  }

  #connectionData() {
    const servers = this.connection?.servers;
    if (servers === undefined) return nothing;
    return html`<section class="card" aria-labelledby="connection-title">
      <h2 id="connection-title">${t("connection")}</h2>
      ${servers.length === 0
        ? html`<p>${t("no-connection")}</p>`
        : html`<p class="hint">${t("connection-hint")}</p>
          <div class="scroll"><table>
            <thead><tr><th scope="col">${t("server")}</th><th scope="col">${t("port")}</th><th scope="col">${t("encryption")}</th></tr></thead>
            <tbody>${servers.map(({ host, port, encryption }) => html`<tr>
              <td><code>${host}</code> ${copyButton(host, t("server"))}</td>
              <td><code>${port}</code> ${copyButton(String(port), t("port"))}</td>
              <td>${t(`encryption-${encryption}`)}</td></tr>`)}</tbody>
          </table></div>
          <p><a class="button" href="/lists/${this.list}/programs">${t("mail-programs")}</a></p>`}
    </section>`;
  }

  #header(column: Column, label: string) {
    const sorted = this.sort === column ? (this.descending ? "descending" : "ascending") : "none";
    return html`<th scope="col" aria-sort=${sorted}><button type="button" class="quiet" @click=${() => this.#sortBy(column)}>
      ${label}<span aria-hidden="true">${sorted === "ascending" ? " ▲" : sorted === "descending" ? " ▼" : ""}</span></button></th>`;
  }

  #table(users: User[]) {
    if (users.length === 0) return html`<p>${this.search.trim() === "" ? t("no-users") : t("no-users-found")}</p>`;
    return html`
      <p class="muted" role="status">${counted("user-count", this.total)}</p>
      <div class="scroll"><table aria-labelledby="users-title">
        <thead><tr>
          ${this.#header("username", t("username"))}<th scope="col">${t("status")}</th>${this.#header("priority", t("priority"))}
          ${this.#header("note", t("note"))}<th scope="col" class="number">${t("domain-count")}</th><th scope="col" class="number">${t("sender-count")}</th>
          ${this.#header("lastMessageAt", t("last-message"))}<th scope="col"><span class="visually-hidden">${t("edit")}</span></th>
        </tr></thead>
        <tbody>${users.map((user) => html`<tr>
          <td><a href="/lists/${this.list}/users/${user.username}"><code>${user.username}</code></a></td>
          <td><span class="badge ${user.active ? "good" : "off"}">${t(user.active ? "active" : "inactive")}</span></td>
          <td>${t(`priority-${user.priority}`)}</td>
          <td>${user.note.slice(0, 120)}</td>
          <td class="number">${formatNumber(user.domainCount)}</td>
          <td class="number">${formatNumber(user.senderCount)}</td>
          <td>${user.lastMessageAt === undefined ? t("never") : formatDate(Date.parse(user.lastMessageAt))}</td>
          <td class="actions"><a class="button small" aria-label="${t("edit")}: ${user.username}" href="/lists/${this.list}/users/${user.username}">${t("edit")}</a>
            <button type="button" class="small danger" aria-label="${t("delete")}: ${user.username}" @click=${() => void this.#delete(user)}>${t("delete")}</button></td>
        </tr>`)}</tbody>
      </table></div>
      ${this.earlier.length === 0 && this.next === undefined ? nothing : html`<nav class="pages">
        <button type="button" ?disabled=${this.earlier.length === 0} @click=${() => this.#turn(false)}>${t("previous-page")}</button>
        <button type="button" ?disabled=${this.next === undefined} @click=${() => this.#turn(true)}>${t("next-page")}</button>
      </nav>`}
    `;
  }
}
