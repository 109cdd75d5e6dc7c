/** Bundles the worker once for all tests. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { bundle } from "../local/gate.mjs";

declare module "vitest" {
  export interface ProvidedContext {
    bundle: string;
  }
}

export default async function setup(project: TestProject) {
  const folder = await mkdtemp(join(tmpdir(), "sendergate-bundle-"));
  project.provide("bundle", await bundle(folder));
  return () => rm(folder, { recursive: true, force: true });
}
