/** The customer's own incoming server of a list, the DNS records by which programs find everything, and a profile for Apple's devices. */
import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { SenderList } from "sendergate/element";
import { type List, ApiError, call } from "../api.ts";
import { t } from "../i18n/index.ts";
import { p } from "../i18n/programs.ts";
import { Page, failure, rich } from "../parts/page.ts";
import { programsNav } from "../parts/programs-nav.ts";
import { copyButton, shell } from "../parts/shell.ts";

const PORTS = { imap: { tls: 993, starttls: 143 }, pop3: { tls: 995, starttls: 110 } } as const;

interface Server {
  protocol: keyof typeof PORTS;
  host: string;
  port: number;
  encryption: "tls" | "starttls";
}

interface Incoming {
  server: Server | null;
  domains: string;
  records: { domain: string; name: string; type: string; value: string }[];
}

const EMPTY: Server = { protocol: "imap", host: "", port: 993, encryption: "tls" };

@customElement("sg-self-configuration")
export class SelfConfigurationPage extends Page {
  @property() list = "";
  @state() private settings: List | undefined;
  @state() private stored: Incoming | undefined;
  @state() private draft: Server = EMPTY;
  @state() private domains = "";
  @state() private problems: Record<string, string> = {};
  @state() private saved = "";
  @state() private busy = false;
  @state() private user = "";
  @state() private error: unknown;
  #etag: string | undefined;

  override get heading() {
    return p("self-configuration");
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#start();
  }

