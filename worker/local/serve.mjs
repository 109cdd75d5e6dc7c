/** `cargo xtask start`: the gate with all its services, until Ctrl-C. */
import { parseArgs } from "node:util";
import { startGate } from "./gate.mjs";

const HELP = `cargo xtask start [--port 8787] [--data DIR] [--admin-token TOKEN]

  --port PORT            where it listens on 127.0.0.1 (0: any free port)
  --data DIR             where everything is kept (default: .sendergate)
  --admin-token TOKEN    the administrator's token from now on; SENDERGATE_ADMIN_TOKEN in the environment goes before
`;

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "8787" },
    data: { type: "string", default: ".sendergate" },
    "admin-token": { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error(`error: --port wants a number from 0 to 65535, not \`${values.port}\``);
  process.exit(64);
}
const given = process.env.SENDERGATE_ADMIN_TOKEN || values["admin-token"];
if (given !== undefined && given.length < 16) {
  console.error("error: an admin token has at least 16 characters; leave it out and one is made");
  process.exit(64);
}
const gate = await startGate({
  data: values.data,
  port,
  ...(given === undefined ? {} : { adminToken: given }),
  vars: { DEVELOPMENT: "1" },
  log: true,
}).catch((error) => {
  console.error(`error: ${error.message}`);
  process.exit(1);
});
if (gate.adminToken !== undefined) {
  console.log(`admin token ${gate.adminToken}\n  shown this once; it is kept as a hash. Another: start with --admin-token`);
}
console.log(`relayed messages arrive in ${gate.sent}`);
console.log(`ready ${gate.url}`);
let stopping = false;
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, async () => {
    if (stopping) return;
    stopping = true;
    await gate.stop();
    process.exit(0);
  });
}
