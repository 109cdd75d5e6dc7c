// The source of core.cjs, which all of Node's loaders share, so that a process has one engine.
export * from "./core.js";
export { toModule } from "./source.js";
