// What core.cjs is made of: all that Node's loaders need, in one file, so that there is one of everything.
export * from "./core.js";
export { toModule } from "./source.js";
