/** The page of an SMTP+ user: create, change, set a new password. Next to the form it shows what the gate would answer. */
import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { type Diagnostic, type PriorityLevel, type UserField, ready, validateUser } from "sendergate";
import { SenderList } from "sendergate/element";
import { type List, type User, ApiError, call } from "../api.ts";
import { withEntry } from "../authorize.ts";
import { type Draft, FIELDS } from "../draft.ts";
import { counted, diagnosticWords, t } from "../i18n/index.ts";
import { fixedNote } from "../note.ts";
import { conflict } from "../parts/conflict.ts";
import { Page, ask, failure, rich, typedSince } from "../parts/page.ts";
import { copyButton, shell } from "../parts/shell.ts";
import { router } from "../router.ts";
import "../parts/try-it.ts";

const EMPTY: Draft = { active: true, priority: 3, note: "", domains: "", senders: "" };
/** Milliseconds without a keystroke until typing counts as paused. */
const PAUSE = 150;
const LEVELS: PriorityLevel[] = [1, 2, 3, 4, 5];

@customElement("sg-user")
export class UserPage extends Page {
  @property() list = "";
  @property() user: string | undefined;
  @state() private settings: List | undefined;
  @state() private draft: Draft = EMPTY;
  /** The draft that `diagnostics` and the preview are about: with long lists it is updated when typing pauses. */
  @state() private judged: Draft = EMPTY;
  @state() private diagnostics: Diagnostic[] = [];
  @state() private summary = false;
  @state() private loaded = false;
  @state() private busy = false;
  @state() private error: unknown;
  @state() private saved = "";
  @state() private password: { username: string; password: string } | undefined;
  @state() private theirs: Draft | undefined;

  #stored: Draft = EMPTY;
  #cost = 0;
  #waiting: ReturnType<typeof setTimeout> | undefined;
  #etag: string | undefined;

  override get heading() {
    return this.user === undefined ? t("new-user") : t("edit-user", { name: this.user });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#waiting);
  }

