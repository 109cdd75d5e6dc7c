// What `cargo xtask sample` shows: a list as somebody typed it, and a few messages, judged by the packaged engine.
import { readFileSync, readdirSync } from "node:fs";
import { SenderPolicy, fixAll, parseDomainList } from "../pkg/node.mjs";

const read = (name) => readFileSync(new URL(name, import.meta.url));

console.log(`A list of domains, as somebody typed it:\n`);
let list = read("domains.txt").toString().trim();
console.log(`  ${list}`);
for (const { severity, message, code, help, span } of parseDomainList(list).diagnostics) {
  console.log(`  ${" ".repeat(span.start)}${"^".repeat(Math.max(1, span.end - span.start))}`);
  console.log(`  ${severity}: ${message} [${code}]${help ? `\n  help: ${help}` : ""}`);
}
list = fixAll("domains", list).text;
console.log(`\nWith every safe fix applied:\n\n  ${list}\n  read as: ${parseDomainList(list).canonical}`);

const options = JSON.parse(read("policy.json"));
console.log(`\nA user may send as\n\n  domains: ${options.domains}\n  senders: ${options.senders}`);
const policy = new SenderPolicy(options);
for (const name of readdirSync(new URL(".", import.meta.url)).filter((file) => file.endsWith(".eml")).sort()) {
  const { action, verdict, reason, findings, priority, reply, alert } = policy.decide({
    mailFrom: "bounce@shop.example",
    header: read(name),
  });
  console.log(`\n${name}: ${action} (${verdict}, ${reason})`);
  for (const { identity, address, candidates = [], verdict: truth, reason: cause, rule, nearMiss } of findings) {
    const what = address ?? (candidates.join(" or ") || "nothing that could be read");
    const why = rule ? `, by ${rule.entry}` : nearMiss ? `, ${nearMiss.how} ${nearMiss.entry}` : `, ${cause}`;
    console.log(`  ${identity}: ${what}: ${truth}${why}`);
  }
  console.log(`  priority: ${priority.effective}, from ${priority.source}${priority.capped ? ", capped" : ""}`);
  console.log(`  reply: ${reply.code} ${reply.enhancedCode} ${reply.text}`);
  if (alert) console.log(`  alert: ${alert}`);
}
policy.free();
