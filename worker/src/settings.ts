/**
 * Every setting and secret, read and checked once for each `env`; no other code reads their texts. A wrong one stops the gate: all answers
 * are 503, `/healthz` and the log say what is wrong, and `cargo xtask start` says it and ends.
 *
 * To add one, add a row to ROWS, and to docs/deploy.md the line that `npx vitest run test/gate/docs.test.ts` prints.
 */
import { log } from "./log.ts";
import {
  HASH, HOST, HTTPS, KEY, type Kind, MAIL_ADDRESS, PEPPERS, SMARTHOST, SUBMISSION_SERVERS, SWITCH, TEXT, TOKEN, choice, whole,
} from "./setting-kinds.ts";

interface Row<Value> {
  kind: Kind<unknown>;
  /** The default; `undefined`: none. */
  otherwise: string | undefined;
  about: string;
  required?: true;
  secret?: true;
  /** In the documentation, instead of `otherwise`. */
  shownAs?: string;
  /** Has no value, only the type. */
  value?: Value;
}

function row<Value>(kind: Kind<Value>, otherwise: string, about: string, more?: Partial<Row<Value>>): Row<Value>;
function row<Value>(kind: Kind<Value>, otherwise: undefined, about: string, more: { required: true; secret?: true }): Row<Value>;
function row<Value>(kind: Kind<Value>, otherwise: undefined, about: string, more?: Partial<Row<Value>>): Row<Value | undefined>;
function row<Value>(kind: Kind<Value>, otherwise: string | undefined, about: string, more: Partial<Row<Value>> = {}): Row<Value> {
  return { kind, otherwise, about, ...more };
}

const secret = true;
const required = true;

/** Name, kind, default, and the text in docs/deploy.md. */
export const ROWS = {
  RELAY: row(choice("sink", "smarthost", "cloudflare"), "sink", "the relay, see above"),
  HOSTNAME: row(HOST, "gate.localhost", "the gate's host name in `Received`, in EHLO and in delivery reports"),
  BEHIND_CLOUDFLARE: row(SWITCH, "0", "`1`: requests come through Cloudflare, and `cf-connecting-ip` has the client's address. Elsewhere any client could write that header, so with `0` it is not read", { shownAs: "0; 1 in `wrangler.jsonc`" }),
  FRESHNESS_MS: row(whole(0, 3_600_000), "5000", "milliseconds for which a decision may use a user and list that were read before"),
  MAX_MESSAGE_BYTES: row(whole(1_024, 536_870_912), "26214400", "the largest message; Cloudflare's own limit for a request body is 100 MB on most plans"),
  OUTBOX_SHARDS: row(whole(1, 1_000), "1", "outboxes per list. Messages are ordered within one outbox. Raise it when one is too slow. Do not lower it while messages wait or within 24 hours of one with an `Idempotency-Key`"),
  // An invocation may have six open connections, and reading a body from R2 needs one too.
  DELIVERY_CONNECTIONS: row(whole(1, 5), "4", "messages of one outbox that are delivered at the same time"),
  DELIVERY_LEASE_SECONDS: row(whole(5, 3_600), "60", "after this time without a sign of a deliverer, its message goes to another"),
  RETENTION_DAYS: row(whole(1, 36_500), "90", "how long log rows, alerts and notices are kept"),
  MESSAGES_PER_MINUTE: row(whole(0, 1_000_000), "600", "messages that one user may submit in any 60 seconds, including refused ones and checks; `0` is no limit"),
  MESSAGES_PER_DAY: row(whole(0, 1_000_000_000), "100000", "the same in any 24 hours"),
  RECIPIENTS_PER_DAY: row(whole(0, 1_000_000_000), "200000", "recipients of all messages of one user in any 24 hours; `0` is no limit"),
  USERS_PER_LIST: row(whole(0, 1_000_000), "100000", "users per list. Beyond that none can be created or imported; existing ones can be changed. `0` is no limit"),
  FAILED_LOGINS_PER_MINUTE: row(whole(0, 10_000), "20", "failed logins from one address (for IPv6 one /64) in any 60 seconds; correct credentials always work. `0` is no limit"),
  // A decision without findings takes about 600 octets, so there is always room for the deciding one.
  LOGGED_DECISION_BYTES: row(whole(2_048, 262_144), "8192", "octets of one decision that the log keeps. With the rate limits it bounds how much the log can grow by one user's refused messages"),
  LOGGED_ATTEMPTS_BYTES: row(whole(0, 1_048_576), "65536", "octets of replies that defer a recipient, which the log keeps of the attempts at one message between the first and the last. Those two keep up to 64 KiB each"),
  HIDE_CLIENT_ADDRESS: row(SWITCH, "0", "`1` leaves the client's address out of `Received`, also an address literal from EHLO. The log still has it"),
  SMARTHOST_URL: row(SMARTHOST, undefined, "`smtp://host:587` (STARTTLS is required unless `?tls=opportunistic` or `?tls=none`) or `smtps://host:465`"),
  SMARTHOST_USER: row(TEXT, undefined, "the smarthost's user name"),
  SMARTHOST_TIMEOUT_SECONDS: row(whole(1, 3_600), "120", "timeout for one reply of the smarthost"),
  SUBMISSION_URLS: row(SUBMISSION_SERVERS, undefined, "the servers that administrators enter in a mail program, if an SMTP door uses this gate: `smtp://host:587 smtps://host:465`"),
  ALERT_SENDER: row(MAIL_ADDRESS, undefined, "the sender of alert mail", { shownAs: "`alerts@` and `HOSTNAME`" }),
  DNS_RESOLVER: row(HTTPS, undefined, "a DNS-over-HTTPS server with JSON responses. It resolves the host name of a webhook when it is saved and before each notice; one with a private address is refused", { shownAs: "none; `https://cloudflare-dns.com/dns-query` in `wrangler.jsonc`" }),
  DEVELOPMENT: row(SWITCH, "0", "`1` allows webhooks to loopback addresses. Never set it in production"),
  SERIAL_QUEUE: row(SWITCH, "0", "`1` if the queue runs one consumer at a time, as on one machine"),
  SINK_URL: row(HTTPS, undefined, "the local sink"),
  SINK_TOKEN: row(TEXT, undefined, "its token", { secret }),
  PEPPERS: row(PEPPERS, undefined, "`id:base64url` pairs separated by `;`; the first is in use. To change it, put a new one before the old. A password moves to the new one at its next login, webhook secrets within minutes. Remove the old one when nothing needs it any more", { required, secret }),
  SESSION_KEY: row(KEY, undefined, "signs the panel's cookies; a new key ends every session", { required, secret }),
  ADMIN_TOKEN_SHA256: row(HASH, undefined, "SHA-256 of the admin token; a new token ends every session", { secret }),
  SENDERGATE_ADMIN_TOKEN: row(TOKEN, undefined, "the admin token itself; wins over the hash", { secret }),
  SMARTHOST_PASSWORD: row(TEXT, undefined, "the smarthost's password", { secret }),
};

