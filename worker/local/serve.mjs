/** `cargo xtask start`: the gate with all its services and the SMTP door, until Ctrl-C. */
import { parseArgs } from "node:util";
import { DEFAULT_PORT, reservePort, startDoor, submissionUrls } from "./door.mjs";
import { startGate } from "./gate.mjs";

const HELP = `cargo xtask start [--port 8787] [--smtp-port 2587] [--data DIR] [--admin-token TOKEN]

  --port PORT            where it listens on 127.0.0.1 (0: any free port)
  --smtp-port PORT       where the SMTP door listens on 127.0.0.1 (0: any free port; none: no door)
  --data DIR             where everything is kept (default: .sendergate)
  --admin-token TOKEN    the administrator's token from now on; SENDERGATE_ADMIN_TOKEN in the environment goes before
`;

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "8787" },
    "smtp-port": { type: "string" },
    data: { type: "string", default: ".sendergate" },
    "admin-token": { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
/** Ends with what was wrong in the command line. */
function misused(message) {
  console.error(`error: ${message}`);
  process.exit(64);
}
function portOf(option, text, orElse = "") {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  return misused(`--${option} wants a number from 0 to 65535${orElse}, not \`${text}\``);
}
const port = portOf("port", values.port);
const smtpPort = values["smtp-port"];
const noDoor = smtpPort === "none";
const wantedSmtpPort = smtpPort === undefined || noDoor ? DEFAULT_PORT : portOf("smtp-port", smtpPort, ", or none");
const given = process.env.SENDERGATE_ADMIN_TOKEN || values["admin-token"];
if (given !== undefined && given.length < 16) {
  misused("an admin token has at least 16 characters; leave it out and one is made");
}

/** The program of the door, which `cargo xtask start` builds, and a port for it; otherwise the reason why there is none. */
async function doorOrReason() {
  if (noDoor) return { reason: "no SMTP door: --smtp-port none" };
  const program = process.env.SENDERGATE_SUBMISSION;
  try {
    if (!program) throw new Error("its program is not built; `cargo xtask start` builds it");
    const reserved = await reservePort(wantedSmtpPort).catch((error) => {
      const taken = error.code === "EADDRINUSE" ? "is taken by another program" : `cannot be used (${error.message})`;
      throw new Error(`port ${wantedSmtpPort} ${taken}; choose one by --smtp-port (0: any free port)`);
    });
    return { program, reserved };
  } catch (error) {
    // Whoever asks for a port wants a door there; the default one is no reason to be without a gate.
    if (smtpPort === undefined) return { reason: `no SMTP door: ${error.message}` };
    console.error(`error: no SMTP door: ${error.message}`);
    process.exit(1);
  }
}
const { program, reserved, reason } = await doorOrReason();
const gate = await startGate({
  data: values.data,
  port,
  ...(given === undefined ? {} : { adminToken: given }),
  vars: { DEVELOPMENT: "1", ...(reserved === undefined ? {} : { SUBMISSION_URLS: submissionUrls(reserved.port) }) },
  log: true,
}).catch((error) => {
  console.error(`error: ${error.message}`);
  process.exit(1);
});
if (gate.adminToken !== undefined) {
  console.log(`admin token ${gate.adminToken}\n  shown this once; it is kept as a hash. Another: start with --admin-token`);
}
console.log(`relayed messages arrive in ${gate.sent}`);
const starting = reserved === undefined ? undefined : startDoor({ program, gate, data: values.data, reserved });
let stopping = false;
/** First the door, which needs the gate for the messages under way. */
async function stop(code) {
  const again = stopping;
  stopping = true;
  const started = await starting?.catch(() => undefined);
  await started?.stop();
  if (again) return;
  await gate.stop();
  process.exit(code);
}
for (const signal of ["SIGINT", "SIGTERM"]) {
  // Miniflare ends the process at once, in the middle of what the door still does.
  process.removeAllListeners(signal);
  process.on(signal, () => stop(0));
}
const door = await starting?.catch((error) => {
  console.error(`error: ${error.message}`);
  return stop(1);
});
console.log(`ready ${gate.url}`);
console.log(door === undefined ? reason : `ready ${door.url}`);
door?.ended.then((why) => {
  if (stopping) return;
  console.error(`error: the SMTP door has ended (${why}); the gate ends too`);
  stop(1);
});
