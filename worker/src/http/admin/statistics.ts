/** Counts by day, action, level and user, and the senders that are refused most. */
import { createRoute, z } from "@hono/zod-openapi";
import { newRoutes } from "../routes.ts";
import { DIMENSIONS, type Dimension, countMessages, refusedSenders } from "../../logbook/statistics.ts";
import { DayFilters, daysOf, timesOf } from "./days.ts";
import { Action } from "../decision.ts";
import { knownList } from "./lists.ts";
import { CursorText, Limit, cursor, cut, page, placeOf } from "./pages.ts";
import { ADMIN, Level, ListPath, Text, Time, json, problems, time } from "../schemas.ts";

const tags = ["statistics"];
const dimension = DIMENSIONS.join("|");

const CountSchema = z
  .object({
    day: z.iso.date().optional(),
    action: Action.optional(),
    level: Level.optional(),
    user: z.string().optional(),
    messages: z.int(),
    recipients: z.int(),
    octets: z.int(),
  })
  .openapi("Count", { description: "With those of `day`, `action`, `level` and `user` that `by` named." });

const getStatistics = createRoute({
  method: "get",
  path: "/api/lists/{list}/statistics",
  operationId: "getStatistics",
  summary: "Messages counted, the newest day first",
  tags,
  security: ADMIN,
  request: {
    params: ListPath,
    query: z.object({
      by: z
        .string()
        .regex(new RegExp(`^(${dimension})(,(${dimension})){0,3}$`))
        .default("day,action")
        .openapi({ description: "What each row counts: some of `day`, `action`, `level`, `user`, separated by commas." }),
      user: Text.min(1).max(200).optional().openapi({ description: "This user's messages only." }),
      ...DayFilters,
      limit: Limit,
      cursor: CursorText,
    }),
  },
  responses: { 200: json("A page of counts", page(CountSchema)), ...problems(401, 404, 422, 429) },
});

const getRefused = createRoute({
  method: "get",
  path: "/api/lists/{list}/statistics/refused",
  operationId: "getRefusedSenders",
  summary: "The senders refused most",
  tags,
  security: ADMIN,
  request: {
    params: ListPath,
    query: z.object({
      action: Action.exclude(["send"]).default("block").openapi({
        description: "`send-and-alert`: those that would be refused, were the list set to `block`.",
      }),
      ...DayFilters,
      limit: Limit.default(20),
    }),
  },
  responses: {
    200: json(
      "The senders, the most refused first",
      z.object({
        items: z.array(
          z
            .object({
              place: z.string().openapi({ description: "The domain of the address that decided, else the identity, else empty." }),
              address: z.string().optional().openapi({ description: "The address itself, of the last such message in the log." }),
              user: z.string(),
              reason: z.string(),
              messages: z.int(),
              lastAt: Time,
              lastMessage: z.string().openapi({ description: "The id of the last such message." }),
            })
            .openapi("RefusedSender"),
        ),
      }),
    ),
    ...problems(401, 404, 422, 429),
  },
});

export const statisticsRoutes = newRoutes();

statisticsRoutes.openapi(getStatistics, async (context) => {
  const { list } = context.req.valid("param");
  const { by: text, user, limit, cursor: at, ...days } = context.req.valid("query");
  const by = DIMENSIONS.filter((one: Dimension) => text.split(",").includes(one));
  const { first, last } = daysOf(days);
  const order = JSON.stringify(["statistics", by, user ?? "", first ?? "", last ?? ""]);
  const after = placeOf(order, at, by.length);
  await knownList(context.env, list);
  const counts = await countMessages(context.env, list, { by, user, first, last, after, limit: limit + 1 });
  const { rows, ...rest } = cut(counts, limit, (row) => cursor(order, by.map((one) => row[one] ?? "")));
  return context.json({ items: rows, ...rest }, 200);
});

statisticsRoutes.openapi(getRefused, async (context) => {
  const { list } = context.req.valid("param");
  const { action, limit, ...days } = context.req.valid("query");
  await knownList(context.env, list);
  const refused = await refusedSenders(context.env, list, { action, limit, ...timesOf(days) });
  const items = refused.map(({ place, address, user, reason, messages, last_at, last_message_id }) => ({
    place,
    ...(address === null ? {} : { address }),
    user,
    reason,
    messages,
    lastAt: time(last_at),
    lastMessage: last_message_id,
  }));
  return context.json({ items }, 200);
});
