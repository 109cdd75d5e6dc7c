/** The Alert Center: the alerts, and the settings for notices. */
import { createRoute, z } from "@hono/zod-openapi";
import { alertSettings, saveAlertSettings } from "../../alerts/settings.ts";
import { newRoutes } from "../routes.ts";
import { type AlertRow, listAlerts } from "../../logbook/statistics.ts";
import { AlertSettingsSchema, NewAlertSettings } from "./alert-schemas.ts";
import { DayFilters, timesOf } from "./days.ts";
import { Action, IdentityName, NameOf, Verdict } from "../decision.ts";
import { knownList } from "./lists.ts";
import { CursorText, Limit, cursor, cut, page, placeOf } from "./pages.ts";
import { ADMIN, ListPath, Text, Time, body, json, problems, time } from "../schemas.ts";
import { ETAG, IfMatch, etag, versionPassed, versionsRead } from "./version.ts";

const tags = ["alerts"];
const AlertAction = Action.exclude(["send"]);

const AlertSchema = z
  .object({
    id: z.string(),
    user: z.string(),
    action: AlertAction,
    verdict: Verdict,
    reason: z.string(),
    place: z.string().openapi({ description: "The domain of the address that decided, else its identity, else empty." }),
    summary: z.string().openapi({ description: "The first message's line." }),
    client: z.string().optional(),
    count: z.int().openapi({ description: "Messages of this hour that said the same." }),
    firstAt: Time,
    lastAt: Time,
    lastMessage: z.string().openapi({ description: "The id of the last of them." }),
    address: z.string().optional().openapi({ description: "The address that decided about the last of them, while the log holds it." }),
    identity: IdentityName.optional().openapi({ description: "Where that stands." }),
    of: NameOf.optional().openapi({ description: "Of a `display-name`: whose it is." }),
    told: z.int().openapi({ description: "How many of them somebody was told of." }),
    toldAt: Time.optional(),
  })
  .openapi("Alert");

const getAlerts = createRoute({
  method: "get",
  path: "/api/lists/{list}/alerts",
  operationId: "getAlerts",
  summary: "The alerts of a list, the newest first",
  tags,
  security: ADMIN,
  request: {
    params: ListPath,
    query: z.object({
      action: AlertAction.optional(),
      user: Text.min(1).max(200).optional().openapi({ description: "The user's whole name." }),
      ...DayFilters,
      limit: Limit,
      cursor: CursorText,
    }),
  },
  responses: { 200: json("A page of alerts", page(AlertSchema)), ...problems(401, 404, 422, 429) },
});

const getSettings = createRoute({
  method: "get",
  path: "/api/lists/{list}/alert-settings",
  operationId: "getAlertSettings",
  summary: "Which alerts are told, to whom, and how often",
  tags,
  security: ADMIN,
  request: { params: ListPath },
  responses: { 200: json("The settings", AlertSettingsSchema, ETAG), ...problems(401, 404, 429) },
});

const putSettings = createRoute({
  method: "put",
  path: "/api/lists/{list}/alert-settings",
  operationId: "saveAlertSettings",
  summary: "Saves the whole settings; a webhook's secret is shown when it is made, once",
  tags,
  security: ADMIN,
  request: { params: ListPath, headers: IfMatch, body: body(NewAlertSettings) },
  responses: { 200: json("The settings", AlertSettingsSchema, ETAG), ...problems(400, 401, 403, 404, 412, 413, 415, 422, 428, 429) },
});

const shown = ({ client, first_at, last_at, last_message_id, told_at, address, identity, of, ...rest }: AlertRow) => ({
  ...rest,
  ...(client === null ? {} : { client }),
  firstAt: time(first_at),
  lastAt: time(last_at),
  lastMessage: last_message_id,
  ...(address === null ? {} : { address }),
  ...(identity === null ? {} : { identity }),
  ...(of === null ? {} : { of }),
  ...(told_at === null ? {} : { toldAt: time(told_at) }),
});

export const alertRoutes = newRoutes();

alertRoutes.openapi(getAlerts, async (context) => {
  const { list } = context.req.valid("param");
  const { cursor: text, limit, action, user, ...days } = context.req.valid("query");
  const order = JSON.stringify(["alerts", action ?? "", user ?? "", timesOf(days)]);
  const [before] = placeOf(order, text, 1) ?? [];
  await knownList(context.env, list);
  const alerts = await listAlerts(context.env, list, {
    action,
    user,
    ...timesOf(days),
    before: before === undefined ? undefined : String(before),
    limit: limit + 1,
  });
  const { rows, ...rest } = cut(alerts, limit, (last) => cursor(order, [last.id]));
  return context.json({ items: rows.map(shown), ...rest }, 200);
});

alertRoutes.openapi(getSettings, async (context) => {
  const { list } = context.req.valid("param");
  await knownList(context.env, list);
  const { settings, version } = await alertSettings(context.env, list);
  return context.json(settings, 200, { etag: etag(version) });
});

alertRoutes.openapi(putSettings, async (context) => {
  const { list } = context.req.valid("param");
  const read = versionsRead(context.req.valid("header")["if-match"]);
  const wanted = context.req.valid("json");
  await knownList(context.env, list);
  const before = await alertSettings(context.env, list);
  const passed = ({ settings, version }: typeof before) => versionPassed({ ...settings, version }, wanted);
  if (!read.includes(before.version)) throw passed(before);
  const { saved, secret } = await saveAlertSettings(context.env, list, wanted, before.version);
  const after = await alertSettings(context.env, list);
  // Somebody else wrote between the read and the write.
  if (!saved) throw passed(after);
  const { webhook } = after.settings;
  const shownOnce = webhook === null || secret === undefined ? webhook : { ...webhook, secret };
  return context.json({ ...after.settings, webhook: shownOnce }, 200, { etag: etag(before.version + 1) });
});
