// The errors if the engine does not load, and loading it by `init`: in Chromium, from the built package.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { version } from "../../pkg/web.js";
import { launch, serve } from "./browser.mjs";

const WASM = await readFile(new URL("../../pkg/sendergate.wasm", import.meta.url));
const MISPLACED = "the bundler or the server has to put the package's `sendergate.wasm` there; `sendergate/embedded` needs no such file";

let browser;
let server;
before(async () => {
  [browser, server] = await Promise.all([launch(), serve()]);
});
after(async () => {
  await browser?.close();
  server?.close();
});

/** A page where `/engine` returns the module's bytes, and `answer` handles requests for `sendergate.wasm`. */
function onPage(name, answer, run, path = "empty.html") {
  test(name, { timeout: 60_000 }, async () => {
    const page = await browser.newPage();
    await page.route("**/engine", (route) => route.fulfill({ body: WASM }));
    await page.route("**/sendergate.wasm", answer);
    await page.goto(server.url + path);
    await run(page);
    await page.close();
  });
}

const failure = (page) =>
  page.evaluate(() => import("/pkg/web.js").then(({ ready }) => ready()).catch(({ code, message, cause }) => ({ code, message, cause: cause?.name })));
const refused = (found) => ({ code: "load-failed", message: `could not load \`${server.url}pkg/sendergate.wasm\`: ${found}; ${MISPLACED}`, cause: undefined });

onPage("a file that is not there", (route) => route.fulfill({ status: 404, contentType: "text/plain", body: "no" }), async (page) => {
  assert.deepEqual(await failure(page), refused("HTTP 404, text/plain"));
});

onPage("a page in place of the file", (route) => route.fulfill({ contentType: "text/html", body: "\n<!doctype html>" }), async (page) => {
  assert.deepEqual(await failure(page), refused("an HTML page came back (HTTP 200, text/html)"));
});

onPage("something else in place of the file", (route) => route.fulfill({ contentType: "application/json", body: "{}" }), async (page) => {
  assert.deepEqual(await failure(page), refused("no WebAssembly module came back (HTTP 200, application/json)"));
});

onPage("a file that breaks off", (route) => route.fulfill({ contentType: "application/wasm", body: WASM.subarray(0, 1000) }), async (page) => {
  const { code, message, cause } = await failure(page);
  assert.deepEqual([code, cause], ["load-failed", "CompileError"]);
  assert.ok(message.startsWith(`could not load \`${server.url}pkg/sendergate.wasm\`: WebAssembly.compileStreaming()`), message);
});