type Rows = typeof ROWS;
export type Name = keyof Rows;
export type Settings = { readonly [Key in Name]: Rows[Key] extends Row<infer Value> ? Value : never };

/** What one setting requires of another, or of a binding. */
const TOGETHER: ((settings: Settings, env: object) => string | undefined)[] = [
  ({ RELAY, SINK_URL }) => (RELAY === "sink" && SINK_URL === undefined ? "RELAY is `sink`, and SINK_URL is not set; in production RELAY is `smarthost` or `cloudflare`" : undefined),
  ({ RELAY, SMARTHOST_URL }) => (RELAY === "smarthost" && SMARTHOST_URL === undefined ? "RELAY is `smarthost`, and SMARTHOST_URL is not set" : undefined),
  ({ RELAY }, env) => (RELAY === "cloudflare" && !("EMAIL" in env) ? "RELAY is `cloudflare`, and there is no send_email binding called EMAIL" : undefined),
  ({ SMARTHOST_USER: user, SMARTHOST_PASSWORD: password }) =>
    (user === undefined) === (password === undefined) ? undefined : "SMARTHOST_USER and SMARTHOST_PASSWORD are set together or not at all",
];

/** What is wrong with the settings, in sentences without secrets: `/healthz` is public. */
export class SettingsFault extends Error {
  readonly faults: string[];

  constructor(faults: string[]) {
    super(`this gate does not start: ${faults.join("; ")}`);
    this.name = "SettingsFault";
    this.faults = faults;
  }
}

const known = new WeakMap<object, Settings | SettingsFault>();

/**
 * The settings of this deployment.
 *
 * @throws SettingsFault if one is wrong.
 */
export function settings(env: object): Settings {
  let found = known.get(env);
  if (found === undefined) {
    found = read(env);
    known.set(env, found);
    if (found instanceof SettingsFault) log("error", "settings-wrong", { faults: found.faults });
  }
  if (found instanceof SettingsFault) throw found;
  return found;
}

function read(env: object): Settings | SettingsFault {
  const faults: string[] = [];
  const values = Object.fromEntries(
    Object.entries<Row<unknown>>(ROWS).map(([name, { kind, otherwise, required: wanted, secret: hidden }]) => {
      const given: unknown = Reflect.get(env, name);
      // Wrangler accepts numbers and booleans too.
      const text = given === undefined || given === null || String(given).trim() === "" ? otherwise : kind === TEXT ? String(given) : String(given).trim();
      if (text === undefined) {
        if (wanted === true) faults.push(`the setting ${name} is missing; it wants ${kind.wanted}`);
        return [name, undefined];
      }
      const value = kind.read(text);
      const said = hidden === true || kind.hidden === true ? "not what it should be" : `\`${text.slice(0, 100)}\``;
      if (value === undefined) faults.push(`the setting ${name} is ${said}; it wants ${kind.wanted}`);
      return [name, value];
    }),
  ) as unknown as Settings;
  if (faults.length === 0) faults.push(...TOGETHER.flatMap((rule) => rule(values, env) ?? []));
  return faults.length === 0 ? values : new SettingsFault(faults);
}
