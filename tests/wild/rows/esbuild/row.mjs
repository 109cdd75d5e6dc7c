// esbuild, for servers and pages; and one file for AWS Lambda, as its documentation has it made.
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { EMBEDDED, answersOfFolder, html } from "../../browsers.mjs";

const tool = "esbuild";
const bundle = async (project, entry, ...rest) => {
  await project.tool(tool, [entry, "--bundle", "--log-level=warning", ...rest]);
  return project.away("dist");
};
const server = (name, format, extension, entry) => ({
  name, tool, quick: true, async run(project) {
    const cwd = await bundle(project, entry, "--platform=node", `--format=${format}`, `--outfile=dist/server.${extension}`);
    return project.node([`server.${extension}`], { cwd });
  },
});
const page = async (project, entry, ...rest) => {
  const folder = await bundle(project, entry, "--format=esm", "--minify", "--outfile=dist/page.js", ...rest);
  project.write(join(folder, "index.html"), html("/page.js"));
  return folder;
};

export default [
  server("esbuild, ESM", "esm", "mjs", "program/server.mjs"),
  server("esbuild, CommonJS", "cjs", "cjs", "program/server.mjs"),
  server("esbuild, require", "cjs", "cjs", "program/server.cjs"),
  {
    name: "AWS Lambda, one bundled file", tool, quick: true, async run(project) {
      const cwd = await bundle(project, "lambda.mjs", "--platform=node", "--target=node20", "--format=cjs", "--minify", "--outfile=dist/index.js");
      cpSync(project.path("invoke.cjs"), join(cwd, "invoke.cjs"));
      return project.node(["invoke.cjs"], { cwd });
    },
  },
  {
    name: "esbuild, a page", tool, quick: true, setting: "`node_modules/sendergate/sendergate.wasm` beside the bundle", async run(project) {
      mkdirSync(project.path("dist"), { recursive: true });
      cpSync(project.path("node_modules/sendergate/sendergate.wasm"), project.path("dist/sendergate.wasm"));
      return answersOfFolder(await page(project, "program/page.mjs"));
    },
  },
  {
    name: "esbuild, a page, the engine inside", tool, quick: true, setting: EMBEDDED, run: async (project) =>
      answersOfFolder(await page(project, "program/page-embedded.mjs")),
  },
];
