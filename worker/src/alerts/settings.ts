/** Who gets notices about a list's alerts, how, and how often. */
import { parseSenderList } from "sendergate";
import { readAlertSettings, writeAlertSettings } from "../directory/alert-settings.ts";
import { tryingAgain } from "../logbook/channels.ts";
import { type LastNotice, lastNotices } from "../logbook/notices.ts";
import { passingOverAll } from "../logbook/untold.ts";
import { Problem } from "../problem.ts";
import { MAIL_ADDRESS } from "../setting-kinds.ts";
import { settings } from "../settings.ts";
import { seal, unseal } from "./secrets.ts";
import { resolutionFault, targetFault } from "./target.ts";
import type { Webhook } from "./webhook.ts";

export const ALERT_ACTIONS = ["send-and-alert", "block"] as const;
export type AlertAction = (typeof ALERT_ACTIONS)[number];

/** Settings in a request. */
export interface NewAlertSettings {
  actions: AlertAction[];
  addresses: string[];
  webhook: { url: string; newSecret: boolean } | null;
  /** 0: at once. */
  digestMinutes: number;
}

/** Settings in a response: without the secret. */
export interface AlertSettings {
  actions: AlertAction[];
  addresses: string[];
  webhook: { url: string } | null;
  digestMinutes: number;
  /** The last notice of each channel, and its outcome. */
  lastNotices: (Pick<LastNotice, "channel" | "state"> & { at: string; result?: string })[];
}

/** The settings for sending notices. */
export interface StoredAlertSettings {
  actions: string[];
  addresses: string[];
  /** Without its secret if that cannot be opened any more. */
  webhook: Webhook | null;
  digestMinutes: number;
  /** 0: nothing was ever saved. */
  version: number;
}

/** The stored settings; without any: all alerts, to nobody. */
export async function storedAlertSettings(env: Env, listId: string): Promise<StoredAlertSettings> {
  const kept = await readAlertSettings(env, listId);
  if (kept === undefined) return { actions: [...ALERT_ACTIONS], addresses: [], webhook: null, digestMinutes: 0, version: 0 };
  const { webhookUrl: url, webhookSecret, ...stored } = kept;
  return { ...stored, webhook: url === null ? null : { url, secret: await opened(env, listId, webhookSecret) } };
}

const opened = async (env: Env, listId: string, kept: string | null) => (kept === null ? undefined : unseal(env, kept, listId));

/** The same as the API shows it: without the secret. */
export async function alertSettings(env: Env, listId: string): Promise<{ settings: AlertSettings; version: number }> {
  const [{ version, webhook, ...stored }, notices] = await Promise.all([
    storedAlertSettings(env, listId),
    lastNotices(env, listId),
  ]);
  const shownNotices = notices.map(({ at, result, ...notice }) => ({
    ...notice,
    at: new Date(at).toISOString(),
    ...(result === null ? {} : { result }),
  }));
  const shown = { ...stored, webhook: webhook === null ? null : { url: webhook.url }, lastNotices: shownNotices };
  return { settings: shown as AlertSettings, version };
}

/**
 * Replaces `version` with `wanted`. The settings hold for new alerts only: earlier ones make no notices any more.
 *
 * @returns whether `version` was the stored one, and the webhook's secret if it is new.
 * @throws Problem 422 if an address or the webhook's target is wrong.
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
  if (stored.version !== version) return { saved: false };
  const url = wanted.webhook === null ? null : new URL(wanted.webhook.url);
  if (url !== null && url.href !== stored.webhook?.url) await lookUp(env, url);
  const makes = wanted.webhook !== null && (wanted.webhook.newSecret || stored.webhook?.secret === undefined);
  const secret = makes ? newWebhookSecret() : stored.webhook?.secret;
  // Skip alerts that were raised before there was anybody to notify.
  const nobody = stored.addresses.length === 0 && stored.webhook === null;
  const made = {
    actions: wanted.actions,
    addresses,
    webhookUrl: url?.href ?? null,
    webhookSecret: url === null || secret === undefined ? null : await seal(env, secret, listId),
    digestMinutes: wanted.digestMinutes,
    version,
  };
  const before = [...(nobody ? [passingOverAll(env, listId, version)] : []), tryingAgain(env, listId, version)];
  const saved = await writeAlertSettings(env, listId, made, before);
  return saved && makes && secret !== undefined ? { saved, secret } : { saved };
}

const LOOK_UP_MS = 3_000;

/** Reports a name that does not resolve while a person can correct it. A failure of the resolver is no error: it is asked again before each notice. */
async function lookUp(env: Env, url: URL): Promise<void> {
  const fault = await resolutionFault(settings(env), url, AbortSignal.timeout(LOOK_UP_MS)).catch(() => undefined);
  if (fault !== undefined) throw invalid("/webhook/url", `${fault}; a webhook is a public https address`);
}

/** 256 random bits, in the form of https://www.standardwebhooks.com. */
function newWebhookSecret(): string {
  return `whsec_${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64")}`;
}

function checkedAddress(text: string, index: number): string {
  const address = MAIL_ADDRESS.read(text);
  if (address !== undefined) return address;
  const first = parseSenderList(text).diagnostics.find(({ severity }) => severity === "error");
  throw invalid(`/addresses/${index}`, first?.message ?? `it wants ${MAIL_ADDRESS.wanted}`);
}

function invalid(path: string, message: string): Problem {
  return new Problem(422, "invalid-request", `body${path}: ${message}`, { errors: [{ in: "body", path, message }] });
}
