// Vitest, by each of its environments.
import { parse } from "../../processes.mjs";

const tool = "vitest";
const row = (environment, test, expects) => ({
  name: `Vitest, ${environment}${expects ? ", the element" : ""}`, tool, quick: true, expects,
  run: async (project) => parse(await project.tool(tool, ["run", "--environment", environment, test])),
});

export default [
  row("node", "answers.test.mjs"),
  row("jsdom", "answers.test.mjs"),
  row("happy-dom", "answers.test.mjs"),
  row("jsdom", "element.test.mjs", "element"),
  row("happy-dom", "element.test.mjs", "element"),
];
