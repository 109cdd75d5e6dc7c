// Writes docs/programs/ and docs/troubleshooting.md from what the panel shows too: www/programs and data/replies.json.
// `node xtask/pages.mjs --check` says whether they are up to date.

import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = new URL("../", import.meta.url);
const read = (path) => readFile(new URL(path, ROOT), "utf8");

const EXAMPLE = { server: "smtp.relay.example", port: 587, encryption: "starttls", user: "s2b7kd3mfq4", sender: "info@yourcompany.example", list: "SMTP+" };

/** The panel's own module, which is TypeScript. */
export async function guides() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("www/src/programs/guides.ts", ROOT))], bundle: true, write: false, format: "esm", logLevel: "error",
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}

const code = (text) => `\`${text.trim()}\``;

async function programPages() {
  const { KINDS, fill, alternatives } = await guides();
  const pages = new Map();
  const kinds = { mail: "Mail programs", sites: "Sites and services", code: "Languages and commands" };
  let index = `# Mail programs and SMTP+

The panel has these pages for each list, with its server, port, encryption and user, and buttons to copy them. Here they are filled in with
\`${EXAMPLE.server}\`, port ${EXAMPLE.port} with STARTTLS, and a user who may send as \`${EXAMPLE.sender}\`.
`;
  for (const [kind, ids] of Object.entries(KINDS)) {
    index += `\n## ${kinds[kind]}\n\n`;
    for (const id of ids) {
      const template = await read(`www/programs/en/${id}.md`);
      const [, title] = /^# (.*)$/m.exec(template);
      let page = fill(template, EXAMPLE);
      const other = [...new Map(alternatives(template).map((pair) => [pair.join("|"), pair])).values()];
      if (other.length > 0) {
        page += `\n## On a port with TLS from the start, such as 465\n\n| in place of | write |\n| --- | --- |\n`;
        const tls = { ...EXAMPLE, port: 465, encryption: "tls" };
        page += other.map((pair) => `| ${code(fill(pair[0], EXAMPLE))} | ${code(fill(pair[1], tls))} |\n`).join("");
        page += `| \`${EXAMPLE.port}\` | \`465\` |\n`;
      }
      pages.set(`docs/programs/${id}.md`, page);
      index += `- [${title}](${id}.md)\n`;
    }
  }
  index += `
## The level of a message

A message that is marked as important asks for a level from 1 (very high) to 5 (very low). The first of these that is valid counts: MT-PRIORITY of the envelope,
\`X-Priority\`, \`Priority\`, \`Importance\`, \`X-MSMail-Priority\`. The higher of that level and the user's is used, up to the list's highest.
A message that asks for none gets the user's.

## DKIM, receipts and automatic replies

- The gate signs nothing. The next server, which takes the mail from the gate, signs it with DKIM, or the program that wrote it does. A signature of the program
  stays valid, unless the priority is written into the message (\`stampPriority\`, or a cap that lowers it) and the signature covers those fields, or the signature
  forbids a \`Date\` or \`Message-ID\` that the message lacks.
- Read receipts (MDN, RFC 8098) and automatic replies (RFC 3834) have the null reverse-path, \`MAIL FROM:<>\`. They are sent where \`From\` is authorized. The
  null reverse-path authorizes nothing by itself.
- The gate reports what could not be delivered to the reverse-path. DSN (RFC 3461) is not offered.
`;
  pages.set("docs/programs/README.md", index);
  return pages;
}

async function troublePage() {
  const entries = JSON.parse(await read("data/replies.json"));
  let page = `# What a mail program said, and what to do

The panel's page **Mail programs > Troubleshooting** takes the words that a program showed and finds the entry. \`npx sendergate probe\` walks the
same way as a program and says which step fails ([cli.md](cli.md)). The reasons behind \`sender refused\` and \`message refused\` are in [codes.md](codes.md#reasons).
`;
  for (const { replies, en } of entries) {
    page += `\n## ${en.title}\n\n`;
    if (replies.length > 0) page += `${replies.map((reply) => `\`${reply}\``).join(", ")}\n\n`;
    page += `${en.why}\n\n${en.todo.map((step) => `- ${step}\n`).join("")}`;
  }
  return page;
}

/** Every page with its text. */
export const made = async () => new Map([...(await programPages()), ["docs/troubleshooting.md", await troublePage()]]);

/** The pages that are not as they would be made. */
export async function outdated() {
  const pages = await made();
  const there = (await readdir(new URL("docs/programs", ROOT)).catch(() => [])).map((name) => `docs/programs/${name}`);
  const wrong = there.filter((path) => !pages.has(path));
  for (const [path, text] of pages) if ((await read(path).catch(() => "")) !== text) wrong.push(path);
  return wrong;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] === "--check") {
    const wrong = await outdated();
    if (wrong.length > 0) console.error(`not up to date: ${wrong.join(", ")}; run node xtask/pages.mjs`);
    process.exitCode = wrong.length > 0 ? 1 : 0;
  } else {
    await rm(new URL("docs/programs", ROOT), { recursive: true, force: true });
    await mkdir(new URL("docs/programs", ROOT), { recursive: true });
    for (const [path, text] of await made()) await writeFile(new URL(path, ROOT), text);
  }
}
