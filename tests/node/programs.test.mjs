// The guides to mail programs: what they promise of a message's level and of the server's answer is what the engine says.

import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { SenderPolicy, resolvePriority } from "../../pkg/node.mjs";
import { guides, outdated } from "../../xtask/pages.mjs";
import { CA, serve } from "./scripted-smtp.mjs";

const ROOT = new URL("../../", import.meta.url);
const LANGUAGES = ["en", "it"];
const template = (language, id) => readFileSync(new URL(`www/programs/${language}/${id}.md`, ROOT), "utf8");
const { GUIDES, KINDS, NAMES, REFUSAL, fill } = await guides();
const FILLING = { server: "smtp.relay.example", port: 587, encryption: "starttls", user: "s2b7kd3mfq4", sender: "info@yourcompany.example", list: "SMTP+" };

/** Rows of the tables with three columns: what is pressed, the fields that it writes, the level. */
const levels = (text) => Array.from(text.matchAll(/^\|([^|\n]+)\|([^|\n]+)\|\s*([1-5–])\s*\|$/gm), ([, , fields, level]) => ({ fields: Array.from(fields.matchAll(/`([^`]+)`/g), ([, field]) => field), level }));
const fences = (text) => Array.from(text.matchAll(/^```\w*\n[^]*?^```$/gm), ([fence]) => fence);

test("there is a template of each in every language, and no other", () => {
  for (const language of LANGUAGES) {
    const there = readdirSync(new URL(`www/programs/${language}`, ROOT)).map((name) => name.replace(/\.md$/, ""));
    assert.deepEqual(there.toSorted(), GUIDES.toSorted(), language);
  }
  assert.equal(GUIDES.length, Object.values(KINDS).flat().length);
});

for (const id of GUIDES) {
  test(`${id}: the engine gives each mark the level that the guide says`, () => {
    for (const language of LANGUAGES) {
      const rows = levels(template(language, id));
      assert.ok(rows.length > 0, "it says nothing of important messages");
      for (const { fields, level } of rows) {
        const header = `From: info@yourcompany.example\r\n${fields.map((field) => `${field}\r\n`).join("")}\r\n`;
        const { message, conflict } = resolvePriority({ header: new TextEncoder().encode(header) });
        assert.equal(String(message ?? "–"), level, fields.join(", "));
        assert.equal(conflict, false, fields.join(", "));
      }
    }
  });

  test(`${id}: every language has the same settings, code and levels`, () => {
    const [english, italian] = LANGUAGES.map((language) => template(language, id));
    assert.deepEqual(levels(italian), levels(english));
    const code = (text) => fences(text).map((fence) => fence.replaceAll("la password di questo utente", "the password of this user"));
    // What the program itself says is in its own language.
    const own = (fence) => !/^```text\n/.test(fence) || fence.includes("tls_starttls");
    assert.deepEqual(code(italian).filter(own), code(english).filter(own));
    assert.equal(fences(italian).length, fences(english).length);
    const places = (text) => Array.from(text.matchAll(/\{[a-z-]+\}|\[\[[^|]*?\|[^|]*?\]\]/g), ([place]) => place).toSorted();
    assert.deepEqual(places(italian), places(english));
  });

  test(`${id}: nothing is left to fill in, and a refusal is told in the server's words`, () => {
    for (const language of LANGUAGES) {
      for (const encryption of ["starttls", "tls"]) {
        const text = fill(template(language, id), { ...FILLING, encryption });
        assert.doesNotMatch(text, /\[\[|\{(?:server|port|user|sender|list|refusal)/);
        assert.match(text, /neither the domain nor the address is listed/);
        assert.match(text, /smtp\.relay\.example/);
        assert.match(text, /s2b7kd3mfq4/);
      }
    }
  });
}

test("the refusal is what the engine answers", () => {
  const policy = new SenderPolicy({ domains: "yourcompany.example" });
  assert.deepEqual(policy.decide({ mailFrom: "info@elsewhere.example" }).reply, REFUSAL);
  policy.free();
});

test("an address or a name that would end a quote or a table is not filled in", () => {
  const text = fill("'{sender}' | `{list}` |", { ...FILLING, sender: "o'brien@a.example", list: "a`|\nb" });
  assert.equal(text, "'info@yourcompany.example' | `a b` |");
});

test("docs/programs and docs/troubleshooting.md are made of them", async () => {
  assert.deepEqual(await outdated(), [], "run node xtask/pages.mjs");
});

/** What checks a program's grammar on this machine, where it is there. */
const CHECKS = [
  ["python", "python", "py", ["python3", "-m", "py_compile"]],
  ["node", "js", "mjs", [process.execPath, "--check"]],
  ["php", "php", "php", ["php", "-l"]],
  ["wordpress", "php", "php", ["php", "-l"]],
  ["magento", "sh", "sh", ["sh", "-n"]],
  ["swaks", "sh", "sh", ["sh", "-n"]],
  ["curl", "sh", "sh", ["sh", "-n"]],
];
test("the code is code", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "sendergate-guides-"));
  context.after(() => rmSync(folder, { recursive: true }));
  for (const [id, language, ending, [command, ...words]] of CHECKS) {
    if (ending === "php" || ending === "py") {
      try {
        execFileSync(command, ["--version"], { stdio: "ignore" });
      } catch {
        context.diagnostic(`${command} is not installed: ${id} was not read`);
        continue;
      }
    }
    for (const encryption of ["starttls", "tls"]) {
      const text = fill(template("en", id), { ...FILLING, encryption });
      const [fence] = fences(text).filter((one) => one.startsWith(`\`\`\`${language}\n`));
      const file = join(folder, `${id}-${encryption}.${ending}`);
      writeFileSync(file, fence.replace(/^```\w*\n/, "").replace(/```$/, ""));
      execFileSync(command, [...words, file], { stdio: "pipe" });
    }
  }
});

