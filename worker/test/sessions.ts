/** Session cookies: those of the gate, and ones that it would not make any more. */
import { createHash, createHmac, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ADMIN_TOKEN, type Gate } from "./gate.ts";

/** Signs in and returns the `Cookie` header. */
export async function signIn(gate: Gate, token = ADMIN_TOKEN): Promise<string> {
  const answer = await fetch(`${gate.url}/api/session`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: gate.url },
    body: JSON.stringify({ token }),
  });
  if (answer.status !== 200) throw new Error(`signing in was answered with ${answer.status}: ${await answer.text()}`);
  return (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
}

/** A cookie with the gate's signature that ends at `seconds` since 1970. */
export async function cookieUntil(gate: Gate, seconds: number, token = ADMIN_TOKEN): Promise<string> {
  const { SESSION_KEY } = JSON.parse(await readFile(join(gate.data, "secrets.json"), "utf8")) as { SESSION_KEY: string };
  const hash = createHash("sha256").update(token).digest("hex");
  const key = createHmac("sha256", Buffer.from(SESSION_KEY, "base64url")).update(`session of ${hash}`).digest();
  const id = randomBytes(16).toString("base64url");
  const mac = createHmac("sha256", key).update(`sendergate.${id}.${seconds}`).digest("base64url");
  return `sendergate=${id}.${seconds}.${mac}`;
}
