/** The examples of docs/gate.md, which are one program, against a gate. */
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { unstable_readConfig } from "wrangler";
import { ROWS } from "../../src/settings.ts";
import { ADMIN_TOKEN, type Gate, freshGate } from "../gate.ts";

const HOME = fileURLToPath(new URL("../../", import.meta.url));
const PAGE = fileURLToPath(new URL("../../../docs/gate.md", import.meta.url));

let gate: Gate;
beforeAll(async () => {
  gate = await freshGate();
});
afterAll(() => gate.remove());

test("the examples of the page on the gate print what it says", async () => {
  const examples = Array.from((await readFile(PAGE, "utf8")).matchAll(/^```js\n\/\/ run: gate\n([^]*?)^```$/gm), ([, code = ""]) => code);
  expect(examples.length).toBeGreaterThan(4);
  const program = examples.join("\n");
  const expected = program.split("\n").filter((line) => line.startsWith("// ")).map((line) => line.slice(3));
  expect(await output(program)).toEqual(expected);
});

test("the page on deployment says of every setting what its row says, and makes every resource that the configuration names", async () => {
  const page = await readFile(fileURLToPath(new URL("../../../docs/deploy.md", import.meta.url)), "utf8");
  const [table = ""] = /(?<=^\| setting \| default \| what it does \|\n\| --- \| --- \| --- \|\n)(?:\|.*\n)+/m.exec(page) ?? [];
  const wanted = Object.entries(ROWS).map(([name, { otherwise, about, secret, shownAs }]) => {
    const byDefault = shownAs ?? (otherwise === undefined || otherwise === "0" ? "" : /^\d+$/.test(otherwise) ? otherwise : `\`${otherwise}\``);
    return `| \`${name}\`${secret === true ? " (secret)" : ""} |${byDefault === "" ? "" : ` ${byDefault}`} | ${about} |`;
  });
  expect(table.trimEnd().split("\n")).toEqual(wanted);
  const configuration = unstable_readConfig({ config: join(HOME, "wrangler.jsonc") }) as {
    d1_databases: { database_name: string }[];
    r2_buckets: { bucket_name: string }[];
    queues: { producers?: { queue: string }[] };
  };
  const made = [
    ...configuration.d1_databases.map(({ database_name }) => `d1 create ${database_name}`),
    ...configuration.r2_buckets.map(({ bucket_name }) => `r2 bucket create ${bucket_name}`),
    ...(configuration.queues.producers ?? []).map(({ queue }) => `queues create ${queue}`),
  ];
  expect(made.length).toBeGreaterThan(3);
  expect(made.filter((command) => !page.includes(`npx wrangler ${command}`))).toEqual([]);
});

function output(program: string): Promise<string[]> {
  const environment = { ...process.env, GATE_URL: gate.url, SENDERGATE_ADMIN_TOKEN: ADMIN_TOKEN, FORCE_COLOR: "0" };
  const node = spawn(process.execPath, ["--input-type=module", "-"], { cwd: HOME, env: environment, stdio: ["pipe", "pipe", "inherit"] });
  node.stdin.end(program);
  return new Promise((resolve, reject) => {
    let text = "";
    node.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    node.on("error", reject);
    node.on("close", (code) => (code === 0 ? resolve(text.trim().split("\n")) : reject(new Error(`the examples ended with ${code}:\n${text}`))));
  });
}
