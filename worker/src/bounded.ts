/** Maps with a limited number of entries. */

/** Adds `value` as the last, and removes the first if there are more than `most`. */
export function remember<Key, Value>(memory: Map<Key, Value>, key: Key, value: Value, most: number): void {
  memory.delete(key);
  memory.set(key, value);
  if (memory.size <= most) return;
  for (const [oldest] of memory) {
    memory.delete(oldest);
    return;
  }
}
