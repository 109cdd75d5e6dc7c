// Why goals are missed. A note appears below the table only while its goal is missed. The shares come from `perf record` with
// `node --perf-basic-prof` and function names in the module (`SENDERGATE_NAMES=1 cargo xtask build`).

/** @type {{ when: RegExp, why: string }[]} tested against "what against peer" */
export const NOTES = [
  {
    when: /against native/,
    why:
      "The difference is the crossing, the strings and objects of the answer in JavaScript, and V8's code for the module. " +
      "`decide` with mail-from alone is nearly all answer: 0.6 of its 0.7 µs are not the engine's work. In `authorizes`, a third of the time " +
      "goes into `encodeInto`, which hands over the address.",
  },
  {
    when: /^sendergate\.wasm/,
    why:
      "The last table shows the size of each part of the module.",
  },
  {
    when: /^decide, 1\.5 KB against/,
    why:
      "A decision spends a fifth of its time on finding the lines and names of twenty fields, a fifth on reading " +
      "and looking up three addresses, a twentieth on the near miss of the one message in four that is refused, a " +
      "tenth on allocating, and a tenth on packing the answer. About 0.4 µs, a fifth or more, go into the " +
      "JavaScript objects and strings of the answer, and 0.1 µs into passing the input. The same code compiled " +
      "natively takes 0.66 µs, 0.3 µs of it to find the lines; V8 runs it at about half that speed. The goal, a " +
      "tenth of the peer's time, is less than the native code and the objects of the answer need together.",
  },
  {
    when: /^authorizesAll/,
    why:
      "Joining a thousand new strings and encoding them takes 15 ns an address, and the JavaScript loops over them " +
      "4 ns. The rest is in Wasm: one half checks and folds the address, the other half does two look-ups. The same " +
      "code compiled natively takes 37 ns an address, so even this plus the crossing misses the goal. Passing the " +
      "strings one by one costs 37 ns (`latin1Write`) to 65 ns (a loop) each.",
  },
  {
    when: /^parseSenderList, 100 addresses/,
    why:
      "Splitting, duplicates, near duplicates and the other lints take two fifths of the time, reading the " +
      "addresses an eighth, packing and unpacking a quarter. 100 entries are 500 strings and 300 objects in " +
      "JavaScript, which validator does not make.",
  },
  {
    when: /^parseSenderList, 10,000 addresses/,
    why:
      "A goal in milliseconds depends on the machine: if the peers of the first tables take a quarter longer there, " +
      "so does this. The shares are those of 100 addresses. JavaScript makes 50,000 strings and 30,000 objects.",
  },
  {
    when: /^an internationalized domain, in a list of 100/,
    why:
      "The goal allows about the time in which `idna` makes the A-label in Wasm (0.2 µs compiled natively, at least " +
      "twice that in V8). This is a fifth of the time here. The lints by script, the span, the U-label and the " +
      "strings of the answer take the rest.",
  },
  {
    when: /^`import` against/,
    why: "Node takes half of the limit to import any CommonJS module as the first one; `require` does not pay for that.",
  },
  {
    when: /^`require`, in a bundle/,
    why:
      "Reading 160 KB of text, loading `node:zlib` and unpacking take 5 ms together, a third of them each; where the package is not " +
      "bundled the file is read instead, in a fraction of one.",
  },
];
