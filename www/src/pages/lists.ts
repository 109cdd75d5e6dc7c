/** The lists of the account: create, rename, choose, delete. */
import { html, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { type List, ApiError, call } from "../api.ts";
import { formatDate, t } from "../i18n/index.ts";
import { Page, ask, failure } from "../parts/page.ts";
import { router } from "../router.ts";

@customElement("sg-lists")
export class Lists extends Page {
  @state() private lists: List[] | undefined;
  @state() private error: unknown;
  @state() private problem = "";
  @state() private busy = false;

  override get heading() {
    return t("lists");
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
  }

  async #load(): Promise<void> {
    this.error = undefined;
    try {
      const lists: List[] = [];
      let cursor: string | undefined;
      do {
        const { body } = await call<{ items: List[]; next?: string }>("GET", `/api/lists?limit=200${cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`}`);
        lists.push(...body.items);
        cursor = body.next;
      } while (cursor !== undefined);
      this.lists = lists;
    } catch (error) {
      this.error = error;
    }
  }

  async #create(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const input = this.querySelector<HTMLInputElement>("#list-name");
    if (input === null) return;
    const name = input.value.trim();
    if (name === "") {
      this.problem = t("required");
      input.focus();
      return;
    }
    this.busy = true;
    this.problem = "";
    try {
      const { body } = await call<List>("POST", "/api/lists", { name });
      input.value = "";
      // Do not navigate if the person has gone to another page.
      if (this.isConnected) await router.go(`/lists/${body.id}/users`);
    } catch (error) {
      if (error instanceof ApiError && error.status === 422) this.problem = error.message;
      else this.error = error;
    } finally {
      this.busy = false;
    }
  }

  async #rename(list: List): Promise<void> {
    const answer = await ask(
      t("rename-list"),
      html`<div class="field"><label for="new-name">${t("list-name")}</label><input id="new-name" maxlength="200" .value=${list.name} /></div>`,
      [{ value: "save", label: t("save"), kind: "primary" }, { value: "", label: t("cancel") }],
      (dialog) => dialog.querySelector<HTMLInputElement>("#new-name")?.value.trim() ?? "",
    );
    if (answer?.value !== "save" || answer.read === "" || answer.read === list.name) return;
    await this.#change(async () => {
      const { etag } = await call<List>("GET", `/api/lists/${list.id}`);
      await call("PATCH", `/api/lists/${list.id}`, { name: answer.read }, { etag });
    });
  }

  async #delete(list: List): Promise<void> {
    const answer = await ask(
      t("delete-list"),
      html`<p>${t("delete-list-warning", { name: list.name })}</p>
        <div class="field"><label for="confirm-name">${t("type-name-to-confirm", { name: list.name })}</label>
          <input id="confirm-name" autocomplete="off" /></div>`,
      [{ value: "delete", label: t("delete-list"), kind: "danger" }, { value: "", label: t("cancel") }],
      (dialog) => dialog.querySelector<HTMLInputElement>("#confirm-name")?.value ?? "",
    );
    if (answer?.value !== "delete" || answer.read !== list.name) return;
    await this.#change(async () => {
      const { etag } = await call<List>("GET", `/api/lists/${list.id}`);
      await call("DELETE", `/api/lists/${list.id}`, undefined, { etag });
    });
  }

  async #change(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      await this.#load();
    } catch (error) {
      this.error = error;
    }
  }

  protected override render() {
    return html`
      <h1 tabindex="-1">${t("lists")}</h1>
      ${failure(this.error, () => void this.#load())}
      <p class="notice">${t("lists-advice")}</p>
      <form novalidate class="toolbar" @submit=${this.#create}>
        <div class="field">
          <label for="list-name">${t("list-name")}</label>
          <input id="list-name" maxlength="200" autocomplete="off" aria-invalid=${this.problem === "" ? "false" : "true"} aria-describedby="list-name-problem" />
          <p class="problem" id="list-name-problem" role="alert">${this.problem}</p>
        </div>
        <button class="primary" ?disabled=${this.busy}>${t("create-list")}</button>
      </form>
      ${this.lists === undefined
        ? html`<p class="loading" role="status">${this.error === undefined ? t("loading") : nothing}</p>`
        : this.lists.length === 0
          ? html`<p>${t("no-lists")}</p>`
          : html`<div class="scroll"><table>
              <thead><tr><th scope="col">${t("list-name")}</th><th scope="col">${t("created-at")}</th><th scope="col"><span class="visually-hidden">${t("edit")}</span></th></tr></thead>
              <tbody>${this.lists.map((list) => html`<tr>
                <td><a href="/lists/${list.id}/users">${list.name}</a></td>
                <td>${formatDate(Date.parse(list.createdAt))}</td>
                <td><button type="button" class="small" aria-label="${t("rename-list")}: ${list.name}" @click=${() => void this.#rename(list)}>${t("rename-list")}</button>
                  <button type="button" class="small danger" aria-label="${t("delete-list")}: ${list.name}" @click=${() => void this.#delete(list)}>${t("delete")}</button></td>
              </tr>`)}</tbody>
            </table></div>`}
    `;
  }
}
