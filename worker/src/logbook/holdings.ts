/** What the log has about a list, and its removal. */

/** How much is deleted with a list. */
export interface Holdings {
  messages: number;
  alerts: number;
}

export async function holdings(env: Env, id: string): Promise<Holdings> {
  const counts = await env.DB.batch<{ n: number }>([
    // The number of messages comes from the statistics: counting the rows of a long log takes too long.
    env.DB.prepare("SELECT coalesce(sum(messages), 0) AS n FROM statistics WHERE list_id = ?").bind(id),
    env.DB.prepare("SELECT count(*) AS n FROM alerts WHERE list_id = ?").bind(id),
  ]);
  const [messages = 0, alerts = 0] = counts.map(({ results }) => results[0]?.n);
  return { messages, alerts };
}

/** Rows deleted by one statement, so that none takes long. */
const AT_ONCE = 2000;

/** Deletes what a deleted list leaves, which nobody can read any more. What it does not reach is pruned by age. */
export async function clearAfter(env: Env, id: string): Promise<void> {
  const tables = [
    ["messages", "id"],
    ["deliveries", "message_id, sequence"],
    ["alerts", "id"],
    ["notices", "id"],
    ["statistics", "day, username, action, level"],
  ] as const;
  for (const [table, key] of tables) {
    for (let turn = 0; turn < 100; turn += 1) {
      const rows = `SELECT ${key} FROM ${table} WHERE list_id = ?1 LIMIT ${AT_ONCE}`;
      const { meta } = await env.DB.prepare(`DELETE FROM ${table} WHERE list_id = ?1 AND (${key}) IN (${rows})`).bind(id).run();
      if (meta.changes < AT_ONCE) break;
    }
  }
}
