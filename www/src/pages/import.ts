/** Imports users from a CSV file: the page checks each row, and imports all or none. */
import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { type Diagnostic, type UserDraft, fixAll, ready, validateUser } from "sendergate";
import { type List, type User, call } from "../api.ts";
import { CsvError, csvRow, download, parseCsv, unprotected } from "../csv.ts";
import { counted, diagnosticWords, t } from "../i18n/index.ts";
import { fixedNote } from "../note.ts";
import { Page, failure, rich } from "../parts/page.ts";
import { shell } from "../parts/shell.ts";

const COLUMNS = ["username", "active", "priority", "note", "domains", "senders"] as const;
type Column = (typeof COLUMNS)[number];

interface Checked {
  line: number;
  draft: UserDraft;
  diagnostics: Diagnostic[];
  /** The draft with every safe fix applied, if that changes it. */
  corrected?: UserDraft;
}
/** How many rows are shown at once. */
const SHOWN = 100;
/** How long the page may work without reacting to the person, in milliseconds. */
const SLICE = 12;

@customElement("sg-import")
export class Import extends Page {
  @property() list = "";
  @state() private settings: List | undefined;
  @state() private fileName = "";
  @state() private problem = "";
  @state() private rows: Checked[] = [];
  @state() private done = 0;
  @state() private total = 0;
  @state() private error: unknown;
  @state() private busy = false;
  @state() private everyone = false;
  @state() private result: { created: { username: string; password: string }[]; updated: number } | undefined;
  #turn = 0;

  override get heading() {
    return t("import-export");
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#turn += 1;
  }