onPage("no answer, and then one", (route) => route.abort(), async (page) => {
  const { code, message, cause } = await failure(page);
  assert.deepEqual([code, cause], ["load-failed", "TypeError"]);
  assert.match(message, /sendergate\.wasm`: Failed to fetch; can the server be reached, and does .* `connect-src`\?$/);
  await page.unroute("**/sendergate.wasm");
  assert.equal(await page.evaluate(() => import("/pkg/web.js").then(async ({ ready, parseDomainList }) => (await ready(), parseDomainList("A.example").canonical))), "a.example");
});

const OLD = Buffer.from(WASM.toString("latin1").replaceAll(version, `${version.slice(0, -1)}x`), "latin1");
onPage("the file of an older version, and then the right one", (route) => route.fulfill({ contentType: "application/wasm", body: OLD }), async (page) => {
  const { code, message } = await failure(page);
  assert.equal(code, "load-failed");
  assert.match(message, /^could not load the engine: the module is of version \S+x, and the code of /);
  await page.unroute("**/sendergate.wasm");
  assert.equal(await page.evaluate(() => import("/pkg/web.js").then(async ({ ready, parseDomainList }) => (await ready(), parseDomainList("A.example").canonical))), "a.example");
});

for (const entry of ["web.js", "embedded.js"]) {
  onPage(`a policy that forbids it: ${entry}`, (route) => route.continue(), async (page) => {
    await page.route("**/strict.html", (route) => route.fulfill({ contentType: "text/html", headers: { "content-security-policy": "script-src 'self'" }, body: "" }));
    await page.goto(`${server.url}strict.html`);
    const { code, message } = await page.evaluate((entry) => import(`/pkg/${entry}`).then(({ ready }) => ready()).catch(({ code, message }) => ({ code, message })), entry);
    assert.equal(code, "load-failed");
    assert.match(message, /; the page's Content-Security-Policy needs `'wasm-unsafe-eval'` in `script-src`;/);
  });
}

let downloads = 0;
let asked = 0;
const count = (route) => {
  asked += 1;
  return route.abort();
};
onPage("after `init` nothing is downloaded", count, async (page) => {
  const canonical = await page.evaluate(async () => {
    const { init } = await import("/pkg/slim.js");
    await init(fetch("/engine"));
    const { ready, parseDomainList } = await import("/pkg/web.js");
    await ready();
    return parseDomainList("A.example").canonical;
  });
  assert.deepEqual([canonical, asked], ["a.example", 0]);
});

const bring = (page) => page.evaluate(() => import("/pkg/slim.js").then(({ init }) => init(fetch("/engine"))));
const judged = (page) => page.waitForFunction(() => document.querySelector("#themed").parsed?.canonical === "info@a.example");

onPage("elements that wait for a download begin when the page brings the engine", () => {}, async (page) => {
  await page.waitForFunction(() => document.querySelector("#themed").shadowRoot !== null);
  await bring(page);
  await judged(page);
}, "page.html");

onPage("who waits for a download goes on waiting when the page brings a wrong module, and begins with the right one", () => {}, async (page) => {
  await page.route("**/old", (route) => route.fulfill({ body: OLD }));
  await page.waitForFunction(() => document.querySelector("#themed").shadowRoot !== null);
  const outcome = await page.evaluate(async () => {
    const [{ ready }, { init }] = await Promise.all([import("/pkg/web.js"), import("/pkg/slim.js")]);
    const call = ready().then(() => "ready", ({ message }) => message);
    await init(fetch("/old"));
    await init(fetch("/engine"));
    return Promise.race([call, new Promise((resolve) => setTimeout(resolve, 5_000, "waits"))]);
  });
  assert.equal(outcome, "ready");
  await judged(page);
}, "page.html");

onPage("elements that failed begin when the page brings the engine", (route) => route.abort(), async (page) => {
  await page.locator("#domains").getByText("cannot be checked").waitFor();
  await bring(page);
  await judged(page);
  await page.locator("#domains").getByText("cannot be checked").waitFor({ state: "hidden" });
}, "page.html");

onPage("elements that failed by a wrong module begin when the page brings the right one, and download the wrong one once", async (route) => {
  downloads += 1;
  await route.fulfill({ contentType: "application/wasm", body: OLD });
}, async (page) => {
  downloads = 0;
  await page.goto(`${server.url}page.html`);
  const failed = page.locator("#domains").getByText("cannot be checked");
  await failed.waitFor();
  await page.waitForTimeout(300);
  assert.equal(downloads, 1);
  // A second wrong module changes nothing.
  await page.route("**/old", (route) => route.fulfill({ body: OLD }));
  await page.evaluate(() => import("/pkg/slim.js").then(({ init }) => init(fetch("/old"))));
  await page.waitForTimeout(300);
  assert.deepEqual([downloads, await failed.isVisible()], [1, true]);
  await bring(page);
  await judged(page);
  await failed.waitFor({ state: "hidden" });
});

const BOTH = `<!doctype html>
<script type="importmap">{ "imports": { "sendergate": "/pkg/web.js" } }</script>
<sender-list id="themed" kind="senders" value="info@a.example"></sender-list>
<script type="module">
  import "/pkg/element/sender-list.js";
  import "/pkg/embedded.js";
</script>`;
onPage("elements take the engine that is inside the code, where the page imports that", (route) => {
  downloads += 1;
  return route.abort();
}, async (page) => {
  downloads = 0;
  await page.route("**/both.html", (route) => route.fulfill({ contentType: "text/html", body: BOTH }));
  await page.goto(`${server.url}both.html`);
  await judged(page);
  assert.equal(downloads, 0);
});
