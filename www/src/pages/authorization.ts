/** Sender authorization of a list: what happens to messages with unauthorized senders, and which identities are checked. */
import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { PriorityLevel } from "sendergate";
import { type List, ApiError, call } from "../api.ts";
import { counted, formatList, t } from "../i18n/index.ts";
import { IDENTITIES, LEVELS } from "../log.ts";
import { Page, ask, failure, rich, typedSince } from "../parts/page.ts";
import { shell } from "../parts/shell.ts";
import { type RehearsalPart } from "../parts/rehearsal.ts";
import "../parts/rehearsal.ts";

const FIELDS = ["onUnauthorized", "identities", "maxPriority", "stampPriority"] as const;
type Settings = Pick<List, (typeof FIELDS)[number]>;
type Field = keyof Settings;

const LABELS = { onUnauthorized: "on-unauthorized", identities: "what-is-checked", maxPriority: "max-priority", stampPriority: "stamp-priority" } as const;
/** The identities that a list may leave out, with their texts. The others are always checked. */
const CHOICES = [
  { identity: "mail-from", label: "check-bounce-address", hint: "check-bounce-hint" },
  { identity: "display-name", label: "check-display-names", hint: "check-display-names-hint" },
] as const;

@customElement("sg-authorization")
export class AuthorizationPage extends Page {
  @property() list = "";
  @state() private stored: List | undefined;
  @state() private draft: Settings | undefined;
  @state() private busy = false;
  @state() private saved = "";
  @state() private error: unknown;
  /** What somebody else saved meanwhile, if both changed the same setting. */
  @state() private theirs: Settings | undefined;
  @state() private clashes: Field[] = [];

  #etag: string | undefined;

  override get heading() {
    return t("sender-authorization");
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#start();
  }

