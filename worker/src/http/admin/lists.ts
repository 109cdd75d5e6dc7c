/** Lists and their settings; what to put into a mail program. */
import { createRoute, z } from "@hono/zod-openapi";
import { newRoutes } from "../routes.ts";
import { Problem } from "../../problem.ts";
import { settings } from "../../settings.ts";
import { IDENTITIES, type List, type ListSettings, USUAL_IDENTITIES, deleteList, findList, insertList, listLists, updateList } from "../../directory/lists.ts";
import { countUsers } from "../../directory/users.ts";
import { clearAfter, holdings } from "../../logbook/holdings.ts";
import { CursorText, Limit, cursor, cut, page, placeOf } from "./pages.ts";
import { ADMIN, Level, ListPath, Name, Time, Version, body, json, problems, time } from "../schemas.ts";
import { ETAG, IfMatch, etag, versionPassed, versionsRead } from "./version.ts";

const tags = ["lists"];

const Settings = {
  name: Name,
  onUnauthorized: z.enum(["alert", "block"]).openapi({
    description: "`alert`: what is not authorized is sent all the same, and an alert is raised. `block`: it is not sent.",
  }),
  identities: z
    .array(z.enum(IDENTITIES))
    .min(1)
    .refine((identities) => new Set(identities).size === identities.length, "an identity is named twice")
    .openapi({
      uniqueItems: true,
      description:
        "Which senders of a message must be authorized. By default all but `display-name`, which stands for the addresses in the display-names of `From` and `Sender`: with it, `\"ceo@bank.example\" <info@shop.example>` needs both.",
    }),
  maxPriority: Level.openapi({ description: "The highest priority that a message of this list may reach; 1: no cap." }),
  stampPriority: z.boolean().openapi({ description: "Whether each message gets its priority written into its fields." }),
};

const ListSchema = z
  .object({ id: z.string(), ...Settings, name: z.string(), createdAt: Time, version: Version })
  .openapi("List");

const ListDetails = ListSchema.extend({
  holds: z
    .object({ users: z.int(), messages: z.int(), alerts: z.int() })
    .openapi({ description: "What is lost when the list is deleted." }),
}).openapi("ListDetails");

const NewList = z
  .strictObject({
    ...Settings,
    onUnauthorized: Settings.onUnauthorized.default("block"),
    identities: Settings.identities.default([...USUAL_IDENTITIES]),
    maxPriority: Settings.maxPriority.default(1),
    stampPriority: Settings.stampPriority.default(false),
  })
  .openapi("NewList");

const ListChange = z.strictObject(Settings).partial().openapi("ListChange");

const Connection = z
  .object({
    servers: z
      .array(
        z.object({
          host: z.string(),
          port: z.int().min(1).max(65_535),
          encryption: z.enum(["starttls", "tls"]).openapi({ description: "`tls` from the first octet on, or by STARTTLS." }),
        }),
      )
      .openapi({ description: "For a mail program; empty where this deployment offers HTTP only." }),
    authentication: z.literal("password").openapi({ description: "The SMTP+ user's name and password." }),
    http: z.object({ url: z.url(), authentication: z.literal("basic") }).openapi({ description: "For a program that sends by HTTP." }),
  })
  .openapi("Connection");

const getLists = createRoute({
  method: "get",
  path: "/api/lists",
  operationId: "getLists",
  summary: "All lists, the oldest first",
  tags,
  security: ADMIN,
  request: { query: z.object({ limit: Limit, cursor: CursorText }) },
  responses: { 200: json("A page of lists", page(ListSchema)), ...problems(401, 422, 429) },
});

const postList = createRoute({
  method: "post",
  path: "/api/lists",
  operationId: "createList",
  summary: "A new list",
  tags,
  security: ADMIN,
  request: { body: body(NewList) },
  responses: { 201: json("The list", ListSchema, ETAG), ...problems(400, 401, 403, 413, 415, 422, 429) },
});

const getList = createRoute({
  method: "get",
  path: "/api/lists/{list}",
  operationId: "getList",
  summary: "A list, and what is lost when it is deleted",
  tags,
  security: ADMIN,
  request: { params: ListPath },
  responses: { 200: json("The list", ListDetails, ETAG), ...problems(401, 404, 429) },
});

