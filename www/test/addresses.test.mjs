// What the worker answers at the panel's addresses, asked without a browser: pages, files, and files that are not there.
import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startGate } from "../../worker/local/gate.mjs";
import { prepared } from "./support/panel.mjs";

let gate;
let data;
before(async () => {
  data = await mkdtemp(join(tmpdir(), "sendergate-panel-"));
  gate = await startGate({ data, prepared, cron: false });
});
after(async () => {
  await gate?.stop();
  await rm(data, { recursive: true, force: true });
});

/** As over TLS, which is where a browser heeds all of it. */
const ask = (path, init) => gate.miniflare.dispatchFetch(`https://gate.example${path}`, init);

test("every address inside the panel is its page, with a policy of its own and HSTS", async () => {
  for (const path of ["/", "/lists/l1/users", "/lists/l1/users/s2", "/nowhere"]) {
    const answer = await ask(path);
    assert.equal(answer.status, 200, path);
    assert.match(await answer.text(), /<script type="module"/, path);
    assert.match(answer.headers.get("content-security-policy"), /script-src 'self' 'wasm-unsafe-eval'/, path);
    assert.equal(answer.headers.get("strict-transport-security"), "max-age=31536000", path);
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff", path);
    assert.match(answer.headers.get("cache-control"), /must-revalidate/, path);
  }
  const head = await ask("/lists/l1/users", { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal(await head.text(), "");
});

test("a file is kept for ever, since its name says what is in it", async () => {
  const files = await readdir(new URL("../dist/assets/", import.meta.url));
  const answer = await ask(`/assets/${files.find((name) => name.endsWith(".js"))}`);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("cache-control"), /immutable/);
  assert.equal(answer.headers.get("strict-transport-security"), "max-age=31536000");
  await answer.body.cancel();
});

test("a file that is not there is 404, and nobody keeps that", async () => {
  for (const path of ["/assets/index-00000000.js", "/assets/", "/assets/gone", "/robots.txt", "/lists/x.js", "/v1"]) {
    const answer = await ask(path);
    assert.equal(answer.status, 404, path);
    assert.equal(answer.headers.get("cache-control"), "no-store", path);
    assert.equal(answer.headers.get("content-type"), "application/problem+json", path);
    await answer.body.cancel();
  }
  assert.equal((await ask("/lists/l1/users", { method: "POST" })).status, 404);
});
