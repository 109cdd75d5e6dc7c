import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        // Black-box: the bundle that would be deployed, in workerd, asked over HTTP.
        test: {
          name: "gate",
          include: ["test/gate/**/*.test.ts"],
          globalSetup: ["test/bundle.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Two cores: one workerd at a time.
          fileParallelism: false,
        },
      },
    ],
  },
});
