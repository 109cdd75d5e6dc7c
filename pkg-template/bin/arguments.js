/** Wrong usage of the command, or a file that cannot be read: exit code 64. */
export class UsageError extends Error {
  constructor(message, hint = "Try `sendergate --help`.") {
    super(message);
    this.hint = hint;
  }
}

/** Reads the arguments after the command's name. An option whose default is `false` is a switch; all others take a value. */
export function readArguments(words, { options, most }) {
  const given = { help: false, texts: [] };
  let ended = false;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    if (ended || word === "-" || !word.startsWith("-")) {
      given.texts.push(word);
    } else if (word === "--") {
      ended = true;
    } else if (word === "--help" || word === "-h") {
      given.help = true;
    } else {
      const [, name, value] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
      if (name === undefined || !Object.hasOwn(options, name)) {
        throw new UsageError(`\`${word}\` is not an option`, "A text that begins with a hyphen goes after `--`. Try `sendergate --help`.");
      }
      if (Object.hasOwn(given, name)) throw new UsageError(`\`--${name}\` is given twice`);
      if (options[name] === false) {
        if (value !== undefined) throw new UsageError(`\`--${name}\` takes no value`);
        given[name] = true;
      } else {
        if (value === undefined && at + 1 === words.length) throw new UsageError(`\`--${name}\` needs a value: --${name} ${options[name]}`);
        given[name] = value ?? words[(at += 1)];
      }
    }
  }
  if (!given.help && given.texts.length > most) {
    throw new UsageError(
      `${given.texts.length} arguments were given where there is room for ${most}`,
      "A text with spaces or `;` needs quotes around it.",
    );
  }
  return given;
}
