// eslint-plugin-import: each entry is found, with the names that it exports.
export default [
  {
    name: "eslint-plugin-import, every entry", tool: "eslint-plugin-import", quick: true, expects: "nothing",
    async run(project) {
      await project.tool("eslint", ["right.mjs"]);
      // The rules look into the package: otherwise they would find nothing wrong in anything.
      const faults = await project.tool("eslint", ["wrong.mjs"]).then(() => "", ({ message }) => message);
      const rules = [...faults.matchAll(/import\/[\w-]+$/gm)].map(([rule]) => rule);
      if (rules.join() !== "import/no-unresolved,import/named") throw new Error(`it should refuse what is not there, not:\n${faults || "nothing"}`);
      return [];
    },
  },
];
