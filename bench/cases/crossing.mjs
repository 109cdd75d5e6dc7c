// Compares each call with the least that a call into Wasm can cost.

import { loop, policyOf, sendergate } from "../engine.mjs";
import { fresh, lists } from "../data.mjs";
import { messages } from "../messages.mjs";

export const title = "The crossing into Wasm";
export const about =
  "The floor is a module with one empty function. Before the call, a text of 30 bytes is written into its memory, " +
  "by a loop over the code units or by `TextEncoder.encodeInto`, which sendergate uses for texts of this length. " +
  "The texts are new strings each time, except for `decide`.";

/** (module (memory (export "memory") 1) (func (export "take") (param i32) (result i32) local.get 0)) */
const FLOOR = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 127, 1, 127, 3, 2, 1, 0, 5, 3, 1, 0, 1, 7, 17, 2, 6, 109, 101, 109, 111, 114,
  121, 2, 0, 4, 116, 97, 107, 101, 0, 0, 10, 6, 1, 4, 0, 32, 0, 11,
]);

const ADDRESS = "maria.huber@river-trading.test"; // 30 bytes

export async function run(bench) {
  const { memory, take } = new WebAssembly.Instance(new WebAssembly.Module(FLOOR)).exports;
  const view = new Uint8Array(memory.buffer);
  const encoder = new TextEncoder();
  const entries = lists(100);
  const policy = policyOf({ ...entries, senders: [...entries.senders, ADDRESS] });
  const texts = (name, ask) => ({
    name,
    prepare: (n) => fresh([ADDRESS], n),
    run(n, input) {
      let sum = 0;
      for (let i = 0; i < n; i += 1) sum += Number(ask(input[i]));
      return sum;
    },
  });
  const spelled = (text) => {
    for (let i = 0; i < text.length; i += 1) {
      const unit = text.charCodeAt(i);
      if (unit > 127) return 0;
      view[i] = unit;
    }
    return take(text.length);
  };
  const message = messages(1, entries)[0];
  const header = message.bytes.subarray(0, message.bytes.length);
  const [empty, loopFloor, encodeFloor, copyFloor, ...calls] = await bench.compare([
    loop("an empty call", (i) => take(i)),
    texts("30 bytes by a loop, and the call", spelled),
    texts("30 bytes by encodeInto, and the call", (text) => take(encoder.encodeInto(text, view).written)),
    loop("1.5 KB of bytes by `set`, and the call", () => {
      view.set(header);
      return take(header.length);
    }),
    texts("authorizes", (text) => policy.authorizes(text)),
    texts("explain", (text) => policy.explain(text).field),
    texts("parseSenderList, one address", (text) => sendergate.parseSenderList(text).entries.length),
    loop("decide, mail-from alone", () => policy.decide({ mailFrom: message.mailFrom }).findings.length),
    loop("decide, 1.5 KB", () => policy.decide({ mailFrom: message.mailFrom, header }).findings.length),
    loop("resolvePriority, 1.5 KB", () => sendergate.resolvePriority({ header }).effective),
  ]);
  // A text of more than twenty code units goes through `encodeInto`, a shorter one through a loop.
  bench.floor([empty, loopFloor, encodeFloor, copyFloor], calls, (call) =>
    call.name.endsWith("1.5 KB") ? copyFloor : encodeFloor,
  );
  policy.free();
}