  async #start(): Promise<void> {
    this.error = undefined;
    try {
      const [list] = await Promise.all([
        call<List>("GET", `/api/lists/${this.list}`),
        this.user === undefined ? undefined : this.#fetch(),
        ready(),
      ]);
      this.settings = list.body;
      this.loaded = true;
      this.#check();
    } catch (error) {
      this.error = error;
    }
  }

  get #path(): string {
    return `/api/lists/${this.list}/users${this.user === undefined ? "" : `/${this.user}`}`;
  }

  async #fetch(): Promise<void> {
    const { body, etag } = await call<User>("GET", this.#path);
    this.#take(body, etag);
  }

  /** Takes the stored user. What was typed after `sent` stays. */
  #take(user: User, etag: string | undefined, sent: Draft = this.draft): void {
    this.#stored = pick(user);
    this.draft = { ...this.#stored, ...typedSince(sent, this.draft) };
    this.#etag = etag;
    this.guard(this.#changed);
  }

  #set<Field extends keyof Draft>(field: Field, value: Draft[Field]): void {
    if (this.draft[field] === value) return;
    this.draft = { ...this.draft, [field]: value };
    this.saved = "";
    this.#checkSoon();
    this.guard(this.#changed);
  }

  get #changed(): boolean {
    return FIELDS.some((field) => this.draft[field] !== this.#stored[field]);
  }

  #check(): void {
    clearTimeout(this.#waiting);
    const began = performance.now();
    this.diagnostics = validateUser({ ...this.draft }).diagnostics;
    this.judged = this.draft;
    // The preview takes about the same time again.
    this.#cost = 2 * (performance.now() - began);
  }

  /** Checks the draft at once if that is quick, otherwise when typing pauses, so that a keystroke never waits for the whole form. */
  #checkSoon(): void {
    clearTimeout(this.#waiting);
    if (this.#cost < 4) this.#check();
    else this.#waiting = setTimeout(() => this.#check(), PAUSE);
  }

  #errors(field?: UserField): Diagnostic[] {
    return this.diagnostics.filter((one) => one.severity === "error" && (field === undefined || one.field === field));
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    this.#check();
    if (this.#errors().length > 0) {
      this.summary = true;
      await this.updateComplete;
      this.querySelector<HTMLElement>("#error-summary")?.focus();
      return;
    }
    this.summary = false;
    const open = this.draft.domains.trim() === "" && this.draft.senders.trim() === "";
    const wasOpen = this.user !== undefined && this.#stored.domains === "" && this.#stored.senders === "";
    if (open && !wasOpen) {
      const answer = await ask(t("everyone-title"), html`<p>${t("everyone-warning")}</p>`, [
        { value: "", label: t("cancel"), kind: "primary" },
        { value: "yes", label: t("everyone-yes"), kind: "danger" },
      ]);
      if (answer === undefined) return;
    }
    await this.#save(open);
  }

  async #save(open: boolean): Promise<void> {
    this.busy = true;
    this.error = undefined;
    const sent = this.draft;
    const body = { ...sent, ...(open ? { allowEverySender: true } : {}) };
    try {
      if (this.user === undefined) {
        const { body: made, etag } = await call<User & { password: string }>("POST", this.#path, body);
        this.password = made;
        this.user = made.username;
        this.#take(made, etag, sent);
        // From now on this is the user's page, with the password that is shown once. Do not navigate if the person has left.
        if (this.isConnected) router.rename(`/lists/${this.list}/users/${made.username}`);
        this.saved = t("user-created");
      } else {
        const { body: user, etag } = await call<User>("PATCH", this.#path, body, { etag: this.#etag });
        this.#take(user, etag, sent);
        this.saved = t("user-saved");
      }
      this.theirs = undefined;
      this.#check();
    } catch (error) {
      await this.#refused(error);
    } finally {
      this.busy = false;
    }
  }

  async #refused(error: unknown): Promise<void> {
    if (error instanceof ApiError && error.status === 412) {
      try {
        const { body, etag } = await call<User>("GET", this.#path);
        this.theirs = pick(body);
        this.#etag = etag;
        await this.updateComplete;
        this.querySelector<HTMLElement>("#conflict")?.focus();
      } catch (again) {
        this.error = again;
      }
    } else if (error instanceof ApiError && error.diagnostics.length > 0) {
      this.diagnostics = error.diagnostics;
      this.summary = true;
      await this.updateComplete;
      this.querySelector<HTMLElement>("#error-summary")?.focus();
    } else {
      this.error = error;
    }
  }

  async #reset(): Promise<void> {
    const answer = await ask(t("reset-password"), html`<p>${t("reset-password-warning")}</p>`, [
      { value: "reset", label: t("reset-password"), kind: "danger" },
      { value: "", label: t("cancel") },
    ]);
    if (answer === undefined) return;
    try {
      const { body, etag } = await call<{ username: string; password: string }>("POST", `${this.#path}/password`);
      this.password = body;
      if (etag !== undefined) this.#etag = etag;
      await this.updateComplete;
      this.querySelector<HTMLElement>("#new-password")?.focus();
    } catch (error) {
      this.error = error;
    }
  }

  protected override render() {
    return shell(this.settings, this.list, "users", html`
      <h1 tabindex="-1">${this.heading}</h1>
      ${failure(this.error, this.loaded ? undefined : () => void this.#start())}
      ${this.loaded ? this.#form() : this.error === undefined ? html`<p class="loading" role="status">${t("loading")}</p>` : nothing}
    `);
  }

  #form() {
    const { active, priority, note, domains, senders } = this.draft;
    return html`
      ${this.summary ? this.#errorSummary() : nothing}
      ${this.theirs === undefined ? nothing : conflict(this.draft, this.theirs, (field, value) => this.#set(field, value as never))}
      <div class="columns">
        <form novalidate @submit=${this.#submit}>
          ${this.#credentials()}
          <fieldset><legend>${t("status")}</legend>
            <label class="check"><input id="active" type="checkbox" .checked=${active} aria-describedby="active-hint"
              @change=${(event: Event) => this.#set("active", (event.target as HTMLInputElement).checked)} />${t("user-active")}</label>
            <p class="hint" id="active-hint">${active ? nothing : t("inactive-hint")}</p>
          </fieldset>
          <div class="field">
            <label for="priority">${t("priority")}</label>
            <p class="hint" id="priority-hint">${t("priority-hint")}</p>
            <select id="priority" aria-describedby="priority-hint"
              @change=${(event: Event) => this.#set("priority", Number((event.target as HTMLSelectElement).value) as PriorityLevel)}>
              ${LEVELS.map((level) => html`<option value=${level} ?selected=${level === priority}>${t(`priority-${level}`)}</option>`)}
            </select>
          </div>
          <div class="field">
            <label for="note">${t("note")}</label>
            <p class="hint" id="note-hint">${t("note-hint")}</p>
            <textarea id="note" rows="2" .value=${note} aria-describedby="note-hint note-problem"
              aria-invalid=${this.#errors("note").length > 0 ? "true" : "false"}
              @input=${(event: InputEvent) => this.#set("note", (event.target as HTMLTextAreaElement).value)}></textarea>
            <p class="problem" id="note-problem">${this.#errors("note").map((one) => html`<span>${rich(diagnosticWords(one).message)}</span> `)}</p>
            ${this.#noteFix()}
          </div>
          <div class="field">
            <sender-list id="domains" kind="domains" name="domains" .label=${t("domains")} .value=${domains}
              @input=${(event: Event) => this.#set("domains", (event.currentTarget as SenderList).value)}>
              <span slot="hint">${rich(t("domains-hint"))}</span></sender-list>
          </div>
          <div class="field">
            <sender-list id="senders" kind="senders" name="senders" counterpart="domains" .label=${t("senders")} .value=${senders}
              @input=${(event: Event) => this.#set("senders", (event.currentTarget as SenderList).value)}>
              <span slot="hint">${rich(t("senders-hint"))}</span></sender-list>
          </div>
          ${this.diagnostics.some(({ code }) => code === "everyone-may-send") ? html`<p class="notice warning">${t("everyone-warning")}</p>` : nothing}
          <div class="buttons">
            <button class="primary" ?disabled=${this.busy}>${t("save")}</button>
            <a class="button" href="/lists/${this.list}/users">${t("cancel")}</a>
            <span role="status">${this.saved}</span>
          </div>
        </form>
        <aside class="card" aria-labelledby="try-title">
          <sg-try-it .options=${this.#options()} @add-sender=${(event: CustomEvent<string>) => this.#add(event.detail)}></sg-try-it>
        </aside>
      </div>
    `;
  }

  #noteFix() {
    const fixes = this.diagnostics.filter(({ field, fix }) => field === "note" && fix?.safe).length;
    if (fixes === 0) return nothing;
    return html`<button type="button" class="small" aria-describedby="note-problem" @click=${() => {
      this.#set("note", fixedNote(this.draft.note));
      this.querySelector<HTMLElement>("#note")?.focus();
    }}>${counted("fix-all", fixes)}</button>`;
  }

  #madeOf: unknown[] = [];
  #made = {};
  /** Returns the same object until something changes, so that the policy is compiled once. */
  #options() {
    const { active, priority, domains, senders } = this.judged;
    const parts = [active, priority, domains, senders, this.settings];
    if (parts.some((part, index) => part !== this.#madeOf[index])) {
      this.#madeOf = parts;
      const { maxPriority, onUnauthorized, identities } = this.settings ?? {};
      this.#made = { active, priority, domains, senders, maxPriority, onUnauthorized, identities };
    }
    return this.#made;
  }

  #add(address: string): void {
    this.#set("senders", withEntry(this.draft.senders, address));
  }

  #credentials() {
    const { user, password } = this;
    return html`<section class="card" aria-labelledby="credentials-title">
      <h2 id="credentials-title">${t("username")} &amp; ${t("password")}</h2>
      ${user === undefined
        ? html`<p class="hint">${t("password-on-save")}</p>`
        : html`<dl>
            <dt>${t("username")}</dt><dd><code>${user}</code> ${copyButton(user, t("username"))}
              <a class="button small" href="/lists/${this.list}/programs?user=${encodeURIComponent(user)}">${t("mail-programs")}</a></dd>
            <dt>${t("password")}</dt>
            <dd>${password?.username === user
              ? html`<div class="notice good" id="new-password" tabindex="-1"><p class="secret">${password.password}</p>
                  <p>${copyButton(password.password, t("password"))}</p><p>${t("password-once")}</p></div>`
              : html`<span class="hint">${t("password-hidden")}</span>`}
              <button type="button" class="small" @click=${() => void this.#reset()}>${t("reset-password")}</button></dd>
          </dl>`}
    </section>`;
  }

  #errorSummary() {
    const errors = this.#errors();
    if (errors.length === 0) return nothing;
    return html`<div class="notice error" id="error-summary" tabindex="-1" role="alert" aria-labelledby="summary-title">
      <h2 id="summary-title">${t("error-summary")}</h2>
      <ul>${errors.slice(0, 20).map((one) => html`<li><a href="#${one.field ?? "note"}" @click=${(event: Event) => {
        event.preventDefault();
        const field = this.querySelector<HTMLElement>(`#${one.field ?? "note"}`);
        field?.focus();
        if (field instanceof SenderList && one.span !== undefined) field.setSelectionRange(one.span.start, one.span.end);
      }}>${rich(diagnosticWords(one).message)}</a></li>`)}</ul>
    </div>`;
  }
}

function pick(user: User): Draft {
  const { active, priority, note, domains, senders } = user;
  return { active, priority, note, domains, senders };
}
