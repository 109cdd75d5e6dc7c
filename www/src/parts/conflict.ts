/** A conflict between two people who changed one user: both values of each field that differs, and a choice. */
import { html } from "lit";
import { type Draft, FIELDS } from "../draft.ts";
import { type Key, t } from "../i18n/index.ts";

export function conflict(mine: Draft, theirs: Draft, choose: (field: keyof Draft, value: Draft[keyof Draft]) => void) {
  const differing = FIELDS.filter((field) => mine[field] !== theirs[field]);
  return html`<section class="notice warning" id="conflict" tabindex="-1" aria-labelledby="conflict-title">
    <h2 id="conflict-title">${t("conflict-title")}</h2>
    <p>${t("conflict-hint")}</p>
    ${differing.map((field) => html`<div class="field" role="group" aria-label=${t(field as Key)}>
      <strong>${t(field as Key)}</strong>
      <dl>
        <dt>${t("conflict-yours")}</dt><dd>${shown(mine[field])}</dd>
        <dt>${t("conflict-theirs")}</dt><dd>${shown(theirs[field])}
          <button type="button" class="small" @click=${() => choose(field, theirs[field])}>${t("conflict-take")}</button></dd>
      </dl>
    </div>`)}
  </section>`;
}

const shown = (value: string | number | boolean) =>
  typeof value === "boolean" ? t(value ? "active" : "inactive") : typeof value === "number" ? t(`priority-${value as 1}`) : value === "" ? "—" : value;
