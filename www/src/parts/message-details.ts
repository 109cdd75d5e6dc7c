/** The details of one message: findings, reply, and the deliveries to each recipient. */
import { html, nothing } from "lit";
import { counted, formatDate, formatNumber, t } from "../i18n/index.ts";
import type { Delivery, LoggedMessage, MessageDetails, MessageState } from "../log.ts";
import { wantsAnEntry } from "../authorize.ts";
import { authorizeFound } from "./authorize-button.ts";
import { findingsTable } from "./findings.ts";

/** `details` is `undefined` while it loads. */
export function messageDetails(list: string, message: LoggedMessage, details: MessageDetails | undefined) {
  const { decision, mailFrom, recipients, recipientCount, client, engine, id, user } = message;
  const { reply, priority } = decision;
  const shown = recipients.slice(0, 20);
  return html`
    <h2>${t("found-in-message")}</h2>
    ${findingsTable(decision, t("found-in-message"), decision.omittedFindings, ({ identity, address, reason }) =>
      wantsAnEntry(reason) && address !== undefined ? authorizeFound(list, user, { identity, address }) : nothing)}
    <dl>
      <dt>${t("username")}</dt><dd><a href="/lists/${list}/users/${user}"><code>${user}</code></a></dd>
      <dt>${t("smtp-answer")}</dt><dd><code>${reply.code} ${reply.enhancedCode} ${reply.text}</code></dd>
      <dt>${t("effective-priority")}</dt><dd>${t(`priority-${priority.effective}`)}
        <span class="muted">${priority.message === undefined
          ? t("priority-why-user")
          : t("priority-why-message", { message: formatNumber(priority.message), source: priority.source, user: formatNumber(priority.user) })}
          ${priority.capped ? t("priority-why-capped") : nothing}</span></dd>
      <dt>${t("identity-mail-from")}</dt><dd>${mailFrom === null ? t("null-sender") : html`<code>${mailFrom}</code>`}</dd>
      <dt>${t("recipients")}</dt><dd>${shown.map((one) => html`<code>${one}</code> `)}
        ${recipientCount > shown.length ? t("and-more", { count: recipientCount - shown.length }) : nothing}</dd>
      ${client === undefined ? nothing : html`<dt>${t("client")}</dt><dd><code>${client}</code></dd>`}
      <dt>${t("message-id")}</dt><dd><code>${id}</code></dd>
      <dt>${t("engine-version")}</dt><dd>${engine}</dd>
    </dl>
    ${message.state === "blocked" ? nothing : html`<h2>${t("delivery-history")}</h2>${history(details)}`}
  `;
}

function history(details: MessageDetails | undefined) {
  if (details === undefined) return html`<p role="status">${t("loading")}</p>`;
  if (details.deliveries.length === 0) return html`<p>${t("not-tried-yet")}</p>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${t("delivery-history")}><table class="wide">
    <thead><tr><th scope="col">${t("when")}</th><th scope="col" class="number">${t("attempt")}</th><th scope="col">${t("recipient")}</th>
      <th scope="col">${t("outcome")}</th><th scope="col">${t("relay-answer")}</th></tr></thead>
    <tbody>${details.deliveries.map(attemptRows)}</tbody>
  </table></div>`;
}

/** The results, then how many more there are, how many the log does not have, and how many were deferred as before. */
function attemptRows({ at, attempt, results, state, unchanged = 0, omittedResults = 0 }: Delivery) {
  const row = (recipient: unknown, outcome: MessageState, reply: unknown) => html`<tr>
    <td class="when">${formatDate(Date.parse(at))}</td><td class="number">${formatNumber(attempt)}</td><td class="wrap">${recipient}</td>
    <td>${t(`state-${outcome}`)}</td><td class="wrap">${reply}</td></tr>`;
  const shown = results.slice(0, 200);
  const more = results.length - shown.length;
  return html`
    ${shown.map(({ recipient, outcome, reply }) => row(html`<code>${recipient}</code>`, outcome, html`<code>${reply}</code>`))}
    ${more > 0 ? row(t("and-more", { count: more }), state, nothing) : nothing}
    ${omittedResults > 0 ? row(counted("answers-not-kept", omittedResults), state, nothing) : nothing}
    ${unchanged > 0 ? row(counted(shown.length > 0 ? "others-as-before" : "all-as-before", unchanged), "deferred", nothing) : nothing}
    ${shown.length + omittedResults + unchanged === 0 ? row("—", state, nothing) : nothing}`;
}
