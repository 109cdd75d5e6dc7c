/** Days as filters: `2026-11-23`, UTC, both ends included. */
import { z } from "@hono/zod-openapi";

const Day = z.iso.date();

export const DayFilters = {
  day: Day.optional().openapi({ description: "This day, UTC; goes before `since` and `until`." }),
  since: Day.optional().openapi({ description: "From this day on, UTC." }),
  until: Day.optional().openapi({ description: "Up to this day and with it, UTC." }),
};

interface Days {
  day?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
}

/** The first and the last day asked for. */
export function daysOf({ day, since, until }: Days): { first?: string | undefined; last?: string | undefined } {
  return day === undefined ? { first: since, last: until } : { first: day, last: day };
}

const DAY = 24 * 60 * 60 * 1000;

/** The same in milliseconds since 1970, half-open. */
export function timesOf(days: Days): { since?: number | undefined; until?: number | undefined } {
  const { first, last } = daysOf(days);
  return {
    since: first === undefined ? undefined : Date.parse(first),
    until: last === undefined ? undefined : Date.parse(last) + DAY,
  };
}
