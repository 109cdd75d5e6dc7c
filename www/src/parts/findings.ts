/** Shows a decision: its verdict, and each finding with its reason. Texts of a message are never HTML. */
import { html, nothing } from "lit";
import type { Decision, Finding } from "sendergate";
import { counted, reasonWords, t } from "../i18n/index.ts";
import { IDENTITIES, visible } from "../log.ts";
import { rich } from "./page.ts";

/** A header section can hold thousands of addresses. */
const MOST = 50;

export function verdictBadge(verdict: Decision["verdict"]) {
  const kind = verdict === "authorized" ? "good" : verdict === "unauthorized" ? "bad" : "unsure";
  return html`<span class="badge ${kind}">${t(`verdict-${verdict}`)}</span>`;
}

export function actionBadge(action: Decision["action"]) {
  const kind = action === "send" ? "good" : action === "block" ? "bad" : "unsure";
  return html`<span class="badge ${kind}">${t(`did-${action}`)}</span>`;
}

/** The place of a finding's address in the message. */
export const whereFound = ({ identity, of }: Pick<Finding, "identity" | "of">): string =>
  of === undefined ? t(`identity-${identity}`) : t("identity-in-field", { identity: t(`identity-${identity}`), field: t(`identity-${of}`) });

/** The key of alerts and counts: a domain, or the identity whose address could not be read. */
export function placeWords(place: string): string {
  const identity = IDENTITIES.find((one) => one === place);
  return identity === undefined ? place : t(`identity-${identity}`);
}

export function why({ rule, reason, nearMiss }: Pick<Finding, "rule" | "reason" | "nearMiss">) {
  return html`${rule === undefined ? reasonWords(reason) : code("matched-entry", rule.entry)}
    ${nearMiss === undefined ? nothing : html`<br />${code(`near-${nearMiss.how}` as "near-typo-of-listed", nearMiss.entry)}`}`;
}

/** An entry may contain a backtick, which must not mean code. */
function code(key: "matched-entry" | "near-typo-of-listed", entry: string) {
  return rich(t(key, { entry: entry.includes("`") ? "\u0000" : entry })).map((part) =>
    typeof part === "string" || !entry.includes("`") ? part : html`<code>${entry}</code>`,
  );
}

/** `offer` renders what a person can do about a finding, such as authorizing its address. */
export function findingsTable(decision: Decision, label: string, omitted = 0, offer: (finding: Finding) => unknown = () => nothing) {
  const { findings, decidedBy } = decision;
  if (findings.length === 0) return html`<p>${reasonWords(decision.reason)}</p>`;
  // The deciding finding is always shown.
  const shown = findings.map((finding, index) => ({ finding, index })).filter(({ index }) => index < MOST || index === decidedBy);
  const more = findings.length - shown.length + omitted;
  return html`
    ${decidedBy === undefined ? html`<p>${reasonWords(decision.reason)}</p>` : nothing}
    <div class="scroll" tabindex="0" role="region" aria-label=${label}><table class="wide">
      <thead><tr><th scope="col">${t("identity")}</th><th scope="col">${t("address")}</th><th scope="col">${t("why")}</th></tr></thead>
      <tbody>${shown.map(({ finding, index }) => html`<tr>
        <td>${whereFound(finding)}${index === decidedBy ? html`<br /><span class="badge">${t("decided-by")}</span>` : nothing}</td>
        <td class="wrap">${finding.address === undefined && finding.candidates === undefined ? "—" : nothing}
          ${[...(finding.address === undefined ? [] : [finding.address]), ...(finding.candidates ?? [])].map((one) => html`<code>${visible(one)}</code> `)}</td>
        <td>${verdictBadge(finding.verdict)} ${why(finding)} ${offer(finding)}</td>
      </tr>`)}</tbody>
    </table></div>
    ${more > 0 ? html`<p class="muted">${counted("more-findings", more)}</p>` : nothing}
  `;
}
