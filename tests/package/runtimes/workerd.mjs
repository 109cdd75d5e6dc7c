// workerd, with the bundling that wrangler does.
import { join } from "node:path";
import { writeFileSync } from "node:fs";

export async function workerd({ folder }, runtime) {
  // Nothing is to be asked of Cloudflare.
  process.env.CI = "1";
  process.env.WRANGLER_SEND_METRICS = "false";
  process.env.CLOUDFLARE_CF_FETCH_ENABLED = "false";
  for (const [name, main] of [["workerd, wrangler", "worker.mjs"], ["workerd, slim", "worker-slim.mjs"]]) {
    await runtime(name, async () => {
      const { unstable_dev } = await import("wrangler");
      const config = join(folder, `${main}.jsonc`);
      writeFileSync(config, JSON.stringify({ name: "consumer", main, compatibility_date: "2026-03-01" }));
      const worker = await unstable_dev(join(folder, main), {
        config,
        logLevel: "error",
        experimental: { disableExperimentalWarning: true, disableDevRegistry: true, testMode: true },
      });
      try {
        const response = await worker.fetch("http://localhost/");
        const text = await response.text();
        if (!response.ok) throw new Error(text);
        return JSON.parse(text);
      } finally {
        await worker.stop();
      }
    });
  }
}
