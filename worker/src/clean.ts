/** Makes text of a message safe to show. */

/** Replaces control characters, invisible formatting characters and lone surrogates by U+FFFD, because they could forge or hide a line. */
export function clean(text: string, most: number): string {
  const safe = text.toWellFormed().replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "\ufffd");
  return safe.length <= most ? safe : `${Array.from(safe.slice(0, most)).slice(0, -1).join("")}…`;
}