  get #path(): string {
    return `/api/lists/${this.list}/incoming`;
  }

  async #start(): Promise<void> {
    this.error = undefined;
    try {
      const [list, incoming] = await Promise.all([call<List>("GET", `/api/lists/${this.list}`), call<Incoming>("GET", this.#path)]);
      this.settings = list.body;
      this.#take(incoming.body, incoming.etag);
    } catch (error) {
      this.error = error;
    }
  }

  #take(incoming: Incoming, etag: string | undefined): void {
    this.stored = incoming;
    this.draft = incoming.server ?? EMPTY;
    this.domains = incoming.domains;
    this.problems = {};
    this.#etag = etag;
    this.guard(false);
  }

  #set(change: Partial<Server>): void {
    const former = this.draft;
    const next = { ...former, ...change };
    // The usual port follows, unless somebody has written another.
    if (former.port === PORTS[former.protocol][former.encryption] && change.port === undefined) next.port = PORTS[next.protocol][next.encryption];
    this.draft = next;
    this.#touched();
  }

  #touched(): void {
    this.saved = "";
    this.guard(JSON.stringify([this.draft, this.domains]) !== JSON.stringify([this.stored?.server ?? EMPTY, this.stored?.domains ?? ""]));
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const problems: Record<string, string> = {};
    if (this.draft.host.trim() === "") problems["host"] = t("required");
    if (this.domains.trim() === "") problems["domains"] = t("required");
    if (!(this.draft.port >= 1 && this.draft.port <= 65_535)) problems["port"] = "1–65535";
    this.problems = problems;
    const [first] = Object.keys(problems);
    if (first !== undefined) {
      await this.updateComplete;
      this.querySelector<HTMLElement>(`#incoming-${first}`)?.focus();
      return;
    }
    await this.#save({ server: { ...this.draft, host: this.draft.host.trim() }, domains: this.domains }, p("incoming-saved"));
  }

  async #save(body: Pick<Incoming, "server" | "domains">, said: string): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.error = undefined;
    try {
      const { body: saved, etag } = await call<Incoming>("PUT", this.#path, body, { etag: this.#etag });
      this.#take(saved, etag);
      this.saved = said;
    } catch (error) {
      await this.#refused(error);
    } finally {
      this.busy = false;
    }
  }

  async #refused(error: unknown): Promise<void> {
    if (error instanceof ApiError && error.status === 412) {
      const { body, etag } = await call<Incoming>("GET", this.#path);
      this.#take(body, etag);
      this.saved = p("incoming-conflict");
    } else if (error instanceof ApiError && (error.code === "incoming-invalid" || error.code === "domain-taken")) {
      this.problems = { domains: error.message };
      await this.updateComplete;
      this.querySelector<HTMLElement>("#incoming-domains")?.focus();
    } else {
      this.error = error;
    }
  }

  protected override render() {
    return shell(this.settings, this.list, "programs", html`
      <h1 tabindex="-1">${this.heading}</h1>
      ${programsNav(this.list, "self-configuration")}
      ${failure(this.error, this.stored === undefined ? () => void this.#start() : undefined)}
      <p>${p("self-hint")}</p>
      ${this.stored === undefined
        ? this.error === undefined ? html`<p class="loading" role="status">${t("loading")}</p>` : nothing
        : html`${this.#form(this.stored)} ${this.stored.server === null ? nothing : html`${this.#records(this.stored)} ${this.#profile()}`}`}
    `);
  }

  #form(stored: Incoming) {
    const { protocol, host, port, encryption } = this.draft;
    const problem = (name: string) => this.problems[name] ?? "";
    const invalid = (name: string) => (problem(name) === "" ? "false" : "true");
    return html`<form novalidate @submit=${this.#submit}>
      <h2>${p("incoming-server")}</h2>
      ${stored.server === null ? html`<p class="notice">${p("incoming-none")}</p>` : nothing}
      <div class="field"><label for="incoming-protocol">${p("protocol")}</label>
        <select id="incoming-protocol" @change=${(event: Event) => this.#set({ protocol: (event.target as HTMLSelectElement).value as Server["protocol"] })}>
          ${(["imap", "pop3"] as const).map((one) => html`<option value=${one} ?selected=${one === protocol}>${one.toUpperCase()}</option>`)}</select></div>
      <div class="field"><label for="incoming-host">${t("server")}</label>
        <input id="incoming-host" maxlength="253" autocomplete="off" spellcheck="false" placeholder="imap.yourcompany.example" .value=${host} aria-invalid=${invalid("host")}
          aria-describedby="incoming-host-problem" @input=${(event: Event) => this.#set({ host: (event.target as HTMLInputElement).value })} />
        <p class="problem" id="incoming-host-problem">${problem("host")}</p></div>
      <div class="field"><label for="incoming-encryption">${p("incoming-encryption")}</label>
        <select id="incoming-encryption" @change=${(event: Event) => this.#set({ encryption: (event.target as HTMLSelectElement).value as Server["encryption"] })}>
          ${(["tls", "starttls"] as const).map((one) => html`<option value=${one} ?selected=${one === encryption}>${t(`encryption-${one}`)}</option>`)}</select></div>
      <div class="field"><label for="incoming-port">${p("incoming-port")}</label>
        <input id="incoming-port" inputmode="numeric" autocomplete="off" .value=${String(port || "")} aria-invalid=${invalid("port")} aria-describedby="incoming-port-problem"
          @input=${(event: Event) => this.#set({ port: Number((event.target as HTMLInputElement).value.replace(/\D/g, "")) })} />
        <p class="problem" id="incoming-port-problem">${problem("port")}</p></div>
      <div class="field">
        <sender-list id="incoming-domains" kind="domains" .label=${p("mail-domains")} .value=${this.domains} aria-describedby="incoming-domains-problem"
          @input=${(event: Event) => {
            this.domains = (event.currentTarget as SenderList).value;
            this.#touched();
          }}><span slot="hint">${rich(p("mail-domains-hint"))}</span></sender-list>
        <p class="problem" id="incoming-domains-problem" role="alert">${rich(problem("domains"))}</p></div>
      <div class="buttons">
        <button class="primary" ?disabled=${this.busy}>${t("save")}</button>
        ${stored.server === null ? nothing : html`<button type="button" class="danger" ?disabled=${this.busy}
          @click=${() => void this.#save({ server: null, domains: "" }, p("incoming-removed"))}>${p("remove-incoming")}</button>`}
        <span role="status">${this.saved}</span>
      </div>
    </form>`;
  }

  #records({ records }: Incoming) {
    const tables = new Map<string, Incoming["records"]>();
    for (const record of records) tables.set(record.domain, [...(tables.get(record.domain) ?? []), record]);
    return html`<h2>${p("dns-records")}</h2>
      <p class="hint">${rich(p("dns-records-hint"))}</p>
      ${[...tables].map(([domain, rows]) => html`<div class="scroll"><table>
        <caption>${domain}</caption>
        <thead><tr><th scope="col">${p("record-name")}</th><th scope="col">${p("record-type")}</th><th scope="col">${p("record-value")}</th></tr></thead>
        <tbody>${rows.map(({ name, type, value }) => html`<tr>
          <td><code>${name}</code> ${copyButton(name, `${p("record-name")} ${name}`)}</td><td>${type}</td>
          <td><code>${value}</code> ${copyButton(value, `${p("record-value")} ${name}`)}</td></tr>`)}</tbody>
      </table></div>`)}`;
  }

  #profile() {
    const name = this.user.trim();
    return html`<h2>${p("profile")}</h2>
      <p class="hint" id="profile-hint">${p("profile-hint")}</p>
      <div class="toolbar">
        <div class="field"><label for="profile-user">${p("user")}</label>
          <input id="profile-user" autocomplete="off" spellcheck="false" maxlength="200" aria-describedby="profile-hint" .value=${this.user}
            @input=${(event: Event) => { this.user = (event.target as HTMLInputElement).value; }} /></div>
        ${name === ""
          ? html`<span class="hint">${p("name-needed")}</span>`
          : html`<a class="button" download href="/api/lists/${this.list}/users/${encodeURIComponent(name)}/profile.mobileconfig">${p("profile-download")}</a>`}
      </div>`;
  }
}