  async #start(): Promise<void> {
    this.error = undefined;
    try {
      const { body, etag } = await call<List>("GET", `/api/lists/${this.list}`);
      this.#take(body, etag);
    } catch (error) {
      this.error = error;
    }
  }

  /** Takes the stored settings. Changes after `sent` stay. */
  #take(list: List, etag: string | undefined, sent?: Settings): void {
    this.stored = list;
    this.draft = { ...pick(list), ...(sent === undefined || this.draft === undefined ? {} : typedSince(sent, this.draft)) };
    this.#etag = etag;
    this.theirs = undefined;
    this.clashes = [];
    this.guard(this.#changed);
  }

  #set<Name extends Field>(name: Name, value: Settings[Name]): void {
    if (this.draft === undefined) return;
    this.draft = { ...this.draft, [name]: value };
    this.saved = "";
    this.guard(this.#changed);
  }

  get #changed(): boolean {
    const { stored, draft } = this;
    return stored !== undefined && draft !== undefined && FIELDS.some((field) => !same(stored[field], draft[field]));
  }

  get #rehearsal(): RehearsalPart | null {
    return this.querySelector<RehearsalPart>("sg-rehearsal");
  }

  #choose(choice: Settings["onUnauthorized"]): void {
    this.#set("onUnauthorized", choice);
    const rehearsal = this.#rehearsal;
    if (choice === "block" && this.stored?.onUnauthorized === "alert" && rehearsal !== null && !rehearsal.current) void rehearsal.run();
  }

  /** Before a list blocks, the person sees what it would have blocked. */
  async #sure(): Promise<boolean> {
    const rehearsal = this.#rehearsal;
    if (this.draft?.onUnauthorized !== "block" || this.stored?.onUnauthorized !== "alert" || rehearsal === null) return true;
    if (rehearsal.current && rehearsal.stopped === 0) return true;
    const words = rehearsal.current ? counted("block-would-stop", rehearsal.stopped) : t("block-not-rehearsed");
    const answer = await ask(t("block-title"), html`<p>${words}</p>`, [
      { value: "", label: t("cancel"), kind: "primary" },
      { value: "block", label: t("block-yes"), kind: "danger" },
    ]);
    return answer !== undefined;
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const { draft } = this;
    if (draft === undefined || this.busy || !(await this.#sure())) return;
    this.busy = true;
    this.error = undefined;
    try {
      const { body, etag } = await call<List>("PATCH", `/api/lists/${this.list}`, draft, { etag: this.#etag });
      this.#take(body, etag, draft);
      this.saved = t("settings-saved");
    } catch (error) {
      if (error instanceof ApiError && error.status === 412) await this.#merge(draft);
      else this.error = error;
    } finally {
      this.busy = false;
    }
  }

  /** Takes the other's value if the person changed nothing; if both changed it, the person's value, until they choose. */
  async #merge(mine: Settings): Promise<void> {
    const base = this.stored;
    try {
      const { body, etag } = await call<List>("GET", `/api/lists/${this.list}`);
      const theirs = pick(body);
      const ours = FIELDS.filter((field) => base === undefined || !same(base[field], mine[field]));
      this.draft = { ...theirs, ...Object.fromEntries(ours.map((field) => [field, mine[field]])) } as Settings;
      this.clashes = ours.filter((field) => !same(theirs[field], mine[field]) && (base === undefined || !same(theirs[field], base[field])));
      this.theirs = theirs;
      this.stored = body;
      this.#etag = etag;
      await this.updateComplete;
      this.querySelector<HTMLElement>("#conflict")?.focus();
    } catch (error) {
      this.error = error;
    }
  }

  protected override render() {
    const { draft } = this;
    return shell(this.stored, this.list, "authorization", html`
      <h1 tabindex="-1">${this.heading}</h1>
      ${failure(this.error, draft === undefined ? () => void this.#start() : undefined)}
      ${draft === undefined
        ? this.error === undefined ? html`<p class="loading" role="status">${t("loading")}</p>` : nothing
        : this.#form(draft)}
    `);
  }

  #form(draft: Settings) {
    return html`
      ${this.#conflict()}
      <form novalidate @submit=${this.#submit}>
        <fieldset><legend>${t("on-unauthorized")}</legend>
          ${(["alert", "block"] as const).map((choice) => html`<div class="choice">
            <label class="check"><input type="radio" name="on-unauthorized" value=${choice} aria-describedby="choice-${choice}"
              .checked=${draft.onUnauthorized === choice} @change=${() => this.#choose(choice)} />${t(`choice-${choice}`)}</label>
            <p class="hint" id="choice-${choice}">${t(`choice-${choice}-hint`)}</p></div>`)}
          <div class="choice" role="status">${this.#foretold(draft)}</div>
        </fieldset>
        ${this.#checked(draft)}
        <div class="field"><label for="max-priority">${t("max-priority")}</label>
          <p class="hint" id="max-priority-hint">${t("max-priority-hint")}</p>
          <select id="max-priority" aria-describedby="max-priority-hint"
            @change=${(event: Event) => this.#set("maxPriority", Number((event.target as HTMLSelectElement).value) as PriorityLevel)}>
            ${LEVELS.map((level) => html`<option value=${level} ?selected=${level === draft.maxPriority}>${level === 1 ? t("no-cap") : t(`priority-${level}`)}</option>`)}
          </select></div>
        <div class="choice">
          <label class="check"><input id="stamp-priority" type="checkbox" aria-describedby="stamp-hint" .checked=${draft.stampPriority}
            @change=${(event: Event) => this.#set("stampPriority", (event.target as HTMLInputElement).checked)} />${t("stamp-priority")}</label>
          <p class="hint" id="stamp-hint">${rich(t("stamp-priority-hint"))}</p></div>
        <div class="buttons">
          <button class="primary" aria-disabled=${this.busy ? "true" : "false"}>${t("save")}</button>
          <span role="status">${this.saved}</span>
        </div>
      </form>
      <sg-rehearsal .list=${this.list} .identities=${draft.identities} @rehearsed=${() => this.requestUpdate()}></sg-rehearsal>`;
  }

  /** The result of the rehearsal next to the choice. */
  #foretold({ onUnauthorized }: Settings) {
    const rehearsal = this.#rehearsal;
    if (onUnauthorized !== "block" || this.stored?.onUnauthorized !== "alert" || rehearsal === null) return nothing;
    const words = rehearsal.running
      ? t("rehearsal-going-on")
      : !rehearsal.current ? t("block-not-rehearsed") : rehearsal.stopped === 0 ? t("nothing-stopped") : counted("block-would-stop", rehearsal.stopped);
    return html`<p class="hint"><strong>${words}</strong>
      <button type="button" class="small" @click=${() => this.querySelector<HTMLElement>("#rehearsal-title")?.focus()}>${t("show-rehearsal")}</button></p>`;
  }

  #checked({ identities }: Settings) {
    const others = identities.filter((identity) => !CHOICES.some((choice) => choice.identity === identity));
    return html`<fieldset><legend>${t("what-is-checked")}</legend>
      ${CHOICES.map(({ identity, label, hint }) => {
        const checked = identities.includes(identity);
        const change = (event: Event) => {
          const on = (event.target as HTMLInputElement).checked;
          this.#set("identities", IDENTITIES.filter((one) => (one === identity ? on : identities.includes(one))));
        };
        // The last one cannot be removed: a list that checks nothing would let everything through.
        return html`<div class="choice"><label class="check"><input id="check-${identity}" type="checkbox" aria-describedby="${identity}-hint"
          .checked=${checked} ?disabled=${checked && identities.length === 1} @change=${change} />${t(label)}</label>
        <p class="hint" id="${identity}-hint">${rich(t(hint))}</p></div>`;
      })}
      ${others.length === 0 ? nothing : html`<p class="hint">${t("also-checked", { fields: formatList(others.map((identity) => t(`identity-${identity}`))) })}</p>`}
    </fieldset>`;
  }

  #conflict() {
    const { theirs, draft, clashes } = this;
    if (theirs === undefined || draft === undefined) return nothing;
    return html`<section class="notice warning" id="conflict" tabindex="-1" aria-labelledby="conflict-title">
      <h2 id="conflict-title">${t("settings-conflict-title")}</h2>
      <p>${t("settings-conflict-hint")}</p>
      ${clashes.map((field) => html`<div role="group" aria-label=${t(LABELS[field])}><strong>${t(LABELS[field])}</strong>
        <dl><dt>${t("conflict-yours")}</dt><dd>${shown(field, draft)}</dd>
          <dt>${t("conflict-theirs")}</dt><dd>${shown(field, theirs)}
            <button type="button" class="small" @click=${() => {
              this.#set(field, theirs[field]);
              this.clashes = this.clashes.filter((other) => other !== field);
            }}>${t("conflict-take")}</button></dd></dl></div>`)}
    </section>`;
  }
}

function shown(field: Field, settings: Settings): string {
  switch (field) {
    case "onUnauthorized": return t(`choice-${settings.onUnauthorized}`);
    case "identities": return formatList(settings.identities.map((identity) => t(`identity-${identity}`)));
    case "maxPriority": return settings.maxPriority === 1 ? t("no-cap") : t(`priority-${settings.maxPriority}`);
    case "stampPriority": return t(settings.stampPriority ? "yes" : "no");
  }
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
const pick = ({ onUnauthorized, identities, maxPriority, stampPriority }: List): Settings =>
  ({ onUnauthorized, identities, maxPriority, stampPriority });
