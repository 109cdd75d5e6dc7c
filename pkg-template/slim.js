// No loader: the caller brings the module.
import { configure } from "./core.js";
import { toModule } from "./source.js";

export async function init(source) {
  const module = await toModule(source);
  configure({ sync: () => module });
}

export * from "./api.js";
