// Node, by `import` and by `require`, from npm's packages of it.
import { readFileSync } from "node:fs";

export default ["20.0", "20", "22", "24", "26"].flatMap((major) => {
  const version = (project) => JSON.parse(readFileSync(project.path("node_modules", `node${major}`, "package.json"), "utf8")).version.replace("v", "");
  const row = (how, file) => ({ name: `Node ${major}, ${how}`, version, run: (project) => project.node([file], { node: major }) });
  return [row("import", "program/server.mjs"), row("require", "program/server.cjs")];
});
