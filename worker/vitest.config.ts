import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";

/** They measure memory or time, or kill workerd in the middle of what it does: one by one. */
const ALONE = ["freshness", "kill", "kill-recipients", "large"].map((name) => `test/gate/${name}.test.ts`);

/** No test waits for these: they end one that hangs. */
const TIMEOUTS = { testTimeout: 60_000, hookTimeout: 60_000 };

/** Black-box: the bundle that would be deployed, in workerd, asked over HTTP. */
const BLACK_BOX = { globalSetup: ["test/bundle.ts"], ...TIMEOUTS };

export default defineConfig({
  test: {
    projects: [
      // Two cores, two files at a time: most of them wait most of the time.
      { test: { ...BLACK_BOX, name: "gate", include: ["test/gate/**/*.test.ts"], exclude: ALONE, maxWorkers: 2 } },
      // After the others.
      { test: { ...BLACK_BOX, name: "alone", include: ALONE, fileParallelism: false, sequence: { groupOrder: 1 } } },
      {
        // Inside workerd, where a durable object's clock or storage has to be seen.
        // The package is a link out of this folder, where the pool would not find its module.
        resolve: { preserveSymlinks: true },
        plugins: [
          cloudflareTest(async () => ({
            main: "./src/index.ts",
            wrangler: { configPath: "./wrangler.jsonc" },
            miniflare: {
              // Nobody listens: the tests are the deliverers.
              queueProducers: { DELIVERIES: { queueName: "nobody" } },
              bindings: {
                RELAY: "sink",
                SINK_URL: "http://127.0.0.1:9/",
                DNS_RESOLVER: "",
                PEPPERS: "test:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                SESSION_KEY: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                MIGRATIONS: await readD1Migrations("./migrations"),
              },
            },
          })),
        ],
        test: { name: "workers", include: ["test/workers/**/*.test.ts"], globalSetup: ["test/smtp.ts"], ...TIMEOUTS, maxWorkers: 2 },
      },
    ],
  },
});
