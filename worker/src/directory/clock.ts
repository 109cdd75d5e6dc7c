/** When each job of the minute's run last succeeded, and how far it came. */

/** A job that has not succeeded for so long is late: a few runs may fail before an alarm. */
const LATE_AFTER = 5 * 60_000;

export interface ClockState {
  /** The time of the job that is furthest behind, in milliseconds since 1970. */
  succeededAt: number;
  late: string[];
}

export async function recordRun(env: Env, parts: readonly string[], failed: readonly string[], now: number): Promise<void> {
  const rows = parts.map((part) => ({ part, failed: failed.includes(part) }));
  await env.DB.prepare(
    `INSERT INTO clock (part, succeeded_at, failed_at)
     SELECT value ->> 'part', iif(value ->> 'failed', 0, ?2), iif(value ->> 'failed', ?2, NULL) FROM json_each(?1) WHERE true
     ON CONFLICT DO UPDATE SET succeeded_at = max(succeeded_at, excluded.succeeded_at), failed_at = coalesce(excluded.failed_at, failed_at)`,
  )
    .bind(JSON.stringify(rows), now)
    .run();
}

export async function clockState(env: Env, now = Date.now()): Promise<ClockState> {
  const { results } = await env.DB.prepare("SELECT part, succeeded_at FROM clock ORDER BY part").all<{ part: string; succeeded_at: number }>();
  return {
    // Without a row nothing ever ran.
    succeededAt: results.length === 0 ? 0 : Math.min(...results.map(({ succeeded_at: at }) => at)),
    late: results.length === 0 ? ["clock"] : results.filter(({ succeeded_at: at }) => at < now - LATE_AFTER).map(({ part }) => part),
  };
}

/** Where `part` stopped; `undefined` where it has not begun. */
export async function clockMark<Mark>(env: Env, part: string): Promise<Mark | undefined> {
  const mark = await env.DB.prepare("SELECT mark FROM clock WHERE part = ?").bind(part).first<string>("mark");
  return mark === null ? undefined : (JSON.parse(mark) as Mark);
}

export async function setClockMark(env: Env, part: string, mark: object): Promise<void> {
  await env.DB.prepare("UPDATE clock SET mark = ? WHERE part = ?").bind(JSON.stringify(mark), part).run();
}
