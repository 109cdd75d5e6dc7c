/** What to do about what a program said. */
import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import ENTRIES from "../../../data/replies.json";
import { type Entry, find } from "../../../pkg-template/bin/replies.js";
import { type List, call } from "../api.ts";
import { reasons as spoken } from "../i18n/diagnostics.en.ts";
import { reasonWords, t } from "../i18n/index.ts";
import { explanations, language, p } from "../i18n/programs.ts";
import { Page, failure, rich } from "../parts/page.ts";
import { programsNav } from "../parts/programs-nav.ts";
import { shell } from "../parts/shell.ts";

/** Milliseconds without a keystroke that count as a pause: until then nothing is announced. */
const PAUSE = 250;

@customElement("sg-troubleshooting")
export class TroubleshootingPage extends Page {
  @property() list = "";
  @state() private settings: List | undefined;
  @state() private said = "";
  @state() private error: unknown;
  #timer: ReturnType<typeof setTimeout> | undefined;

  override get heading() {
    return p("troubleshooting");
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  async #start(): Promise<void> {
    this.error = undefined;
    try {
      this.settings = (await call<List>("GET", `/api/lists/${this.list}`)).body;
    } catch (error) {
      this.error = error;
    }
  }

  #typed(event: InputEvent): void {
    const { value } = event.target as HTMLTextAreaElement;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => { this.said = value; }, PAUSE);
  }

  protected override render() {
    const found = find(ENTRIES, this.said);
    const asked = this.said.trim() !== "";
    return shell(this.settings, this.list, "programs", html`
      <h1 tabindex="-1">${this.heading}</h1>
      ${programsNav(this.list, "troubleshooting")}
      ${failure(this.error, () => void this.#start())}
      <div class="field">
        <label for="said">${p("said-label")}</label>
        <p class="hint" id="said-hint">${p("said-hint")} ${rich(p("said-example", { example: "`535 5.7.8 …`" }))}</p>
        <textarea id="said" rows="5" maxlength="20000" spellcheck="false" aria-describedby="said-hint" @input=${this.#typed}></textarea>
      </div>
      <p role="status">${!asked ? nothing : found.length === 0 ? rich(p("said-nothing-found")) : explanations(found.length)}</p>
      ${found.map((entry) => this.#entry(entry))}
      ${asked ? this.#reasons() : nothing}
    `);
  }

  #entry({ id, ...words }: Entry) {
    const { title, why, todo } = words[language];
    return html`<section class="card" aria-labelledby="entry-${id}">
      <h2 id="entry-${id}">${title}</h2>
      <p>${rich(why)}</p>
      <ul>${todo.map((step) => html`<li>${rich(step)}</li>`)}</ul>
      <p><a href="/lists/${this.list}/messages">${p("to-messages")}</a> · <a href="/lists/${this.list}/users">${p("to-users")}</a> ·
        <a href="/lists/${this.list}/programs">${p("to-guides")}</a></p>
    </section>`;
  }

  /** The engine's reasons whose words stand in what was said. */
  #reasons() {
    const text = this.said.replace(/\s+/g, " ").toLowerCase();
    const named = Object.entries(spoken).filter(([, words]) => text.includes(words.toLowerCase()));
    if (named.length === 0) return nothing;
    return html`<section class="card" aria-labelledby="reason"><h2 id="reason">${p("the-reason")}</h2>
      <dl>${named.map(([code]) => html`<dt><code>${code}</code></dt><dd>${reasonWords(code)}</dd>`)}</dl></section>`;
  }
}
