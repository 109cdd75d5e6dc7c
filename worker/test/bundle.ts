/** Makes the bundle and the database once for all tests. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { type Prepared, prepare } from "../local/gate.mjs";

declare module "vitest" {
  export interface ProvidedContext {
    prepared: Prepared;
  }
}

interface Made {
  folder: string;
  prepared: Prepared;
}

/** Every project of Vitest runs a copy of this file in the same process. */
const shared = globalThis as { sendergateTests?: Promise<Made> };

async function make(): Promise<Made> {
  const folder = await mkdtemp(join(tmpdir(), "sendergate-bundle-"));
  return { folder, prepared: await prepare(folder) };
}

export default async function setup(project: TestProject) {
  const { folder, prepared } = await (shared.sendergateTests ??= make());
  project.provide("prepared", prepared);
  return () => rm(folder, { recursive: true, force: true });
}
