/** What the deployment gives the worker: bindings, settings (all text, as Wrangler gives them) and secrets. */
import type { Outbox } from "./outbox/outbox.ts";
import type { Throttle } from "./auth/throttle.ts";
import type { DeliveryJob } from "./outbox/types.ts";
import type { NoticeJob } from "./alerts/notices.ts";

export interface Env {
  DB: D1Database;
  BODIES: R2Bucket;
  OUTBOX: DurableObjectNamespace<Outbox>;
  THROTTLE: DurableObjectNamespace<Throttle>;
  DELIVERIES: Queue<DeliveryJob>;
  /** Notices of alerts, as soon as they are made. */
  NOTICES: Queue<NoticeJob>;
  EMAIL?: SendEmail;

  /** Who takes accepted messages: `sink`, `smarthost` or `cloudflare`. */
  RELAY: string;
  /** Our name in `Received`, in EHLO and in delivery reports. */
  HOSTNAME: string;
  /** How old a user's policy may be, in milliseconds. */
  FRESHNESS_MS?: string;
  MAX_MESSAGE_BYTES?: string;
  /** Outbox objects per list. */
  OUTBOX_SHARDS?: string;
  /** Messages of one outbox that are on their way at once: 1 to 5, default 4. */
  DELIVERY_CONNECTIONS?: string;
  /** `1` on one machine: its queue hands out the next job when the one before is done, so a job goes on in the background. */
  SERIAL_QUEUE?: string;
  /** Seconds after which a deliverer that fell silent is taken for dead; default 60. */
  DELIVERY_LEASE_SECONDS?: string;
  /** Days that log rows and alerts are kept. */
  RETENTION_DAYS?: string;
  /** Messages that one user may submit in a minute; absent or 0: no limit. */
  MESSAGES_PER_MINUTE?: string;
  /** The local sink for `.eml` files, an `http:` address on loopback. */
  SINK_URL?: string;
  /** `smtp://host:587` (STARTTLS is required unless `?tls=opportunistic` or `?tls=none`), `smtps://host:465`. */
  SMARTHOST_URL?: string;
  /** Seconds that one reply of the smarthost may take; default 120. */
  SMARTHOST_TIMEOUT_SECONDS?: string;
  SMARTHOST_USER?: string;
  /** What administrators put into a mail program: `smtp://host:587` and `smtps://host:465`, separated by white space. */
  SUBMISSION_URLS?: string;
  /** `1` lets webhooks reach loopback over http: for development only. */
  DEVELOPMENT?: string;
  /** From whom alert mails come; absent: `alerts@` and the name in HOSTNAME. */
  ALERT_SENDER?: string;
  /** A DNS-over-HTTPS server that answers in JSON: every name of a webhook is asked for there first. Absent: nobody is asked. */
  DNS_RESOLVER?: string;

  /** Secret: `id:base64url` pairs separated by `;`, the one in use first. At least 16 octets each. */
  PEPPERS: string;
  /** Secret: signs session cookies, and encrypts nothing. At least 16 octets, base64url. */
  SESSION_KEY: string;
  /** Secret: the administrator's token itself, or its SHA-256 in hexadecimal; the first goes before. */
  SENDERGATE_ADMIN_TOKEN?: string;
  ADMIN_TOKEN_SHA256?: string;
  /** Secret. */
  SMARTHOST_PASSWORD?: string;
  SINK_TOKEN?: string;
}

/** A whole number among the settings. */
export function setting(value: string | undefined, otherwise: number): number {
  if (value === undefined || value.trim() === "") return otherwise;
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 0) throw new TypeError(`the setting ${JSON.stringify(value)} is not a whole number`);
  return number;
}
