#!/usr/bin/env node
// The command `npx sendergate`: reads arguments, asks the engine, writes the answer.

import { SendergateError, version } from "../node.mjs";
import { check } from "./check.js";
import { lint } from "./lint.js";
import { probe } from "./probe.js";
import { UsageError, readArguments } from "./arguments.js";

const HELP = `\
sendergate: may a message leave under this sender's name?

  sendergate lint-domains [TEXT]    read a list of domains, and say what is wrong with it
  sendergate lint-senders [TEXT]    the same for a list of sender addresses
      --fix                         print the corrected list, and on stderr what no safe fix corrects
      --json                        print the reading as JSON
  sendergate check --policy FILE [--from ADDRESS] [MESSAGE]
                                    decide a message, a file of RFC 5322
      --policy FILE                 the policy: a JSON object (see below)
      --from ADDRESS                MAIL FROM of the envelope, <> for the null reverse-path;
                                    without it no envelope is judged
      --mt-priority N               MT-PRIORITY of the envelope, from -9 to 9
      --json                        print the decision as JSON
  sendergate probe SERVER           walk to an SMTP server as a mail program does, step by step, and say
                                    which step fails and what to try; no message is sent
      SERVER                        smtp://HOST:587 with STARTTLS, or smtps://HOST:465
      --user NAME                   sign in as this user. The password is asked for, or read from
                                    SENDERGATE_PASSWORD
      --password-file FILE          or from the first line of this file, - for standard input
      --from ADDRESS, --to ADDRESS  MAIL FROM and RCPT TO; without --from it is <>
      --ca FILE                     trust these certificates (PEM)
      --timeout SECONDS             for each step, 30 unless stated otherwise
      --json                        print the steps as JSON
  sendergate --help | --version

TEXT and MESSAGE are read from standard input where they are missing or are \`-\`.
Of a message only the header section is read. \`--\` ends the options.

policy: { "domains": "a.example; *.b.example", "senders": "info@c.example",
          "active": true, "priority": 3, "maxPriority": 1, "onUnauthorized": "block",
          "identities": ["mail-from", "from", "sender", "resent-from", "resent-sender"] }
        Each key may be left out; these are the defaults, but for the two lists, which are empty.
        A sixth identity, "display-name", stands for addresses in the names of From and Sender.

exit codes
  lint-…  0 the list is valid (there may be warnings), 1 it has errors
  check   0 send, 1 send and raise an alert, 2 block
  probe   0 every step went well, 1 one failed
  each    64 the command was not used as above, or a file cannot be read; 70 a fault of the program
`;

const COMMANDS = {
  "lint-domains": { options: { fix: false, json: false }, most: 1, run: (given) => lint("domains", given) },
  "lint-senders": { options: { fix: false, json: false }, most: 1, run: (given) => lint("senders", given) },
  check: { options: { policy: "FILE", from: "ADDRESS", "mt-priority": "N", json: false }, most: 1, run: check },
  probe: {
    options: { user: "NAME", "password-file": "FILE", from: "ADDRESS", to: "ADDRESS", ca: "FILE", timeout: "SECONDS", json: false },
    most: 1,
    run: probe,
  },
};

async function main(words) {
  const [name, ...rest] = words;
  if (name === undefined) throw new UsageError("no command was given");
  if (name === "--help" || name === "-h" || name === "help") return print(HELP);
  if (name === "--version" || name === "-V") return print(`${version}\n`);
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) throw new UsageError(`\`${name}\` is not a command`);
  const given = readArguments(rest, command);
  return given.help ? print(HELP) : await command.run(given);
}

function print(text) {
  process.stdout.write(text);
  return 0;
}

// A reader that closes the pipe early, such as `head`, is no error. Every other failure of the output is.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (fault) => {
    if (fault.code !== "EPIPE") process.exit(70);
  });
}

// An unforeseen error must not end with the code of `send` (0) or `send and alert` (1).
process.exitCode = 70;
process.on("uncaughtException", (fault) => {
  console.error(fault);
  process.exit(70);
});
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (fault) {
  if (!(fault instanceof UsageError)) {
    if (fault instanceof SendergateError) console.error(`sendergate: ${fault.message} [${fault.code}]`);
    else console.error(fault);
  } else {
    console.error(`sendergate: ${fault.message}`);
    if (fault.hint !== undefined) console.error(fault.hint);
    process.exitCode = 64;
  }
}
