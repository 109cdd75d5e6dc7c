// Rspack, for servers and pages.
import { rowsOf } from "../../webpack.mjs";

export default rowsOf("Rspack", "@rspack/core", (project, target, entry) =>
  project.tool("rspack", ["build", "--mode", "production", "--entry", `./program/${entry}`, "--output-path", project.path("dist")], { env: { TARGET: target } }));
