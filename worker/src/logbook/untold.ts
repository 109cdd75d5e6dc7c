/** Alerts of which somebody is still to be told. */

/** Alerts that one statement takes up; what is beyond is for the next. */
export const MOST_ALERTS = 5_000;

/** Passes those of `list` over that are of none of `actions`, as many as one statement takes. */
export const passOver = (env: Env, list: string, actions: readonly string[]): D1PreparedStatement =>
  env.DB.prepare(
    `UPDATE alerts SET told = count WHERE list_id = ?1 AND id IN (
       SELECT id FROM alerts WHERE list_id = ?1 AND told < count AND action NOT IN (SELECT value FROM json_each(?2)) LIMIT ${MOST_ALERTS}
     )`,
  ).bind(list, JSON.stringify(actions));

/** While there is nobody to tell: what was raised is not news to whoever is named later. */
export async function passOverSome(env: Env, list: string): Promise<void> {
  await passOver(env, list, []).run();
}

/** The version ?2 of the settings of list ?1 is what stands; 0: nothing was saved. */
export const SETTINGS_STAND = "coalesce((SELECT version FROM alert_settings WHERE list_id = ?1), 0) = ?2";

/** The same of all, where `version` of the settings is what stands. */
export const passingOverAll = (env: Env, list: string, version: number): D1PreparedStatement =>
  env.DB.prepare(`UPDATE alerts SET told = count WHERE list_id = ?1 AND told < count AND ${SETTINGS_STAND}`).bind(list, version);

/** Since when the oldest of them waits. */
export async function untoldSince(env: Env, list: string): Promise<number | undefined> {
  // Ids sort by time: the first is the oldest, and nothing but it is read.
  const since = await env.DB.prepare("SELECT coalesce(told_at, first_at) AS at FROM alerts WHERE list_id = ? AND told < count ORDER BY id LIMIT 1")
    .bind(list)
    .first<number>("at");
  return since ?? undefined;
}

/** The next lists with something untold, behind `after`: as many steps through the index as there are lists, however many alerts they have. */
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
