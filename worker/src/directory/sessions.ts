/** Sessions of the panel that were ended before their time. */

export async function isEnded(db: D1Database, id: string): Promise<boolean> {
  return (await db.prepare("SELECT 1 FROM ended_sessions WHERE id = ?").bind(id).first()) !== null;
}

/** Kept until it would have ended by itself. */
export async function noteEnded(db: D1Database, id: string, expiresAt: number): Promise<void> {
  await db.batch([
    db.prepare("DELETE FROM ended_sessions WHERE expires_at < ?").bind(Date.now()),
    db.prepare("INSERT OR IGNORE INTO ended_sessions (id, expires_at) VALUES (?, ?)").bind(id, expiresAt),
  ]);
}
