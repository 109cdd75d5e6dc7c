// The matrix as a table.

/** The first line of an error that says something. */
export function shortly({ message }) {
  const lines = message.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const telling = lines.find((line) => /error|ENOENT|cannot|could not|not found|failed|instead of/i.test(line) && !/ ended with /.test(line));
  const line = telling ?? lines[0] ?? "";
  return line.length > 160 ? `${line.slice(0, 159)}…` : line;
}

/** docs/wild.md. */
export function markdown(table, answers) {
  const cell = (text) => (text ?? "").replaceAll("|", "\\|").replaceAll(/[<>]/g, (sign) => ({ "<": "&lt;", ">": "&gt;" })[sign]);
  const result = ({ state, why, setting }) => (state === "passed" ? (setting ? "works, with the setting" : "works") : `${state}: ${cell(why)}`);
  const lines = table.map((line) => `| ${cell(line.name)} | ${cell(line.version)} | ${cell(line.setting)} | ${result(line)} |`);
  const count = (state) => table.filter((line) => line.state === state).length;
  return `# Where the package works

\`cargo xtask wild\` builds a small project for each row with the tool's own defaults, runs what was built (a bundle where no package is
beside it), makes ${answers} calls over every function of the package, and compares each answer with what Node ${process.versions.node.split(".")[0]} gives. A row with the
element also types a list into \`<sender-list>\`, corrects it and reads what the form submits. The projects
are in the repository, in \`tests/wild/rows\`; \`cargo xtask wild --record\` makes this table.

${count("passed")} work, ${count("failed")} fail, ${count("skipped")} were skipped.

| where | version | setting | result |
| --- | --- | --- | --- |
${lines.join("\n")}
`;
}
