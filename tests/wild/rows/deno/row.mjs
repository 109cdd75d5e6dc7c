// Deno, from npm's packages of it, without a permission and without a question.
import { chmodSync } from "node:fs";
import { parse, run } from "../../processes.mjs";

export default ["2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "2.8", "2.9"].map((minor) => ({
  name: `Deno ${minor}`,
  tool: `deno${minor}`,
  async run(project) {
    const deno = project.path("node_modules", `deno${minor}`, "deno");
    chmodSync(deno, 0o755);
    return parse(await run(deno, ["run", "--no-prompt", "--cached-only", "program/deno.mjs"], { cwd: project.folder }));
  },
}));
