// The package as users get it, and contenders that call it in a loop.

import * as sendergate from "../pkg/node.mjs";

export { sendergate };

/** A policy of these lists. */
export const policyOf = ({ domains, senders }, options) =>
  new sendergate.SenderPolicy({ domains: domains.join(";"), senders: senders.join(";"), ...options });

/** A contender that calls `call(i)` in a loop; the result must be a number or a boolean. */
export const loop = (name, call) => ({
  name,
  run(n) {
    let sum = 0;
    for (let i = 0; i < n; i += 1) sum += Number(call(i));
    return sum;
  },
});

/** The same for a function that returns a promise. */
export const asyncLoop = (name, call) => ({
  name,
  async run(n) {
    let sum = 0;
    for (let i = 0; i < n; i += 1) sum += Number(await call(i));
    return sum;
  },
});

/** Checks that the contenders give the same answer, before they are measured. */
export function agree(what, expected, answer) {
  if (JSON.stringify(expected) !== JSON.stringify(answer)) {
    throw new Error(`${what}: contenders do not agree:\n${JSON.stringify(expected)}\n${JSON.stringify(answer)}`);
  }
}
