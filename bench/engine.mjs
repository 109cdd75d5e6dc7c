// The package as a user gets it, and ways to ask it in a loop.

import * as sendergate from "../pkg/node.mjs";

export { sendergate };

/** A policy of these lists. */
export const policyOf = ({ domains, senders }, options) =>
  new sendergate.SenderPolicy({ domains: domains.join(";"), senders: senders.join(";"), ...options });

/** A contender that calls `call(i)` again and again; what it answers must be a number or a boolean. */
export const loop = (name, call) => ({
  name,
  run(n) {
    let sum = 0;
    for (let i = 0; i < n; i += 1) sum += Number(call(i));
    return sum;
  },
});

/** The same for a function that answers with a promise. */
export const asyncLoop = (name, call) => ({
  name,
  async run(n) {
    let sum = 0;
    for (let i = 0; i < n; i += 1) sum += Number(await call(i));
    return sum;
  },
});

/** Contenders must agree before anybody looks at the clock. */
export function agree(what, expected, answer) {
  if (JSON.stringify(expected) !== JSON.stringify(answer)) {
    throw new Error(`${what}: contenders do not agree:\n${JSON.stringify(expected)}\n${JSON.stringify(answer)}`);
  }
}
