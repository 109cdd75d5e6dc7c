/** D1 in workerd with the migrations, for tests that need only a database. */
import { readFile, readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";

/** The settings of every deployment. Nothing listens at the sink's address. */
const SECRETS = { PEPPERS: `test:${"A".repeat(43)}`, SESSION_KEY: "A".repeat(43), SINK_URL: "http://127.0.0.1:9/" };

const MIGRATIONS = fileURLToPath(new URL("../migrations/", import.meta.url));

export interface Database {
  env: Env;
  db: Env["DB"];
  close(): Promise<void>;
}

export async function freshDatabase(vars: Partial<Env> & Record<string, unknown> = {}): Promise<Database> {
  const miniflare = new Miniflare({
    modules: true,
    script: "export default {};",
    compatibilityDate: "2026-03-31",
    cf: false,
    d1Databases: ["DB"],
  });
  const db = (await miniflare.getD1Database("DB")) as unknown as Env["DB"];
  for (const name of (await readdir(MIGRATIONS)).sort()) {
    for (const statement of statements(await readFile(MIGRATIONS + name, "utf8"))) await db.prepare(statement).run();
  }
  return { env: { DB: db, HOSTNAME: "gate.test", ...SECRETS, ...vars } as Env, db, close: () => miniflare.dispose() };
}

/** A trigger ends at END, every other statement at its first semicolon. */
export function statements(sql: string): string[] {
  const found = sql.replace(/^\s*--.*$/gm, "").matchAll(/\s*CREATE TRIGGER[\s\S]*?\nEND;|[^;]+;/g);
  return Array.from(found, ([statement]) => statement.trim());
}
