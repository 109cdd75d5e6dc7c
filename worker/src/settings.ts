/**
 * Every setting and secret, read and checked once for each `env`; nobody else reads their texts. A wrong one stops the gate: it answers
 * nothing but 503, `/healthz` and the log say what is wrong, and `cargo xtask start` says it and ends.
 *
 * To add one: a line in ROWS, and the line that `npx vitest run test/gate/docs.test.ts` then asks for in docs/deploy.md.
 */
import { log } from "./log.ts";
import {
  HASH, HOST, HTTPS, KEY, type Kind, MAIL_ADDRESS, PEPPERS, SMARTHOST, SUBMISSION_SERVERS, SWITCH, TEXT, TOKEN, choice, whole,
} from "./setting-kinds.ts";

interface Row<Value> {
  kind: Kind<unknown>;
  /** What stands where nobody sets it; `undefined`: nothing. */
  otherwise: string | undefined;
  about: string;
  required?: true;
  secret?: true;
  /** In the documentation in the place of `otherwise`. */
  shownAs?: string;
  /** Never there: it carries the type. */
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

/** Name, kind, default, and what docs/deploy.md says of it. */
export const ROWS = {
  RELAY: row(choice("sink", "smarthost", "cloudflare"), "sink", "who takes accepted messages, see above"),
  HOSTNAME: row(HOST, "gate.localhost", "our name in `Received`, in EHLO and in delivery reports"),
  BEHIND_CLOUDFLARE: row(SWITCH, "0", "`1`: Cloudflare stands before the gate, and the client's address is in `cf-connecting-ip`. Anywhere else whoever asks could write that header, and it is not read", { shownAs: "0; 1 in `wrangler.jsonc`" }),
  FRESHNESS_MS: row(whole(0, 3_600_000), "5000", "how old a user or list may be that a decision is made by"),
  MAX_MESSAGE_BYTES: row(whole(1_024, 536_870_912), "26214400", "the largest message; Cloudflare itself ends a request's body at 100 MB on most plans"),
  OUTBOX_SHARDS: row(whole(1, 1_000), "1", "outboxes per list. Order by priority and age holds within one. Raise it when one is too slow; never lower it while messages wait or keys are remembered"),
  // Open connections of one invocation end at six; a body read from R2 needs one too.
  DELIVERY_CONNECTIONS: row(whole(1, 5), "4", "messages of one outbox that are on their way at once"),
  DELIVERY_LEASE_SECONDS: row(whole(5, 3_600), "60", "after which a deliverer that fell silent is taken for dead"),
  RETENTION_DAYS: row(whole(1, 36_500), "90", "how long log rows, alerts and notices are kept"),
  MESSAGES_PER_MINUTE: row(whole(0, 1_000_000), "600", "messages that one user may hand in within any 60 seconds, refused ones and checks among them; `0` is no limit"),
  MESSAGES_PER_DAY: row(whole(0, 1_000_000_000), "100000", "the same within any 24 hours"),
  USERS_PER_LIST: row(whole(0, 1_000_000), "100000", "users that one list holds; beyond that none is made or imported, and those there are can be changed; `0` is no limit"),
  FAILED_LOGINS_PER_MINUTE: row(whole(0, 10_000), "20", "failed logins from one address (of IPv6: its /64) that are looked at within any 60 seconds; `0` is no limit. Good credentials pass all the same"),
  // Without its findings a decision takes about 600 octets: there is always room for the one that decided.
  LOGGED_DECISION_BYTES: row(whole(2_048, 262_144), "8192", "octets of one decision that the log keeps: with the limits on messages it bounds what one user's refused messages can make the log grow"),
  HIDE_CLIENT_ADDRESS: row(SWITCH, "0", "`1` leaves the client's address out of `Received`, an address literal of its EHLO too; the log has it all the same"),
  SMARTHOST_URL: row(SMARTHOST, undefined, "`smtp://host:587` (STARTTLS is required unless `?tls=opportunistic` or `?tls=none`) or `smtps://host:465`"),
  SMARTHOST_USER: row(TEXT, undefined, "its user name"),
  SMARTHOST_TIMEOUT_SECONDS: row(whole(1, 3_600), "120", "for one reply of it"),
  SUBMISSION_URLS: row(SUBMISSION_SERVERS, undefined, "what administrators put into a mail program, where an SMTP door stands before this gate: `smtp://host:587 smtps://host:465`"),
  ALERT_SENDER: row(MAIL_ADDRESS, undefined, "from whom alert mails come", { shownAs: "`alerts@` and `HOSTNAME`" }),
  DNS_RESOLVER: row(HTTPS, undefined, "a DNS-over-HTTPS server with JSON answers: the name of a webhook is looked up there when it is saved and before each notice, and one that leads to a private address is refused", { shownAs: "nobody is asked; `https://cloudflare-dns.com/dns-query` in `wrangler.jsonc`" }),
  DEVELOPMENT: row(SWITCH, "0", "`1` lets webhooks reach loopback. Never in production"),
  SERIAL_QUEUE: row(SWITCH, "0", "`1` where the queue knows one consumer at a time, as on one machine"),
  SINK_URL: row(HTTPS, undefined, "the local sink"),
  SINK_TOKEN: row(TEXT, undefined, "its token", { secret }),
  PEPPERS: row(PEPPERS, undefined, "`id:base64url` pairs separated by `;`, the one in use first. To change it put a new one before the old; a password is kept under the new one at its next login, and the secrets of webhooks are sealed under it within minutes. Take the old one away when nobody needs it", { required, secret }),
  SESSION_KEY: row(KEY, undefined, "signs the panel's cookies; another one ends every session", { required, secret }),
  ADMIN_TOKEN_SHA256: row(HASH, undefined, "the administrator's token as its SHA-256; another one ends every session", { secret }),
  SENDERGATE_ADMIN_TOKEN: row(TOKEN, undefined, "the token itself, instead; goes before the hash", { secret }),
  SMARTHOST_PASSWORD: row(TEXT, undefined, "the smarthost's password", { secret }),
};

type Rows = typeof ROWS;
export type Name = keyof Rows;
export type Settings = { readonly [Key in Name]: Rows[Key] extends Row<infer Value> ? Value : never };

/** What one setting needs of another, or of a binding. */
const TOGETHER: ((settings: Settings, env: object) => string | undefined)[] = [
  ({ RELAY, SINK_URL }) => (RELAY === "sink" && SINK_URL === undefined ? "RELAY is `sink`, and SINK_URL is not set; in production RELAY is `smarthost` or `cloudflare`" : undefined),
  ({ RELAY, SMARTHOST_URL }) => (RELAY === "smarthost" && SMARTHOST_URL === undefined ? "RELAY is `smarthost`, and SMARTHOST_URL is not set" : undefined),
  ({ RELAY }, env) => (RELAY === "cloudflare" && !("EMAIL" in env) ? "RELAY is `cloudflare`, and there is no send_email binding called EMAIL" : undefined),
  ({ SMARTHOST_USER: user, SMARTHOST_PASSWORD: password }) =>
    (user === undefined) === (password === undefined) ? undefined : "SMARTHOST_USER and SMARTHOST_PASSWORD are set together or not at all",
];

/** What is wrong with the settings, a sentence each, without secrets: whoever asks `/healthz` may read it. */
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
 * @throws SettingsFault where one is wrong.
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
      // Wrangler takes numbers and truth values too.
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
