// Why a goal is missed, for as long as it is: shown under the table only then. The shares are those of `perf record` over
// `node --perf-basic-prof`, with the module's functions named (`SENDERGATE_NAMES=1 cargo xtask build`).

/** @type {{ when: RegExp, why: string }[]} tested against "what against peer" */
export const NOTES = [
  {
    when: /^sendergate\.wasm/,
    why:
      "What weighs what in the module says the last table.",
  },
  {
    when: /^decide, 1\.5 KB against/,
    why:
      "Of the time of one decision, finding the lines and names of twenty fields takes a fifth, reading and looking up three " +
      "addresses a fifth, the near miss of the one in four that is refused a twentieth, allocating a tenth, packing the answer a " +
      "tenth; about 0.4 µs, a fifth or more, go into the objects and strings of the answer in JavaScript, and 0.1 µs into " +
      "handing over the input. The same code compiled natively takes 0.66 µs, of which 0.3 µs find the lines, and V8 runs it at about " +
      "half that speed. A tenth of what the peer takes is less than the native code and the answer's objects take together.",
  },
  {
    when: /^authorizesAll/,
    why:
      "Joining a thousand fresh strings and encoding them takes 15 ns an address and the loops over them in JavaScript 4 ns; the rest " +
      "is spent inside Wasm, half of it on checking and folding the address, half on two look-ups. The same code " +
      "compiled natively takes 37 ns an address, so even that and the crossing together miss the goal. Handing the strings over " +
      "one by one costs 37 ns (`latin1Write`) to 65 ns (a loop) each.",
  },
  {
    when: /^parseSenderList, 100 addresses/,
    why:
      "Splitting, duplicates, near pairs and the other lints take two fifths of the time, reading the addresses an eighth, " +
      "packing and unpacking a quarter: 100 entries are 500 strings and 300 objects in JavaScript, which validator does not make.",
  },
  {
    when: /^parseSenderList, 10,000 addresses/,
    why:
      "A goal in milliseconds depends on the machine: where the peers of the first tables take a quarter longer, so does this. The shares are " +
      "those of 100 addresses; 50,000 strings and 30,000 objects are made in JavaScript.",
  },
  {
    when: /^an internationalized domain, in a list of 100/,
    why:
      "The goal leaves the time in which `idna` makes the A-label alone in Wasm (0.2 µs compiled natively, at least twice that " +
      "in V8). It is a fifth of the time here; lints by script, the span, the U-label and the strings of the answer are the rest.",
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
