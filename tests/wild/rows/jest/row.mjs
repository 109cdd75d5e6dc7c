// Jest, by each of its environments, in CommonJS as it is and in ESM as its documentation has it.
import { parse } from "../../processes.mjs";

const tool = "jest";
const jest = async (project, test, environment, node) => {
  const env = test.endsWith(".mjs") ? { NODE_OPTIONS: "--experimental-vm-modules" } : {};
  const args = ["--env", environment, "--watchman=false", "--runTestsByPath", test, "--testMatch", "**/*.test.?js"];
  return parse(await project.tool(tool, args, { env, node }));
};
const row = (name, environment, test, expects) => ({ name, tool, quick: true, expects, run: (project) => jest(project, test, environment) });
const happy = "@happy-dom/jest-environment";

export default [
  row("Jest, node, require", "node", "answers.test.cjs"),
  row("Jest, node, import", "node", "answers.test.mjs"),
  row("Jest, jsdom, require", "jsdom", "answers.test.cjs"),
  row("Jest, jsdom, import", "jsdom", "answers.test.mjs"),
  row("Jest, happy-dom, require", happy, "answers.test.cjs"),
  row("Jest, happy-dom, import", happy, "answers.test.mjs"),
  row("Jest, jsdom, the element", "jsdom", "element.test.cjs", "element"),
  row("Jest, happy-dom, the element", happy, "element.test.cjs", "element"),
];
