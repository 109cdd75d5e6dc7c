/**
 * One notice to one webhook. Signed as https://www.standardwebhooks.com describes, for which most languages have a library:
 * `webhook-id`, `webhook-timestamp` and `webhook-signature: v1,` with base64 of HMAC-SHA-256 over `id.timestamp.body`.
 */
import { createHmac } from "node:crypto";
import { version } from "sendergate";
import type { Settings } from "../settings.ts";
import { resolutionFault, targetFault } from "./target.ts";

const TIME_OUT_MS = 10_000;

export interface Webhook {
  url: string;
  /** `undefined`: its pepper is missing. */
  secret: string | undefined;
}

export interface Attempt {
  outcome: "sent" | "again" | "failed";
  /** A status code or a word, and nothing of the response's body. */
  result: string;
}

export function signature(secret: string, id: string, timestamp: number, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
}

/** Sends `body`. It checks the target again, because settings may be older than the rules. Never throws. */
export async function postWebhook(
  settings: Pick<Settings, "DNS_RESOLVER" | "DEVELOPMENT">,
  webhook: Webhook,
  id: string,
  body: string,
): Promise<Attempt> {
  const fault = targetFault(webhook.url, settings.DEVELOPMENT);
  if (fault !== undefined) return { outcome: "failed", result: `refused: ${fault}` };
  const { secret } = webhook;
  if (secret === undefined) return { outcome: "again", result: "its secret cannot be read; save the settings with a new one" };
  const signal = AbortSignal.timeout(TIME_OUT_MS);
  try {
    const unresolved = await resolutionFault(settings, new URL(webhook.url), signal);
    if (unresolved !== undefined) return { outcome: "again", result: `refused: ${unresolved}` };
    const timestamp = Math.floor(Date.now() / 1000);
    const response = await fetch(webhook.url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "user-agent": `sendergate/${version}`,
        "webhook-id": id,
        "webhook-timestamp": String(timestamp),
        "webhook-signature": signature(secret, id, timestamp, body),
      },
      body,
      redirect: "manual",
      signal,
    });
    // The body of the response is not read.
    await response.body?.cancel().catch(() => undefined);
    if (response.ok) return { outcome: "sent", result: String(response.status) };
    // 410: the receiver wants no more of it.
    return { outcome: response.status === 410 ? "failed" : "again", result: String(response.status) };
  } catch {
    return { outcome: "again", result: signal.aborted ? "timed out after 10 s" : "no connection" };
  }
}
