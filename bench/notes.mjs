// Why a goal is missed, for as long as it is: shown under the table only then.

/** @type {{ when: RegExp, why: string }[]} tested against "what against peer" */
export const NOTES = [
  {
    when: /^sendergate\.wasm/,
    why:
      "Compressed alone, `idna` with its ICU data takes about half of the goal, the public suffixes a sixth, mail-parser's " +
      "address reader with its character sets an eighth. What is left of the goal is a third of what the engine's own code " +
      "takes: two list parsers with every lint and fix are most of it.",
  },
  {
    when: /^(decide, 1\.5 KB|authorizesAll|parseSenderList, 100 addresses)/,
    why:
      "Most of the time is spent inside Wasm, not in crossing into it: see what each call takes above the floor, below. " +
      "What it is spent on has not been profiled yet.",
  },
  {
    when: /^an internationalized domain, in a list of 100/,
    why:
      "Reading as a list normalizes a domain twice, to A-labels and back to U-labels, and lints it besides. Building `idna` " +
      "for speed instead of size changed nothing.",
  },
];
