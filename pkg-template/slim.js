// Without a loader: the caller gives the module to `init`.
import { configure } from "./core.js";
import { toModule } from "./source.js";

export async function init(source) {
  configure({ module: await toModule(source) });
}

export * from "./api.js";