test("the chooser calls each guide by its heading", () => {
  for (const language of LANGUAGES) for (const id of GUIDES) assert.equal(NAMES[language][id], /^# (.*)$/m.exec(template(language, id))[1], id);
});

/** Runs a program to its end, without holding up the server in this process. */
const output = (command, words, options) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, words, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece) => (text += piece));
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, text }));
  });
const there = (command) => spawnSync(command, ["--version"], { stdio: "ignore" }).status === 0;
const PHPMAILER = "/usr/share/php/libphp-phpmailer/autoload.php";

/** How a guide's code is run where its program is installed: the file, what goes before it, and what else it needs. */
const RUNS = {
  python: { language: "python", file: "hello.py", command: "python3" },
  php: { language: "php", file: "hello.php", command: "php", needs: PHPMAILER },
  msmtp: { language: "sh", file: "hello.sh", command: "bash", needs: "/usr/bin/msmtp" },
};

for (const [id, { language, file, command, needs }] of Object.entries(RUNS)) {
  for (const encryption of ["starttls", "tls"]) {
    test(`${id}: the guide's own text sends over ${encryption === "tls" ? "TLS from the start" : "STARTTLS"}, and is refused as it says`, async (context) => {
      if (!there(command) || (needs !== undefined && !existsSync(needs))) return context.skip(`${needs ?? command} is not installed`);
      const folder = mkdtempSync(join(tmpdir(), "sendergate-guides-"));
      context.after(() => rmSync(folder, { recursive: true }));
      const env = { ...process.env, HOME: folder, SMTP_PASSWORD: "secret pass", SSL_CERT_FILE: CA };
      const send = async (port) => {
        const text = fill(template("en", id), { ...FILLING, server: "localhost", port, encryption });
        const code = fences(text).find((fence) => fence.startsWith(`\`\`\`${language}\n`)).replace(/^```\w*\n/, "").replace(/```$/, "");
        writeFileSync(join(folder, file), code);
        if (id === "php") {
          mkdirSync(join(folder, "vendor"), { recursive: true });
          writeFileSync(join(folder, "vendor/autoload.php"), `<?php require "${PHPMAILER}";`);
        }
        if (id === "msmtp") {
          const settings = fences(text)[0].replace(/^```\w*\n/, "").replace(/```$/, "").replace("defaults\n", `defaults\ntls_trust_file ${CA}\n`);
          writeFileSync(join(folder, ".msmtprc"), settings, { mode: 0o600 });
          writeFileSync(join(folder, ".smtp-password"), "secret pass");
        }
        return await output(command, id === "php" ? ["-d", `openssl.cafile=${CA}`, file] : [file], { cwd: folder, env });
      };
      const implicit = encryption === "tls";
      const good = await serve(context, {}, { implicit });
      const sent = await send(good.port);
      assert.equal(sent.status, 0, sent.text);
      assert.ok(good.seen.some((line) => /^TLS MAIL FROM:<info@yourcompany\.example>/i.test(line)), good.seen.join("\n"));
      assert.equal(good.messages.length, 1);
      assert.match(good.messages[0], /^From: .*info@yourcompany\.example/m);

      const { code, enhancedCode, text: words } = REFUSAL;
      const strict = await serve(context, { MAIL: `${code} ${enhancedCode} ${words}` }, { implicit });
      const refused = await send(strict.port);
      assert.notEqual(refused.status, 0);
      assert.equal(strict.messages.length, 0);
      // The first line that the guide shows, with the sender that it was.
      const shown = fences(fill(template("en", id), FILLING)).find((fence) => fence.startsWith("```text\n") && fence.includes(words)).split("\n")[1];
      assert.ok(refused.text.includes(shown.replaceAll("sales@elsewhere.example", FILLING.sender)), `${shown}\n${refused.text}`);
    });
  }
}
