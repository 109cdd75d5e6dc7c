// workerd, with wrangler's bundling.
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export async function workerd({ folder }, runtime) {
  for (const [name, main] of [["workerd, wrangler", "worker.mjs"], ["workerd, slim", "worker-slim.mjs"]]) {
    await runtime(name, async () => {
      const { status, text } = await request(folder, main, "http://localhost/");
      if (status !== 200) throw new Error(text);
      return JSON.parse(text);
    });
  }
}

/** Starts a Worker, makes one request, and stops it. */
export async function request(folder, main, url, init) {
  // wrangler must not ask Cloudflare anything.
  process.env.CI = "1";
  process.env.WRANGLER_SEND_METRICS = "false";
  process.env.CLOUDFLARE_CF_FETCH_ENABLED = "false";
  const { unstable_dev } = await import("wrangler");
  const config = join(folder, `${main}.jsonc`);
  writeFileSync(config, JSON.stringify({ name: "consumer", main, compatibility_date: "2026-03-01" }));
  const worker = await unstable_dev(join(folder, main), {
    config,
    logLevel: "error",
    experimental: { disableExperimentalWarning: true, disableDevRegistry: true, testMode: true },
  });
  try {
    const response = await worker.fetch(url, init);
    return { status: response.status, text: await response.text() };
  } finally {
    await worker.stop();
  }
}
