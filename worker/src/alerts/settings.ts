/** Who is told of a list's alerts, how, and how often. */
import { parseSenderList } from "sendergate";
import { Problem } from "../problem.ts";
import { settings } from "../settings.ts";
import { seal, unseal } from "./secrets.ts";
import { resolutionFault, targetFault } from "./target.ts";
import type { Webhook } from "./webhook.ts";

export const ALERT_ACTIONS = ["send-and-alert", "block"] as const;
export type AlertAction = (typeof ALERT_ACTIONS)[number];

/** Settings as somebody wants them. */
export interface NewAlertSettings {
  actions: AlertAction[];
  addresses: string[];
  webhook: { url: string; newSecret: boolean } | null;
  /** 0: at once. */
  digestMinutes: number;
}

/** Settings as they are shown: without the secret. */
export interface AlertSettings {
  actions: AlertAction[];
  addresses: string[];
  webhook: { url: string } | null;
  digestMinutes: number;
  /** The last notice by each channel, and how it ended. */
  lastNotices: { channel: "webhook" | "mail"; at: string; state: "waiting" | "sent" | "failed"; result?: string }[];
}

/** What the sending of notices needs. */
export interface StoredAlertSettings {
  actions: string[];
  addresses: string[];
  /** Without its secret where that cannot be opened any more. */
  webhook: Webhook | null;
  digestMinutes: number;
  /** 0: nothing was ever saved. */
  version: number;
}

interface Row {
  actions: string;
  addresses: string;
  webhook_url: string | null;
  webhook_secret: string | null;
  digest_minutes: number;
  version: number;
}

/** What stands; of a list that never saved any: all alerts, to nobody. */
export async function storedAlertSettings(env: Env, listId: string): Promise<StoredAlertSettings> {
  const row = await env.DB.prepare("SELECT * FROM alert_settings WHERE list_id = ?").bind(listId).first<Row>();
  if (row === null) return { actions: [...ALERT_ACTIONS], addresses: [], webhook: null, digestMinutes: 0, version: 0 };
  return {
    actions: JSON.parse(row.actions) as string[],
    addresses: JSON.parse(row.addresses) as string[],
    webhook: row.webhook_url === null ? null : { url: row.webhook_url, secret: await opened(env, listId, row.webhook_secret) },
    digestMinutes: row.digest_minutes,
    version: row.version,
  };
}

const opened = async (env: Env, listId: string, kept: string | null) => (kept === null ? undefined : unseal(env, kept, listId));

/** The same as the API shows it: without the secret. */
export async function alertSettings(env: Env, listId: string): Promise<{ settings: AlertSettings; version: number }> {
  const [{ version, webhook, ...stored }, notices] = await Promise.all([
    storedAlertSettings(env, listId),
    env.DB.prepare(
      `SELECT channel, max(created_at) AS at, state, result FROM notices WHERE list_id = ? GROUP BY channel ORDER BY channel DESC`,
    )
      .bind(listId)
      .all<{ channel: "webhook" | "mail"; at: number; state: "waiting" | "sent" | "failed"; result: string | null }>(),
  ]);
  const lastNotices = notices.results.map(({ at, result, ...notice }) => ({
    ...notice,
    at: new Date(at).toISOString(),
    ...(result === null ? {} : { result }),
  }));
  const shown = { ...stored, webhook: webhook === null ? null : { url: webhook.url }, lastNotices };
  return { settings: shown as AlertSettings, version };
}

/**
 * Saves `wanted` over `version`. What was raised before is not told any more: the settings are for what comes.
 *
 * @returns whether `version` still stood, and the webhook's secret where this made one.
 * @throws Problem 422 where an address or the webhook's target is wrong.
 */
export async function saveAlertSettings(
  env: Env,
  listId: string,
  wanted: NewAlertSettings,
  version: number,
): Promise<{ saved: boolean; secret?: string }> {
  const addresses = wanted.addresses.map((text, index) => checkedAddress(text, index));
  const fault = wanted.webhook === null ? undefined : targetFault(wanted.webhook.url, settings(env).DEVELOPMENT);
  if (fault !== undefined) throw invalid("/webhook/url", `${fault}; a webhook is a public https address`);

  const stored = await storedAlertSettings(env, listId);
  const url = wanted.webhook === null ? null : new URL(wanted.webhook.url);
  if (url !== null && url.href !== stored.webhook?.url) await lookUp(env, url);
  const makes = wanted.webhook !== null && (wanted.webhook.newSecret || stored.webhook?.secret === undefined);
  const secret = makes ? newWebhookSecret() : stored.webhook?.secret;
  const values = [
    JSON.stringify(wanted.actions),
    JSON.stringify(addresses),
    url?.href ?? null,
    url === null || secret === undefined ? null : await seal(env, secret, listId),
    wanted.digestMinutes,
  ];
  const columns = "actions, addresses, webhook_url, webhook_secret, digest_minutes";
  const write =
    version === 0
      ? env.DB.prepare(`INSERT INTO alert_settings (${columns}, list_id) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`).bind(...values, listId)
      : env.DB.prepare(
          `UPDATE alert_settings SET (${columns}, version) = (?, ?, ?, ?, ?, version + 1) WHERE list_id = ? AND version = ?`,
        ).bind(...values, listId, version);
  const told = env.DB.prepare("UPDATE alerts SET told = count WHERE list_id = ? AND told < count").bind(listId);
  const silentBefore = stored.addresses.length === 0 && stored.webhook === null;
  // Where it goes to another place now, a pause for the former one is over.
  const tried = env.DB.prepare("UPDATE alert_channels SET failures = 0, next_at = iif(next_at IS NULL, NULL, 0) WHERE list_id = ?").bind(listId);
  const [written] = await env.DB.batch(silentBefore ? [write, told, tried] : [write, tried]);
  const saved = (written?.meta.changes ?? 0) > 0;
  return saved && makes && secret !== undefined ? { saved, secret } : { saved };
}

const LOOK_UP_MS = 3_000;

/** A name that leads nowhere is said while somebody can mend it. Where the resolver fails nothing is said: it is asked again before each notice. */
async function lookUp(env: Env, url: URL): Promise<void> {
  const fault = await resolutionFault(settings(env), url, AbortSignal.timeout(LOOK_UP_MS)).catch(() => undefined);
  if (fault !== undefined) throw invalid("/webhook/url", `${fault}; a webhook is a public https address`);
}

/** 256 random bits, as https://www.standardwebhooks.com writes them. */
export function newWebhookSecret(): string {
  return `whsec_${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64")}`;
}

/** An address as the engine reads it: the domain in A-labels. */
function checkedAddress(text: string, index: number): string {
  const { ok, entries, diagnostics } = parseSenderList(text);
  const [entry] = entries;
  if (ok && entry !== undefined && entries.length === 1 && !/[^\x21-\x7e]/.test(entry.address)) return entry.address;
  const first = diagnostics.find(({ severity }) => severity === "error");
  throw invalid(`/addresses/${index}`, first?.message ?? "one mail address in ASCII is wanted");
}

function invalid(path: string, message: string): Problem {
  return new Problem(422, "invalid-request", `body${path}: ${message}`, { errors: [{ in: "body", path, message }] });
}