  async #start(): Promise<void> {
    this.error = undefined;
    try {
      await ready();
      this.settings = (await call<List>("GET", `/api/lists/${this.list}`)).body;
    } catch (error) {
      this.error = error;
    }
  }

  async #read(file: File): Promise<void> {
    const turn = (this.#turn += 1);
    Object.assign(this, { fileName: file.name, problem: "", rows: [], done: 0, total: 0, result: undefined, everyone: false });
    let parsed;
    try {
      parsed = parseCsv(new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer()));
    } catch (error) {
      this.problem = error instanceof CsvError ? t("csv-quote", { line: error.line }) : t("csv-encoding");
      return;
    }
    const [head, ...body] = parsed;
    const names = (head?.fields ?? []).map((name) => name.trim().toLowerCase());
    const unknown = names.filter((name) => !(COLUMNS as readonly string[]).includes(name));
    if (unknown.length > 0 || names.length === 0 || new Set(names).size < names.length) {
      this.problem = t("csv-columns", { columns: COLUMNS.join(", "), found: names.join(", ") });
      return;
    }
    this.total = body.length;
    // A file may be chosen before the engine has loaded.
    try {
      await ready();
    } catch (error) {
      this.error = error;
      return;
    }
    if (turn !== this.#turn) return;
    const rows: Checked[] = [];
    let began = performance.now();
    for (const { line, fields } of body) {
      rows.push(check(line, names as Column[], fields));
      if (performance.now() - began < SLICE) continue;
      this.done = rows.length;
      await new Promise((resolve) => setTimeout(resolve));
      if (turn !== this.#turn) return;
      began = performance.now();
    }
    this.done = rows.length;
    this.rows = rows;
  }

  /** Applies every safe fix of the rows. */
  #fix(rows: Checked[]): void {
    const chosen = new Set(rows);
    this.rows = this.rows.map((row) => (chosen.has(row) && row.corrected !== undefined ? checked(row.line, row.corrected) : row));
  }

  async #send(): Promise<void> {
    this.busy = true;
    this.error = undefined;
    try {
      const users = this.rows.map(({ draft }) => draft);
      const { body } = await call<{ created: { username: string; password: string }[]; updated: number }>(
        "POST",
        `/api/lists/${this.list}/users/import`,
        { users, ...(this.everyone ? { allowEverySender: true } : {}) },
      );
      this.result = body;
      this.rows = [];
      await this.updateComplete;
      this.querySelector<HTMLElement>("#imported")?.focus();
    } catch (error) {
      this.error = error;
    } finally {
      this.busy = false;
    }
  }

  async #export(): Promise<void> {
    this.busy = true;
    this.error = undefined;
    try {
      let text = csvRow([...COLUMNS]);
      let cursor: string | undefined;
      do {
        const query = `include=lists&limit=200${cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`}`;
        const { body } = await call<{ items: User[]; next?: string }>("GET", `/api/lists/${this.list}/users?${query}`);
        for (const user of body.items) text += csvRow(COLUMNS.map((column) => user[column]));
        cursor = body.next;
      } while (cursor !== undefined);
      download(`users-${this.list}.csv`, text);
    } catch (error) {
      this.error = error;
    } finally {
      this.busy = false;
    }
  }

  protected override render() {
    return shell(this.settings, this.list, "users", html`
      <h1 tabindex="-1">${t("import-export")}</h1>
      ${failure(this.error)}
      <section aria-labelledby="export-title"><h2 id="export-title">${t("export")}</h2>
        <p class="hint">${t("export-hint")}</p>
        <button type="button" ?disabled=${this.busy} @click=${() => void this.#export()}>${t("export-button")}</button>
      </section>
      <section aria-labelledby="import-title"><h2 id="import-title">${t("import")}</h2>
        <p>${rich(t("import-hint", { columns: COLUMNS.map((name) => `\`${name}\``).join(", ") }))}</p>
        <div class="drop" @dragover=${(event: DragEvent) => event.preventDefault()} @drop=${(event: DragEvent) => {
          event.preventDefault();
          const file = event.dataTransfer?.files[0];
          if (file !== undefined) void this.#read(file);
        }}>
          <label class="button" for="csv-file">${t("import-choose")}</label>
          <input id="csv-file" class="visually-hidden" type="file" accept=".csv,text/csv" aria-describedby="csv-problem" @change=${(event: Event) => {
            const file = (event.target as HTMLInputElement).files?.[0];
            if (file !== undefined) void this.#read(file);
          }} />
          <span>${this.fileName === "" ? t("import-drop") : this.fileName}</span>
        </div>
        <p class="problem" id="csv-problem" role="alert">${this.problem}</p>
        ${this.total > 0 && this.done < this.total
          ? html`<label>${t("import-checking")} <progress max=${this.total} .value=${this.done}></progress></label>`
          : nothing}
        ${this.rows.length > 0 ? this.#review() : nothing}
        ${this.result === undefined ? nothing : this.#imported(this.result)}
      </section>
    `);
  }

  #review() {
    const wrong = this.rows.filter(({ diagnostics }) => diagnostics.some(({ severity }) => severity === "error"));
    const warned = this.rows.filter((row) => row.diagnostics.length > 0 && !wrong.includes(row));
    const fixable = [...wrong, ...warned].filter(({ corrected }) => corrected !== undefined);
    const open = this.rows.filter(({ diagnostics }) => diagnostics.some(({ code }) => code === "everyone-may-send")).length;
    const shown = [...wrong, ...warned].slice(0, SHOWN);
    return html`
      <div role="status"><p>${counted("rows-read", this.rows.length)} ${counted("rows-wrong", wrong.length)} ${counted("rows-warned", warned.length)}</p></div>
      ${fixable.length > 0 ? html`<button type="button" class="small" @click=${() => this.#fix(fixable)}>${counted("fix-rows", fixable.length)}</button>` : nothing}
      ${shown.length === 0 ? nothing : html`<div class="scroll"><table>
        <thead><tr><th scope="col" class="number">${t("line")}</th><th scope="col">${t("problems")}</th><th scope="col"><span class="visually-hidden">${t("edit")}</span></th></tr></thead>
        <tbody>${shown.map((row) => html`<tr><td class="number">${row.line}</td>
          <td>${row.diagnostics.slice(0, 5).map((one) => {
            const { message, help } = diagnosticWords(one);
            return html`<p><strong>${t(`severity-${one.severity}`)}</strong> ${one.field === undefined ? nothing : html`<code>${one.field}</code>`} ${rich(message)}
              ${help === undefined ? nothing : html`<span class="hint">${rich(help)}</span>`}</p>`;
          })}${row.diagnostics.length > 5 ? html`<p>${counted("more-problems", row.diagnostics.length - 5)}</p>` : nothing}</td>
          <td>${row.corrected !== undefined
            ? html`<button type="button" class="small" aria-label="${t("fix-row")}: ${t("line")} ${row.line}" @click=${() => this.#fix([row])}>${t("fix-row")}</button>`
            : nothing}</td></tr>`)}</tbody>
      </table></div>`}
      ${open > 0 ? html`<label class="check"><input type="checkbox" .checked=${this.everyone}
        @change=${(event: Event) => { this.everyone = (event.target as HTMLInputElement).checked; }} />${counted("rows-open", open)}</label>` : nothing}
      <div class="buttons"><button type="button" class="primary" ?disabled=${wrong.length > 0 || this.busy || (open > 0 && !this.everyone)}
        @click=${() => void this.#send()}>${counted("import-button", this.rows.length)}</button>
        ${wrong.length > 0 ? html`<span class="hint">${t("import-blocked")}</span>` : nothing}</div>`;
  }

  #imported({ created, updated }: { created: { username: string; password: string }[]; updated: number }) {
    return html`<div class="notice good" id="imported" tabindex="-1"><p>${counted("imported", created.length)} ${updated > 0 ? counted("updated", updated) : nothing}</p>
      ${created.length === 0 ? nothing : html`<p>${t("passwords-once")}</p>
        <button type="button" class="primary" @click=${() => download(`passwords-${this.list}.csv`,
          csvRow(["username", "password"]) + created.map(({ username, password }) => csvRow([username, password])).join(""))}>${t("passwords-save")}</button>`}
    </div>`;
  }
}

function check(line: number, names: Column[], fields: string[]): Checked {
  const draft: UserDraft = {};
  names.forEach((name, index) => {
    const value = unprotected(fields[index] ?? "");
    if (name === "active") draft.active = !/^(false|no|0|off)$/i.test(value.trim());
    else if (name === "priority") draft.priority = value.trim() === "" ? 3 : Number(value);
    else if (name !== "username" || value.trim() !== "") draft[name] = value;
  });
  return checked(line, draft);
}

function checked(line: number, draft: UserDraft): Checked {
  const { diagnostics } = validateUser(draft);
  if (!diagnostics.some(({ fix }) => fix?.safe)) return { line, draft, diagnostics };
  const corrected = fixed(draft);
  const changed = COLUMNS.some((name) => corrected[name] !== draft[name]);
  return changed ? { line, draft, diagnostics, corrected } : { line, draft, diagnostics };
}

/** The draft with every safe fix of each field applied. */
function fixed(draft: UserDraft): UserDraft {
  const { note, domains, senders } = draft;
  return {
    ...draft,
    ...(note === undefined ? {} : { note: fixedNote(note) }),
    ...(domains === undefined ? {} : { domains: fixAll("domains", domains).text }),
    ...(senders === undefined ? {} : { senders: fixAll("senders", senders).text }),
  };
}
