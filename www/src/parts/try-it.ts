/** Shows what the gate would answer while a person fills in the form. The engine runs in the page; nothing is sent. */
import { LitElement, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { type Decision, type Finding, type PolicyOptions, type Submission, SenderPolicy, SendergateError, readHeader, ready } from "sendergate";
import { canBeListed, wantsAnEntry } from "../authorize.ts";
import { formatNumber, reasonWords, t } from "../i18n/index.ts";
import { isOnlyShown } from "../log.ts";
import { verdictBadge, whereFound } from "./findings.ts";
import { rich } from "./page.ts";

/** Octets of a pasted or dropped message that are read: the engine reads no more. */
const HEADER_LIMIT = 256 * 1024;

@customElement("sg-try-it")
export class TryIt extends LitElement {
  /** The lists and settings in the form. */
  @property({ attribute: false }) options: PolicyOptions = {};
  @state() private address = "";
  @state() private source = "";
  @state() private mailFrom: string | undefined;
  @state() private message: { header: Uint8Array; headerComplete: boolean } | undefined;
  @state() private fileName = "";
  @state() private loaded = false;

  #policy: SenderPolicy | undefined;
  #made: PolicyOptions | undefined;

  protected override createRenderRoot() {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void ready().then(() => {
      this.loaded = true;
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#policy?.free();
    this.#policy = undefined;
    this.#made = undefined;
  }

  /** The compiled policy of the form; `undefined` while its lists have errors. */
  #current(): SenderPolicy | undefined {
    if (this.#made === this.options) return this.#policy;
    this.#policy?.free();
    this.#made = this.options;
    try {
      this.#policy = new SenderPolicy(this.options);
    } catch (error) {
      if (!(error instanceof SendergateError)) throw error;
      this.#policy = undefined;
    }
    return this.#policy;
  }

  async #read(bytes: Blob, name: string): Promise<void> {
    this.fileName = name;
    try {
      const { header, headerComplete, message } = await readHeader(bytes.stream() as ReadableStream<Uint8Array>, { limit: HEADER_LIMIT });
      await message.cancel();
      this.message = { header, headerComplete };
    } catch (error) {
      if (!(error instanceof SendergateError)) throw error;
      // If it is too large, the engine says so.
      this.message = { header: new Uint8Array(await bytes.slice(0, HEADER_LIMIT + 1).arrayBuffer()), headerComplete: false };
    }
  }

  #pasted(text: string): void {
    this.source = text;
    if (text.trim() === "") {
      this.message = undefined;
      return;
    }
    // A text field has LF alone, which the gate accepts like CRLF.
    void this.#read(new Blob([text]), "");
  }

  #dropped(event: DragEvent): void {
    const file = event.dataTransfer?.files[0];
    if (file === undefined) return;
    event.preventDefault();
    this.source = "";
    void this.#read(file, file.name);
  }

  protected override render() {
    return html`
      <h2 id="try-title">${t("try-it")}</h2>
      <p class="hint">${t("try-hint")}</p>
      <div class="field">
        <label for="try-address">${t("try-address")}</label>
        <input id="try-address" type="text" inputmode="email" autocomplete="off" spellcheck="false" placeholder="info@yourcompany.example"
          .value=${this.address} @input=${(event: InputEvent) => { this.address = (event.target as HTMLInputElement).value; }} />
      </div>
      <div class="field" @dragover=${(event: DragEvent) => event.preventDefault()} @drop=${this.#dropped}>
        <label for="try-source">${t("try-message")}</label>
        <p class="hint" id="try-source-hint">${t("try-message-hint")}</p>
        <textarea id="try-source" rows="4" spellcheck="false" aria-describedby="try-source-hint" .value=${this.source}
          @input=${(event: InputEvent) => this.#pasted((event.target as HTMLTextAreaElement).value)}></textarea>
        <label class="button small" for="try-file">${t("try-choose")}</label>
        <input class="visually-hidden" id="try-file" type="file" accept=".eml,message/rfc822"
          @change=${(event: Event) => {
            const file = (event.target as HTMLInputElement).files?.[0];
            if (file !== undefined) { this.source = ""; void this.#read(file, file.name); }
          }} />
        ${this.fileName === "" ? nothing : html`<span class="muted">${this.fileName}</span>`}
      </div>
      ${this.message === undefined ? nothing : html`<div class="field">
        <label for="try-mail-from">${t("try-mail-from")}</label>
        <input id="try-mail-from" type="text" inputmode="email" autocomplete="off" spellcheck="false" .value=${this.mailFrom ?? ""}
          @input=${(event: InputEvent) => { const { value } = event.target as HTMLInputElement; this.mailFrom = value === "" ? undefined : value; }} />
      </div>`}
      <div role="status" aria-live="polite">${this.#answer()}</div>
    `;
  }

  #answer() {
    if (!this.loaded) return nothing;
    const asked = this.address.trim() !== "" || this.message !== undefined;
    if (!asked) return nothing;
    const policy = this.#current();
    if (policy === undefined) return html`<p>${t("try-invalid-lists")}</p>`;
    const submission: Submission =
      this.message === undefined
        ? { mailFrom: this.address.trim() }
        : { ...this.message, ...(this.mailFrom === undefined ? {} : { mailFrom: this.mailFrom.trim() }) };
    return html`
      ${this.message !== undefined && this.address.trim() !== "" ? this.#one(policy.explain(this.address.trim())) : nothing}
      ${this.#decision(policy.decide(submission), this.message === undefined ? policy.explain(this.address.trim()) : undefined)}
    `;
  }

  #one(finding: Finding) {
    return html`<p><code>${finding.address ?? ""}</code> ${verdictBadge(finding.verdict)} ${this.#why(finding)}</p>`;
  }

  /** `explained` replaces the finding about MAIL FROM: it is about the same address, in any place. */
  #decision(decision: Decision, explained?: Finding) {
    const findings = explained === undefined ? decision.findings : [explained];
    const { priority, reply } = decision;
    return html`
      <p class="answer">${verdictBadge(decision.verdict)} <strong>${t(`action-${decision.action}`)}</strong></p>
      ${decision.decidedBy === undefined ? html`<p>${reasonWords(decision.reason)}</p>` : nothing}
      ${findings.length === 0 ? nothing : html`<div class="scroll"><table>
        <thead><tr><th scope="col">${t("identity")}</th><th scope="col">${t("address")}</th><th scope="col">${t("why")}</th></tr></thead>
        <tbody>${findings.slice(0, 50).map((finding, index) => html`<tr>
          <td>${whereFound(finding)}${explained === undefined && index === decision.decidedBy ? html`<br /><span class="badge">${t("decided-by")}</span>` : nothing}</td>
          <td>${finding.address === undefined ? "—" : html`<code>${finding.address}</code>`} ${finding.candidates?.map((one) => html`<br /><code>${one}</code>`)}</td>
          <td>${verdictBadge(finding.verdict)} ${this.#why(finding)}</td>
        </tr>`)}</tbody></table></div>`}
      <dl>
        <dt>${t("smtp-answer")}</dt><dd><code>${reply.code} ${reply.enhancedCode} ${reply.text}</code></dd>
        <dt>${t("effective-priority")}</dt>
        <dd>${t(`priority-${priority.effective}`)}<br /><span class="muted">${priority.source === "user" || priority.message === undefined
          ? t("priority-why-user")
          : t("priority-why-message", { message: formatNumber(priority.message), source: priority.source, user: formatNumber(priority.user) })}
          ${priority.capped ? t("priority-why-capped") : nothing} ${priority.conflict ? t("priority-conflict") : nothing}</span></dd>
      </dl>
    `;
  }

  #why(finding: Finding) {
    const { address, nearMiss, rule } = finding;
    const addable = wantsAnEntry(finding.reason);
    return html`${rule === undefined ? reasonWords(finding.reason) : rich(t("matched-entry", { entry: rule.entry }))}
      ${nearMiss === undefined ? nothing : html`<br />${rich(t(`near-${nearMiss.how}` as "near-typo-of-listed", { entry: nearMiss.entry }))}`}
      ${addable && isOnlyShown(finding) ? html`<br /><span class="muted">${t("only-shown-here")}</span>` : nothing}
      ${addable && !isOnlyShown(finding) && address !== undefined && canBeListed(address)
        ? html`<br /><button type="button" class="small" @click=${() =>
            this.dispatchEvent(new CustomEvent("add-sender", { detail: address, bubbles: true }))}>${t("add-sender", { address })}</button>`
        : nothing}`;
  }
}
