// Bun, and what it bundles.
import { join } from "node:path";
import { EMBEDDED, answersOfFolder, html } from "../../browsers.mjs";
import { parse, run } from "../../processes.mjs";

const tool = "@oven/bun-linux-x64";
const bun = (project, args, cwd = project.folder) => run(project.path("node_modules", tool, "bin/bun"), args, { cwd });
const built = async (project, target) => {
  await bun(project, ["build", "program/server.mjs", `--target=${target}`, "--outfile=dist/server.mjs"]);
  return project.away("dist");
};

export default [
  { name: "Bun, import", tool, run: async (project) => parse(await bun(project, ["program/server.mjs"])) },
  { name: "Bun, require", tool, run: async (project) => parse(await bun(project, ["program/server.cjs"])) },
  { name: "bun build for Bun", tool, run: async (project) => parse(await bun(project, ["server.mjs"], await built(project, "bun"))) },
  { name: "bun build for Node", tool, run: async (project) => project.node(["server.mjs"], { cwd: await built(project, "node") }) },
  {
    name: "bun build --compile", tool, async run(project) {
      await bun(project, ["build", "program/server.mjs", "--compile", "--outfile=compiled/server"]);
      const away = project.away("compiled");
      return parse(await run(join(away, "server"), [], { cwd: away }));
    },
  },
  {
    name: "bun build, a page, the engine inside", tool, setting: EMBEDDED, async run(project) {
      project.write("index.html", html("./program/page-embedded.mjs"));
      await bun(project, ["build", "index.html", "--outdir=page"]);
      return answersOfFolder(project.away("page"), { headers: {} });
    },
  },
  { name: "bun test", tool, run: async (project) => parse(await bun(project, ["test", "./answers.test.mjs"])) },
];
