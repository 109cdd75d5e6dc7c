/** The alert settings of each list in the database, with the webhook's secret sealed. */

export interface KeptAlertSettings {
  actions: string[];
  addresses: string[];
  webhookUrl: string | null;
  webhookSecret: string | null;
  digestMinutes: number;
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

/** `undefined`: nothing was ever saved. */
export async function readAlertSettings(env: Env, list: string): Promise<KeptAlertSettings | undefined> {
  const row = await env.DB.prepare("SELECT * FROM alert_settings WHERE list_id = ?").bind(list).first<Row>();
  if (row === null) return undefined;
  return {
    actions: JSON.parse(row.actions) as string[],
    addresses: JSON.parse(row.addresses) as string[],
    webhookUrl: row.webhook_url,
    webhookSecret: row.webhook_secret,
    digestMinutes: row.digest_minutes,
    version: row.version,
  };
}

/**
 * Replaces the version that they name, 0 if none was saved; `false` if another version is stored. `before` runs first in the same
 * transaction; its statements check that version themselves.
 */
export async function writeAlertSettings(
  env: Env,
  list: string,
  { version, ...wanted }: KeptAlertSettings,
  before: readonly D1PreparedStatement[],
): Promise<boolean> {
  const columns = "actions, addresses, webhook_url, webhook_secret, digest_minutes";
  const values = [JSON.stringify(wanted.actions), JSON.stringify(wanted.addresses), wanted.webhookUrl, wanted.webhookSecret, wanted.digestMinutes];
  const write =
    version === 0
      ? env.DB.prepare(`INSERT INTO alert_settings (${columns}, list_id) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`).bind(...values, list)
      : env.DB.prepare(
          `UPDATE alert_settings SET (${columns}, version) = (?, ?, ?, ?, ?, version + 1) WHERE list_id = ? AND version = ?`,
        ).bind(...values, list, version);
  const results = await env.DB.batch([...before, write]);
  return (results.at(-1)?.meta.changes ?? 0) > 0;
}

/** At most `most` secrets with the prefix `beginning` that sort after `after`, in order, by the index. */
export async function secretsBeginning(env: Env, beginning: string, after: string, most: number): Promise<{ list: string; kept: string }[]> {
  // The first text after all with this prefix.
  const end = beginning.slice(0, -1) + String.fromCharCode(beginning.charCodeAt(beginning.length - 1) + 1);
  const { results } = await env.DB.prepare(
    "SELECT list_id AS list, webhook_secret AS kept FROM alert_settings WHERE webhook_secret > ? AND webhook_secret < ? ORDER BY webhook_secret LIMIT ?",
  )
    .bind(after > beginning ? after : beginning, end, most)
    .all<{ list: string; kept: string }>();
  return results;
}

/** Stores the same secret in another form, without a new version; does nothing if the secret has changed. */
export async function replaceSecret(env: Env, list: string, former: string, made: string): Promise<void> {
  await env.DB.prepare("UPDATE alert_settings SET webhook_secret = ? WHERE list_id = ? AND webhook_secret = ?").bind(made, list, former).run();
}
