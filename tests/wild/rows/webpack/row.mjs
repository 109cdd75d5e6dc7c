// webpack, for servers and pages.
import { rowsOf } from "../../webpack.mjs";

const tool = "webpack";

export default rowsOf("webpack", tool, (project, target, entry) =>
  project.tool(tool, ["--mode", "production", "--target", target, "--entry", `./program/${entry}`, "--output-path", project.path("dist"), "--stats", "errors-only"]));
