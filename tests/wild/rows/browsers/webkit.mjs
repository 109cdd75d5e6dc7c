// Debian's WebKitGTK, by its own driver and WebDriver, on a display of Xvfb's.
import { existsSync } from "node:fs";
import { freePort, start } from "../../processes.mjs";
import { Skipped } from "../../project.mjs";

const DRIVER = "/usr/bin/WebKitWebDriver";
const BROWSER = `/usr/lib/${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu/webkit2gtk-4.1/MiniBrowser`;
const XVFB = "/usr/bin/xvfb-run";

/** As `lazyBrowser().open` for Chromium. */
export async function webkit(url, read) {
  for (const program of [DRIVER, BROWSER, XVFB]) if (!existsSync(program)) throw new Skipped(`${program} is not installed`);
  const port = await freePort();
  const driver = await start(XVFB, ["-a", DRIVER, `--port=${port}`], port, { env: { LIBGL_ALWAYS_SOFTWARE: "1", WEBKIT_DISABLE_DMABUF_RENDERER: "1" } });
  const ask = async (method, path, body) => {
    const response = await fetch(driver.url + path, { method, body: body && JSON.stringify(body) });
    const { value } = await response.json();
    if (value?.error) throw new Error(`${value.error}: ${value.message}`);
    return value;
  };
  try {
    const options = { binary: BROWSER, args: ["--automation"] };
    const capabilities = { alwaysMatch: { browserName: "MiniBrowser", "webkitgtk:browserOptions": options } };
    const { sessionId } = await ask("POST", "session", { capabilities });
    try {
      await ask("POST", `session/${sessionId}/url`, { url });
      for (const begin = Date.now(); Date.now() - begin < 30_000; await new Promise((resolve) => setTimeout(resolve, 100))) {
        const found = await ask("POST", `session/${sessionId}/execute/sync`, { script: `return (${read})();`, args: [] });
        if (found) return found;
      }
      throw new Error("the page gave no answers in 30 s");
    } finally {
      await ask("DELETE", `session/${sessionId}`);
    }
  } finally {
    await driver.stop();
  }
}

/** Its version, as Debian names it. */
export const version = (run) => run("dpkg-query", ["--show", "--showformat=${Version}", "webkit2gtk-driver"]).then((text) => text.split("-")[0]);
