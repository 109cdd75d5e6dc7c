/** `cargo xtask bench panel`: how long a keystroke takes in lists of 10,000 entries, from the browser's own trace. */
import { openPanel } from "./panel.mjs";

const ENTRIES = 10_000;
const KEYS = 60;

async function measureTyping(panel) {
  const { body: list } = await panel.api("POST", "/api/lists", { name: "Typing" });
  const draft = {
    domains: Array.from({ length: ENTRIES }, (_, index) => `customer${index}.example`).join("; "),
    senders: Array.from({ length: ENTRIES }, (_, index) => `info@sender${index}.example`).join("; "),
  };
  const { body: user } = await panel.api("POST", `/api/lists/${list.id}/users`, draft);
  const page = await panel.signedIn();
  await page.goto(`/lists/${list.id}/users/${user.username}`);
  const field = page.locator("sender-list#domains textarea");
  await field.waitFor();
  await page.getByLabel("An address to send as").fill("info@customer9.example");
  await field.focus();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("; warm-up.example", { delay: 60 });
  const session = await page.context().newCDPSession(page);
  const events = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...value));
  await session.send("Tracing.start", { traceConfig: { includedCategories: ["devtools.timeline", "toplevel"] }, transferMode: "ReportEvents" });
  for (let key = 0; key < KEYS; key += 1) await page.keyboard.type("abcdefghij"[key % 10], { delay: 80 });
  await page.waitForTimeout(800);
  const complete = new Promise((resolve) => session.once("Tracing.tracingComplete", resolve));
  await session.send("Tracing.end");
  await complete;
  // Of each key's tasks on the renderer's main thread, the longest: what a frame would have to wait for.
  const main = events.find(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain");
  const tasks = events.filter(({ name, dur, pid, tid }) => /RunTask$/.test(name) && dur !== undefined && pid === main?.pid && tid === main?.tid).map(({ ts, dur }) => ({ ts, ms: dur / 1000 }));
  const dispatched = events.filter(({ name, ph, args }) => name === "EventDispatch" && ph === "X" && args?.data?.type === "input").map(({ ts, dur }) => ({ ts, ms: dur / 1000 }));
  const sorted = (numbers) => numbers.toSorted((a, b) => a - b);
  const quantile = (numbers, q) => sorted(numbers)[Math.min(numbers.length - 1, Math.floor(numbers.length * q))] ?? 0;
  const input = dispatched.map(({ ms }) => ms);
  const holding = dispatched.map(({ ts }) => tasks.find((task) => task.ts <= ts && ts <= task.ts + task.ms * 1000)?.ms ?? 0);
  const others = sorted(tasks.map(({ ms }) => ms)).toReversed().slice(0, 12);
  return { keys: input.length, input: [quantile(input, 0.5), quantile(input, 0.95), Math.max(...input)], task: [quantile(holding, 0.5), quantile(holding, 0.95), Math.max(...holding)], longest: others };
}

const panel = await openPanel();
try {
  const { keys, input, task, longest } = await measureTyping(panel);
  const row = (name, [median, p95, most]) => `${name.padEnd(44)} ${[median, p95, most].map((ms) => ms.toFixed(1).padStart(6)).join("")} ms`;
  console.log(`${keys} keystrokes into a list of ${ENTRIES} entries beside another; median, 95 %, most`);
  console.log(row("what the panel does at a keystroke", input));
  console.log(row("the whole task, the browser's work included", task));
  console.log(`longest tasks meanwhile: ${longest.slice(0, 5).map((ms) => ms.toFixed(1)).join(", ")} ms; a frame at 60 Hz has 16.7`);
} finally {
  await panel.close();
}
