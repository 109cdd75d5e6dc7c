// React Router, as a framework: a loader, and a route with the element.
import { answersOf } from "../../browsers.mjs";
import { freePort } from "../../processes.mjs";
import { answersFrom } from "../../servers.mjs";

const tool = "react-router";
const node = "24";
const served = async (project) => {
  await project.once("build", () => project.tool(tool, ["build"], { node }));
  const port = await freePort();
  return project.serve("react-router-serve", ["build/server/index.js"], port, { node, env: { PORT: String(port), HOST: "127.0.0.1" } });
};

export default [
  { name: "React Router, a loader", tool, run: async (project) => answersFrom(await served(project), "answers") },
  {
    name: "React Router, a route with the element", tool, expects: "page", async run(project) {
      const server = await served(project);
      return answersOf(`${server.url}form`).finally(server.stop);
    },
  },
];
