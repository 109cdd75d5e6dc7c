/** Alerts that no notice has told yet. */

/** Alerts that one statement reads; the next one reads the rest. */
export const MOST_ALERTS = 5_000;

/** Skips alerts of `list` with other actions than `actions`, as many as one statement reads. */
export const passOver = (env: Env, list: string, actions: readonly string[]): D1PreparedStatement =>
  env.DB.prepare(
    `UPDATE alerts SET told = count WHERE list_id = ?1 AND id IN (
       SELECT id FROM alerts WHERE list_id = ?1 AND told < count AND action NOT IN (SELECT value FROM json_each(?2)) LIMIT ${MOST_ALERTS}
     )`,
  ).bind(list, JSON.stringify(actions));

/** Skips alerts while there is nobody to notify: who is added later does not hear of them. */
export async function passOverSome(env: Env, list: string): Promise<void> {
  await passOver(env, list, []).run();
}

/** Whether version ?2 of the settings of list ?1 is the stored one; 0: nothing was saved. */
export const SETTINGS_STAND = "coalesce((SELECT version FROM alert_settings WHERE list_id = ?1), 0) = ?2";

/** Skips all alerts, if `version` of the settings is the stored one. */
export const passingOverAll = (env: Env, list: string, version: number): D1PreparedStatement =>
  env.DB.prepare(`UPDATE alerts SET told = count WHERE list_id = ?1 AND told < count AND ${SETTINGS_STAND}`).bind(list, version);

/** The time of the oldest alert that waits. */
export async function untoldSince(env: Env, list: string): Promise<number | undefined> {
  // Ids sort by time, so only the first is read.
  const since = await env.DB.prepare("SELECT coalesce(told_at, first_at) AS at FROM alerts WHERE list_id = ? AND told < count ORDER BY id LIMIT 1")
    .bind(list)
    .first<number>("at");
  return since ?? undefined;
}

/** The next lists after `after` with waiting alerts: one step through the index for each list, however many alerts it has. */
export async function untoldLists(env: Env, after: string, most: number): Promise<string[]> {
  const { results } = await env.DB.prepare(
    `WITH RECURSIVE untold (id, n) AS (
       SELECT (SELECT list_id FROM alerts WHERE told < count AND list_id > ?1 ORDER BY list_id LIMIT 1), 1
       UNION ALL
       SELECT (SELECT list_id FROM alerts WHERE told < count AND list_id > untold.id ORDER BY list_id LIMIT 1), n + 1
       FROM untold WHERE id IS NOT NULL AND n < ?2
     )
     SELECT id FROM untold WHERE id IS NOT NULL`,
  )
    .bind(after, most)
    .all<{ id: string }>();
  return results.map(({ id }) => id);
}
