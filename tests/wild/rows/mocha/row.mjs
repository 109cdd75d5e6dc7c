// Mocha.
import { parse } from "../../processes.mjs";

const tool = "mocha";
const row = (name, file) => ({ name, tool, quick: true, run: async (project) => parse(await project.tool(tool, [file])) });

export default [row("Mocha, import", "answers.mjs"), row("Mocha, require", "answers.cjs")];
