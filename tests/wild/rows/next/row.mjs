// Next 16 by both of its builders: a server component, a route handler, a client component with the element, an edge route.
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { answersOf } from "../../browsers.mjs";
import { freePort } from "../../processes.mjs";
import { answersFrom, answersIn } from "../../servers.mjs";

const tool = "next";
/** What only one build has: where it fails, the others are not to fail with it. */
const EXTRA = { form: ["form.tsx", "page.tsx"], edge: ["edge.ts", "route.ts"] };

async function build(project, flag, kind) {
  for (const name of [".next", "app/form", "app/edge"]) rmSync(project.path(name), { recursive: true, force: true });
  if (EXTRA[kind]) {
    const [from, to] = EXTRA[kind];
    mkdirSync(project.path("app", kind));
    cpSync(project.path(from), project.path("app", kind, to));
  }
  await project.tool(tool, ["build", flag], { env: kind === "standalone" ? { OUTPUT: kind } : {} });
}

const of = (builder) => {
  const built = (project, kind) => project.once(`${builder} ${kind}`, () => build(project, `--${builder.toLowerCase()}`, kind));
  /** In place, as `next start` has it. */
  const started = async (project, kind) => {
    await built(project, kind);
    const port = await freePort();
    return project.serve(tool, ["start", "--hostname", "127.0.0.1", "--port", port], port);
  };
  /** What `output: "standalone"` puts together, moved away. */
  const moved = async (project) => {
    await built(project, "standalone");
    const port = await freePort();
    const cwd = project.away(".next/standalone");
    return project.serve("node", ["server.js"], port, { cwd, env: { PORT: String(port), HOSTNAME: "127.0.0.1" } });
  };
  const row = (what, run, expects) => ({ name: `Next 16, ${builder}, ${what}`, tool, expects, run });
  return [
    row("route handler", async (project) => answersFrom(await moved(project), "api/answers")),
    row("server component", async (project) => answersIn(await moved(project))),
    row("client component with the element", async (project) => {
      const server = await started(project, "form");
      return answersOf(`${server.url}form`).finally(server.stop);
    }, "page"),
    row("edge route", async (project) => answersFrom(await started(project, "edge"), "edge")),
  ];
};

export default [...of("Turbopack"), ...of("webpack")];
