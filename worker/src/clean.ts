/** Text that came from a message, made fit to be shown. */

/** Control and invisible formatting characters as U+FFFD, lone surrogates too: nothing that could forge a line or hide one. */
export function clean(text: string, most: number): string {
  const safe = text.toWellFormed().replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "\ufffd");
  return safe.length <= most ? safe : `${Array.from(safe.slice(0, most)).slice(0, -1).join("")}…`;
}