const patchList = createRoute({
  method: "patch",
  path: "/api/lists/{list}",
  operationId: "changeList",
  summary: "Changes the settings named in the body",
  tags,
  security: ADMIN,
  request: { params: ListPath, headers: IfMatch, body: body(ListChange) },
  responses: { 200: json("The list", ListSchema, ETAG), ...problems(400, 401, 403, 404, 412, 413, 415, 422, 428, 429) },
});

const removeList = createRoute({
  method: "delete",
  path: "/api/lists/{list}",
  operationId: "deleteList",
  summary: "Deletes a list with its users, settings, log, alerts and statistics",
  tags,
  security: ADMIN,
  request: { params: ListPath, headers: IfMatch },
  responses: { 204: { description: "Deleted" }, ...problems(401, 403, 404, 412, 428, 429) },
});

const getConnection = createRoute({
  method: "get",
  path: "/api/lists/{list}/connection",
  operationId: "getConnection",
  summary: "Server, ports and encryption to put into a mail program",
  tags,
  security: ADMIN,
  request: { params: ListPath },
  responses: { 200: json("The connection", Connection), ...problems(401, 404, 429) },
});

const shown = (list: List) => ({ ...list, createdAt: time(list.createdAt) });
const ORDER = "lists";

/** @throws Problem 404 where there is no such list. */
export async function knownList(env: Env, id: string): Promise<List> {
  const list = await findList(env, id);
  if (list === undefined) throw new Problem(404, "list-unknown", "there is no such list");
  return list;
}

export const listRoutes = newRoutes();

listRoutes.openapi(getLists, async (context) => {
  const { limit, cursor: text } = context.req.valid("query");
  const [at, id] = placeOf(ORDER, text, 2) ?? [0, ""];
  const lists = await listLists(context.env, limit + 1, [Number(at), String(id)]);
  const { rows, ...rest } = cut(lists, limit, (last) => cursor(ORDER, [last.createdAt, last.id]));
  return context.json({ items: rows.map(shown), ...rest }, 200);
});

listRoutes.openapi(postList, async (context) => {
  const list = await insertList(context.env, context.req.valid("json"));
  return context.json(shown(list), 201, { location: `/api/lists/${list.id}`, etag: etag(list.version) });
});

listRoutes.openapi(getList, async (context) => {
  const list = await knownList(context.env, context.req.valid("param").list);
  const [users, held] = await Promise.all([countUsers(context.env, list.id), holdings(context.env, list.id)]);
  return context.json({ ...shown(list), holds: { users, ...held } }, 200, { etag: etag(list.version) });
});

listRoutes.openapi(patchList, async (context) => {
  const { list: id } = context.req.valid("param");
  const read = versionsRead(context.req.valid("header")["if-match"]);
  const change = context.req.valid("json");
  const current = await knownList(context.env, id);
  const yours = { ...settingsOf(current), ...change } as ListSettings;
  if (!read.includes(current.version)) throw versionPassed(shown(current), yours);
  const written = await updateList(context.env, id, current.version, yours);
  // Somebody came between the reading and the writing.
  if (written === undefined) throw versionPassed(shown(await knownList(context.env, id)), yours);
  return context.json(shown(written), 200, { etag: etag(written.version) });
});

listRoutes.openapi(removeList, async (context) => {
  const { list: id } = context.req.valid("param");
  const read = versionsRead(context.req.valid("header")["if-match"]);
  const current = await knownList(context.env, id);
  if (!read.includes(current.version) || !(await deleteList(context.env, id, current.version))) {
    throw versionPassed(shown(await knownList(context.env, id)), undefined);
  }
  context.executionCtx.waitUntil(clearAfter(context.env, id));
  return context.body(null, 204);
});

listRoutes.openapi(getConnection, async (context) => {
  await knownList(context.env, context.req.valid("param").list);
  const http = { url: new URL("/v1/messages", context.req.url).href, authentication: "basic" as const };
  return context.json({ servers: settings(context.env).SUBMISSION_URLS ?? [], authentication: "password" as const, http }, 200);
});

function settingsOf({ name, onUnauthorized, identities, maxPriority, stampPriority }: List): ListSettings {
  return { name, onUnauthorized, identities, maxPriority, stampPriority };
}
