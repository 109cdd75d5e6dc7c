/** The customer's own incoming server of each list, and the domains whose mail it receives. */

export interface IncomingServer {
  protocol: "imap" | "pop3";
  host: string;
  port: number;
  encryption: "starttls" | "tls";
}

export interface Incoming {
  server: IncomingServer | null;
  /** A-labels, in their order. */
  domains: string[];
}

interface Row {
  protocol: IncomingServer["protocol"] | null;
  host: string | null;
  port: number | null;
  encryption: IncomingServer["encryption"] | null;
  version: number;
  domains: string;
}

const COLUMNS = "protocol, host, port, encryption, version";

function serverOf({ protocol, host, port, encryption }: Row): IncomingServer | null {
  return protocol === null || host === null || port === null || encryption === null ? null : { protocol, host, port, encryption };
}

/** What is stated for a list; version 0 where nothing was ever saved. */
export async function readIncoming(env: Env, list: string): Promise<Incoming & { version: number }> {
  const row = await env.DB
    .prepare(
      `SELECT ${COLUMNS}, (SELECT json_group_array(domain) FROM (SELECT domain FROM incoming_domains WHERE list_id = ?1 ORDER BY domain)) AS domains
       FROM incoming_servers WHERE list_id = ?1`,
    )
    .bind(list)
    .first<Row>();
  if (row === null) return { server: null, domains: [], version: 0 };
  return { server: serverOf(row), domains: JSON.parse(row.domains) as string[], version: row.version };
}

/** The incoming server for addresses at the first of `domains` that some list states. */
export async function incomingOf(env: Env, domains: readonly string[]): Promise<(IncomingServer & { domain: string }) | undefined> {
  const row = await env.DB
    .prepare(
      `SELECT domain, ${COLUMNS}, '[]' AS domains FROM json_each(?) AS asked JOIN incoming_domains ON domain = asked.value
       JOIN incoming_servers USING (list_id) WHERE host IS NOT NULL ORDER BY asked.key LIMIT 1`,
    )
    .bind(JSON.stringify(domains))
    .first<Row & { domain: string }>();
  const server = row === null ? null : serverOf(row);
  return row === null || server === null ? undefined : { ...server, domain: row.domain };
}

/** The first of `domains` that another list has. */
export async function domainTaken(env: Env, list: string, domains: readonly string[]): Promise<string | undefined> {
  const row = await env.DB
    .prepare("SELECT domain FROM incoming_domains WHERE list_id <> ? AND domain IN (SELECT value FROM json_each(?)) ORDER BY domain LIMIT 1")
    .bind(list, JSON.stringify(domains))
    .first<{ domain: string }>();
  return row?.domain;
}

/** Writes over `version`, 0 where none was saved: `passed` where that is not what stands, `taken` where another list was quicker. */
export async function writeIncoming(env: Env, list: string, version: number, { server, domains }: Incoming): Promise<"saved" | "passed" | "taken"> {
  const { protocol = null, host = null, port = null, encryption = null } = server ?? {};
  const write =
    version === 0
      ? env.DB.prepare(`INSERT INTO incoming_servers (list_id, ${COLUMNS}) VALUES (?1, ?3, ?4, ?5, ?6, ?2 + 1) ON CONFLICT DO NOTHING`)
      : env.DB.prepare(`UPDATE incoming_servers SET (${COLUMNS}) = (?3, ?4, ?5, ?6, ?2 + 1) WHERE list_id = ?1 AND version = ?2`);
  const stands = "coalesce((SELECT version FROM incoming_servers WHERE list_id = ?1), 0) = ?2";
  try {
    // One transaction. The domains go first: each statement looks whether the version that was read still stands.
    const results = await env.DB.batch([
      env.DB.prepare(`DELETE FROM incoming_domains WHERE list_id = ?1 AND ${stands}`).bind(list, version),
      env.DB.prepare(`INSERT INTO incoming_domains (domain, list_id) SELECT value, ?1 FROM json_each(?3) WHERE ${stands}`).bind(list, version, JSON.stringify(domains)),
      write.bind(list, version, protocol, host, port, encryption),
    ]);
    const written = results.at(-1);
    return (written?.meta.changes ?? 0) > 0 ? "saved" : "passed";
  } catch (error) {
    if (error instanceof Error && error.message.includes("incoming_domains.domain")) return "taken";
    throw error;
  }
}
