/** Pages by cursor: each starts after the last item of the one before, so that no item appears twice or is missing while rows come and go. */
import { z } from "@hono/zod-openapi";
import { fromBase64url, toBase64url } from "../../auth/secrets.ts";
import { Problem } from "../../problem.ts";

export const Limit = z.coerce.number().int().min(1).max(200).default(50).openapi({
  type: "integer",
  minimum: 1,
  maximum: 200,
  description: "Items on a page.",
});
export const CursorText = z
  .string()
  .min(1)
  .max(1000)
  .optional()
  .openapi({ description: "`next` of the page before, with the same filters and the same order." });

/** A page of `item`. */
export const page = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item),
    next: z.string().optional().openapi({ description: "The cursor of the next page; absent on the last." }),
  });

type Value = string | number;

/** `place` is the end of a page; `order` makes cursors of another order invalid. */
export function cursor(order: string, place: Value[]): string {
  return toBase64url(new TextEncoder().encode(JSON.stringify([order, ...place])));
}

/** @throws Problem 422 if `text` is not a cursor of this order. */
export function placeOf(order: string, text: string | undefined, length: number): Value[] | undefined {
  if (text === undefined) return undefined;
  try {
    const parts: unknown = JSON.parse(new TextDecoder().decode(fromBase64url(text)));
    if (Array.isArray(parts) && parts[0] === order && parts.length === length + 1) {
      const place: unknown[] = parts.slice(1);
      if (place.every((part) => typeof part === "string" || typeof part === "number")) return place;
    }
  } catch {
    // The error follows below.
  }
  const message = "this is no cursor of this order; begin again without one";
  throw new Problem(422, "invalid-request", `query/cursor: ${message}`, { errors: [{ in: "query", path: "/cursor", message }] });
}

/** Cuts a page out of `limit + 1` rows. */
export function cut<Row>(rows: Row[], limit: number, next: (last: Row) => string): { rows: Row[]; next?: string } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return rows.length > limit && last !== undefined ? { rows: shown, next: next(last) } : { rows: shown };
}
