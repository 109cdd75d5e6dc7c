/** Guides to mail programs, filled in with what this list's users put there. */
import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { parseDomainList, parseSenderList, ready } from "sendergate";
import { type List, type User, ApiError, call } from "../api.ts";
import { t } from "../i18n/index.ts";
import { language, p } from "../i18n/programs.ts";
import { Newest, Page, failure } from "../parts/page.ts";
import { programsNav } from "../parts/programs-nav.ts";
import { shell } from "../parts/shell.ts";
import { router } from "../router.ts";
import { GUIDES, KINDS, NAMES, fill } from "../programs/guides.ts";
import { markdown } from "../programs/markdown.ts";

interface Connection {
  servers: { host: string; port: number; encryption: "starttls" | "tls" }[];
  http: { url: string };
}

const TEMPLATES = import.meta.glob("../../programs/*/*.md", { query: "?raw", import: "default" });

@customElement("sg-programs")
export class ProgramsPage extends Page {
  @property() list = "";
  @state() private settings: List | undefined;
  @state() private connection: Connection | undefined;
  @state() private program = GUIDES[0] as string;
  @state() private template: string | undefined;
  @state() private server = 0;
  @state() private name = "";
  @state() private sender: string | undefined;
  @state() private unknown = false;
  @state() private offered: User[] = [];
  @state() private error: unknown;

  #templates = new Newest();
  #users = new Newest();
  #timer: ReturnType<typeof setTimeout> | undefined;

  override get heading() {
    return t("mail-programs");
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const query = new URLSearchParams(location.search);
    const wanted = query.get("program") ?? "";
    if (GUIDES.includes(wanted)) this.program = wanted;
    this.name = query.get("user") ?? "";
    void this.#start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  async #start(): Promise<void> {
    this.error = undefined;
    try {
      const [list, connection] = await Promise.all([
        call<List>("GET", `/api/lists/${this.list}`),
        call<Connection>("GET", `/api/lists/${this.list}/connection`),
        this.#load(),
        this.#find(),
      ]);
      this.settings = list.body;
      this.connection = connection.body;
    } catch (error) {
      this.error = error;
    }
  }

  async #load(): Promise<void> {
    const text = await this.#templates.of(TEMPLATES[`../../programs/${language}/${this.program}.md`]?.() ?? Promise.resolve(""));
    if (text !== undefined) this.template = text;
  }

  /** The user of the name that was typed, and others that begin so. */
  async #find(): Promise<void> {
    const name = this.name.trim();
    // The engine reads the user's lists: it has to be there first.
    const answer = await this.#users.of(Promise.all([this.#search(name), ready()]).then(([found]) => found));
    if (answer === undefined) return;
    const { users, user } = answer;
    this.offered = users;
    this.unknown = name !== "" && user === undefined;
    this.sender = user === undefined ? undefined : senderOf(user);
  }

  async #search(name: string): Promise<{ users: User[]; user: User | undefined }> {
    const query = new URLSearchParams({ limit: "20", ...(name === "" ? {} : { search: name.slice(0, 200) }) });
    const { body } = await call<{ items: User[] }>("GET", `/api/lists/${this.list}/users?${query}`);
    if (!/^[\w.+-]+$/.test(name)) return { users: body.items, user: undefined };
    try {
      const user = await call<User>("GET", `/api/lists/${this.list}/users/${encodeURIComponent(name)}`);
      return { users: body.items, user: user.body };
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return { users: body.items, user: undefined };
      throw error;
    }
  }

  /** Asks again, and tells what fails; the address says what is shown, so that it can be sent to somebody. */
  #changed(work: () => Promise<void>): void {
    const query = new URLSearchParams({ program: this.program, ...(this.name.trim() === "" ? {} : { user: this.name.trim() }) });
    router.rename(`${location.pathname}?${query}`);
    work().catch((error: unknown) => {
      this.error = error;
    });
  }

  #typed(event: InputEvent): void {
    this.name = (event.target as HTMLInputElement).value;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#changed(() => this.#find()), 200);
  }

  protected override render() {
    const { connection } = this;
    return shell(this.settings, this.list, "programs", html`
      <h1 tabindex="-1">${this.heading}</h1>
      ${programsNav(this.list, "programs")}
      ${failure(this.error, () => void this.#start())}
      ${connection === undefined
        ? this.error === undefined ? html`<p class="loading" role="status">${t("loading")}</p>` : nothing
        : connection.servers.length === 0
          ? html`<p class="notice warning">${p("no-door", { url: connection.http.url })}</p>`
          : this.#guide(connection)}
    `);
  }

  #guide({ servers }: Connection) {
    const chosen = servers[this.server] ?? servers[0];
    if (chosen === undefined) return nothing;
    const { host: server, port, encryption } = chosen;
    const user = this.name.trim().replace(/[^\w.+@-]/g, "") || t("username").toUpperCase().replace(/\s+/g, "-");
    return html`
      <p class="hint">${p("guides-hint")}</p>
      <div class="toolbar">
        <div class="field"><label for="program">${p("program")}</label>
          <select id="program" @change=${(event: Event) => {
            this.program = (event.target as HTMLSelectElement).value;
            this.#changed(() => this.#load());
          }}>
            ${Object.entries(KINDS).map(([kind, ids]) => html`<optgroup label=${p(`kind-${kind as keyof typeof KINDS}`)}>
              ${ids.map((id) => html`<option value=${id} ?selected=${id === this.program}>${NAMES[language][id]}</option>`)}</optgroup>`)}
          </select></div>
        ${servers.length < 2 ? nothing : html`<div class="field"><label for="server">${p("port-and-encryption")}</label>
          <select id="server" @change=${(event: Event) => { this.server = Number((event.target as HTMLSelectElement).value); }}>
            ${servers.map((one, index) => html`<option value=${index} ?selected=${one === chosen}>${one.host}: ${one.port}, ${t(`encryption-${one.encryption}`)}</option>`)}
          </select></div>`}
        <div class="field"><label for="user">${p("user")}</label>
          <input id="user" list="users" autocomplete="off" spellcheck="false" maxlength="200" .value=${this.name} aria-describedby="user-hint user-unknown" @input=${this.#typed} />
          <datalist id="users">${this.offered.map(({ username, note }) => html`<option value=${username}>${note.slice(0, 80)}</option>`)}</datalist></div>
      </div>
      <p class="hint" id="user-hint">${p("user-hint")}</p>
      <p class="hint" id="user-unknown" role="status">${this.unknown ? p("user-not-found") : nothing}</p>
      ${this.template === undefined
        ? html`<p class="loading" role="status">${t("loading")}</p>`
        : html`<article aria-labelledby="guide">${markdown(
            fill(this.template, { server, port, encryption, user, sender: this.sender ?? "info@yourcompany.example", list: this.settings?.name ?? "" }),
          )}</article>`}
    `;
  }
}

/** An address that the user may send as, for an example: the first that is listed, else one at the first domain. */
function senderOf({ senders, domains }: User): string | undefined {
  const sender = parseSenderList(senders).entries.find(({ kind }) => kind === "address");
  if (sender !== undefined) return sender.address;
  const entry = parseDomainList(domains).entries[0];
  return entry === undefined ? undefined : `info@${entry.kind === "domain" ? "" : "mail."}${entry.ascii}`;
}
