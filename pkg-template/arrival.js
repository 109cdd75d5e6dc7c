// Tells those who wait that there is a module: by `init`, or by a download. It may not be the engine, and another may come.
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
