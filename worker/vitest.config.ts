import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";

/** These measure memory or time, or kill workerd: they run alone. */
const ALONE = ["freshness", "kill", "kill-recipients", "large"].map((name) => `test/gate/${name}.test.ts`);

/** Limits for tests that hang; no other test needs so long. */
const TIMEOUTS = { testTimeout: 60_000, hookTimeout: 60_000 };

/** Black-box tests: the bundle that would be deployed, in workerd, over HTTP. */
const BLACK_BOX = { globalSetup: ["test/bundle.ts"], ...TIMEOUTS };

export default defineConfig({
  test: {
    projects: [
      // Two files at a time: most of them wait most of the time.
      { test: { ...BLACK_BOX, name: "gate", include: ["test/gate/**/*.test.ts"], exclude: ALONE, maxWorkers: 2 } },
      // After the others.
      { test: { ...BLACK_BOX, name: "alone", include: ALONE, fileParallelism: false, sequence: { groupOrder: 1 } } },
      {
        // Inside workerd, for tests that need the clock or storage of a durable object.
        // The package is a link to another folder, where the pool does not find its module.
        resolve: { preserveSymlinks: true },
        plugins: [
          cloudflareTest(async () => ({
            main: "./src/index.ts",
            wrangler: { configPath: "./wrangler.jsonc" },
            miniflare: {
              // Nothing listens there: the tests deliver.
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
