// Tells waiting callers that a module has arrived, by `init` or by a download. It may be a wrong one, and another may follow.
/** @type {(() => void)[]} */
let waiting = [];

/**
 * Calls `listener` once, when the next module arrives.
 * @param {() => void} listener
 */
export function onArrival(listener) {
  waiting.push(listener);
}

export function arrived() {
  const told = waiting;
  waiting = [];
  for (const listener of told) listener();
}
