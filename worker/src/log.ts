/** The operator's log: one JSON object on each line, with `level`, `event` and its fields. No answer contains any of it. */

export type Fields = Record<string, string | number | boolean | readonly string[] | undefined>;

/** `event` is kebab-case and stable; `cause` is what was thrown. */
export function log(level: "error" | "warning", event: string, fields: Fields = {}, cause?: unknown): void {
  console.error(JSON.stringify({ level, event, ...fields, ...(cause === undefined ? {} : { cause: causeOf(cause) }) }));
}

function causeOf(cause: unknown): object {
  if (!(cause instanceof Error)) return { message: String(cause) };
  const { name, message, stack } = cause;
  return { name, message, stack, ...(cause.cause === undefined ? {} : { cause: causeOf(cause.cause) }) };
}
