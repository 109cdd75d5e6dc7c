/** The message log: decisions and deliveries. */
import { createRoute, z } from "@hono/zod-openapi";
import { newRoutes } from "../routes.ts";
import { Problem } from "../../problem.ts";
import { type LoggedMessage, findMessage, pageOfMessages } from "../../logbook/log.ts";
import { DayFilters, timesOf } from "./days.ts";
import { Action, DecisionSchema, Verdict } from "../decision.ts";
import { knownList } from "./lists.ts";
import { CursorText, Limit, cursor, page, placeOf } from "./pages.ts";
import { ADMIN, Level, ListPath, Text, Time, json, problems, time } from "../schemas.ts";

const tags = ["messages"];
const State = z.enum(["blocked", "queued", "deferred", "delivered", "partly", "failed"]);

const MessageFields = {
  id: z.string(),
  at: Time.openapi({ description: "When it was decided." }),
  user: z.string(),
  action: Action,
  verdict: Verdict,
  reason: z.string(),
  level: Level.openapi({ description: "The effective priority." }),
  state: State.openapi({ description: "What the message as a whole is now." }),
  size: z.int().openapi({ description: "Octets read." }),
  mailFrom: z.string().nullable().openapi({ description: "The reverse-path; `null` is the null reverse-path." }),
  recipientCount: z.int(),
  client: z.string().optional().openapi({ description: "The client's address, where it is known." }),
  subject: z.string().optional(),
  engine: z.string().openapi({ description: "The version that decided." }),
};

const left = "Where it is there, the decision cannot be judged again for sure.";
const LoggedDecision = DecisionSchema.extend({
  omittedFindings: z.int().optional().openapi({ description: `How many findings were left out of the log: the one that decided stands first. ${left}` }),
  omittedCandidates: z.int().optional().openapi({ description: `How many candidates were left out of the findings that are kept; an address that begins with … is the end of a long one, and counts. ${left}` }),
}).openapi("LoggedDecision", { description: "What the engine decided, as much of it as the log keeps." });

const MessageSchema = z
  .object({
    ...MessageFields,
    recipients: z.array(z.string()).openapi({ description: "The first five." }),
    decision: LoggedDecision.optional().openapi({ description: "With `include=decisions` only." }),
  })
  .openapi("Message");

const DeliverySchema = z
  .object({
    at: Time,
    attempt: z.int(),
    state: State.exclude(["blocked"]),
    results: z.array(
      z.object({
        recipient: z.string(),
        outcome: z.enum(["delivered", "deferred", "failed"]),
        reply: z.string().openapi({ description: "The other server's words." }),
        enhancedCode: z.string().openapi({ description: "RFC 3463." }),
      }),
    ).openapi({ description: "Who was tried, but for `unchanged`; 64 KiB of them at most: failures before deferrals, these before deliveries. All attempts between the first and the last share LOGGED_ATTEMPTS_BYTES for deferrals, and 128 KiB for the others." }),
    unchanged: z.int().optional().openapi({ description: "How many were put off again with the same answer as before, which stands in an earlier attempt." }),
    omittedResults: z.int().optional().openapi({ description: "How many results the log does not keep, because there were too many: of this attempt, and of attempts before it that are not here." }),
  })
  .openapi("Delivery");

const MessageDetails = z
  .object({
    ...MessageFields,
    recipients: z.array(z.string()).openapi({ description: "The first 16 KiB of them; of a message that was refused, 2 KiB. `recipientCount` counts all." }),
    decision: LoggedDecision,
    deliveries: z.array(DeliverySchema).openapi({ description: "Attempts at its delivery, the newest first; the last hundred." }),
  })
  .openapi("MessageDetails");

/** A level in a query is text. */
const LevelText = z.coerce.number().pipe(Level).openapi({ type: "integer", minimum: 1, maximum: 5 });

const getMessages = createRoute({
  method: "get",
  path: "/api/lists/{list}/messages",
  operationId: "getMessages",
  summary: "The log of a list, the newest first",
  description: "Where few messages match, a page may be short or empty and still have a `next`.",
  tags,
  security: ADMIN,
  request: {
    params: ListPath,
    query: z.object({
      action: Action.optional(),
      level: LevelText.optional(),
      state: State.optional(),
      user: Text.min(1).max(200).optional().openapi({ description: "The user's whole name." }),
      sender: Text.min(1).max(320).optional().openapi({ description: "Part of any address that the message named as a sender." }),
      ...DayFilters,
      include: z.literal("decisions").optional().openapi({
        description: "`decisions`: the whole decisions too; a page then also ends where it holds about 4 MB of them.",
      }),
      limit: Limit,
      cursor: CursorText,
    }),
  },
  responses: { 200: json("A page of messages", page(MessageSchema)), ...problems(401, 404, 422, 429) },
});

const getMessage = createRoute({
  method: "get",
  path: "/api/lists/{list}/messages/{message}",
  operationId: "getMessage",
  summary: "One message, its findings and its delivery",
  tags,
  security: ADMIN,
  request: { params: ListPath.extend({ message: z.string().openapi({ description: "The message's id." }) }) },
  responses: { 200: json("The message", MessageDetails), ...problems(401, 404, 429) },
});

const shown = ({ at, username, ...rest }: LoggedMessage) => ({ ...rest, at: time(at), user: username });

export const messageLogRoutes = newRoutes();

messageLogRoutes.openapi(getMessages, async (context) => {
  const { list } = context.req.valid("param");
  const { cursor: text, include, limit, day, since, until, ...filters } = context.req.valid("query");
  const order = JSON.stringify(["messages", filters, day ?? [since ?? "", until ?? ""]]);
  const [before] = placeOf(order, text, 1) ?? [];
  await knownList(context.env, list);
  const { items, next } = await pageOfMessages(context.env, list, {
    ...filters,
    ...timesOf({ day, since, until }),
    before: before === undefined ? undefined : String(before),
    limit,
    decisions: include === "decisions",
  });
  const rest = next === undefined ? {} : { next: cursor(order, [next]) };
  return context.json({ items: items.map(shown), ...rest }, 200);
});

messageLogRoutes.openapi(getMessage, async (context) => {
  const { list, message: id } = context.req.valid("param");
  await knownList(context.env, list);
  const found = await findMessage(context.env, list, id);
  if (found === undefined) throw new Problem(404, "message-unknown", "this list's log has no such message");
  const { message, decision, deliveries } = found;
  const history = deliveries.map(({ at, ...delivery }) => ({ ...delivery, at: time(at) }));
  return context.json({ ...shown(message), decision, deliveries: history }, 200);
});
