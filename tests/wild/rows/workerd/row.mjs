// workerd, as wrangler bundles for it.
import { answersFrom } from "../../servers.mjs";
import { freePort } from "../../processes.mjs";

const row = (date, ...flags) => ({
  name: `workerd, compatibility date ${date}${flags.length > 0 ? `, ${flags}` : ""}`,
  tool: "wrangler",
  async run(project) {
    const settings = { name: "wild", main: "program/worker.mjs", compatibility_date: date, compatibility_flags: flags };
    project.write("wrangler.json", JSON.stringify(settings));
    const port = await freePort();
    return answersFrom(await project.serve("wrangler", ["dev", "--port", port, "--inspector-port", await freePort(), "--log-level", "error"], port));
  },
});

// Streams can be made from that day on: the program itself needs them.
export default [row("2022-11-30"), row("2024-01-01"), row("2024-09-23", "nodejs_compat"), row("2026-03-01"), row("2026-03-01", "nodejs_compat")];
