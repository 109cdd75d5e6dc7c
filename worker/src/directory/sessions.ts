/** Sessions of the panel that were ended before their time. */

export async function isEnded(env: Env, id: string): Promise<boolean> {
  return (await env.DB.prepare("SELECT 1 FROM ended_sessions WHERE id = ?").bind(id).first()) !== null;
}

/** Kept until it would have ended by itself. */
export async function noteEnded(env: Env, id: string, expiresAt: number): Promise<void> {
  await env.DB.batch([
    env.DB.prepare("DELETE FROM ended_sessions WHERE expires_at < ?").bind(Date.now()),
    env.DB.prepare("INSERT OR IGNORE INTO ended_sessions (id, expires_at) VALUES (?, ?)").bind(id, expiresAt),
  ]);
}
