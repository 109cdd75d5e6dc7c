/** Service tokens: for an SMTP server or a hook that asks on behalf of users. */
import { createRoute, z } from "@hono/zod-openapi";
import { newRoutes } from "../routes.ts";
import { peppersOf } from "../../auth/secrets.ts";
import { newServiceToken, serviceTokenText } from "../../auth/service-token.ts";
import { Problem } from "../../problem.ts";
import { type StoredToken, deleteToken, insertToken, listTokens } from "../../directory/tokens.ts";
import { CursorText, Limit, cursor, cut, page, placeOf } from "./pages.ts";
import { ADMIN, Name, Time, body, json, problems, time } from "../schemas.ts";

const tags = ["service tokens"];

const TokenSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    lists: z.union([z.literal("all"), z.array(z.string())]).openapi({
      description: "Whose users it may ask for: `all`, of every list, later ones too; or the ids of lists, none once those lists are gone.",
    }),
    createdAt: Time,
    lastUsedAt: Time.optional(),
  })
  .openapi("ServiceToken");

const CreatedToken = TokenSchema.extend({
  token: z.string().openapi({ description: "Shown now and never again." }),
}).openapi("CreatedServiceToken");

const NewToken = z
  .strictObject({
    name: Name,
    lists: z
      .union([
        z.literal("all"),
        z
          .array(z.string().max(100))
          .min(1)
          .max(1000)
          .refine((lists) => new Set(lists).size === lists.length, "a list is named twice")
          .openapi({ uniqueItems: true }),
      ])
      .openapi({ description: "`all`, of every list, later ones too; or the ids of the lists that it is for." }),
  })
  .openapi("NewServiceToken");

const getTokens = createRoute({
  method: "get",
  path: "/api/service-tokens",
  operationId: "getServiceTokens",
  summary: "All service tokens, the oldest first",
  tags,
  security: ADMIN,
  request: { query: z.object({ limit: Limit, cursor: CursorText }) },
  responses: { 200: json("A page of tokens", page(TokenSchema)), ...problems(401, 422, 429) },
});

const postToken = createRoute({
  method: "post",
  path: "/api/service-tokens",
  operationId: "createServiceToken",
  summary: "A new service token, shown once",
  tags,
  security: ADMIN,
  request: { body: body(NewToken) },
  responses: { 201: json("The token", CreatedToken), ...problems(400, 401, 403, 413, 415, 422, 429) },
});

const removeToken = createRoute({
  method: "delete",
  path: "/api/service-tokens/{token}",
  operationId: "revokeServiceToken",
  summary: "Revokes a service token",
  tags,
  security: ADMIN,
  request: { params: z.object({ token: z.string().openapi({ description: "The token's id." }) }) },
  responses: { 204: { description: "Revoked" }, ...problems(401, 403, 404, 429) },
});

const shown = ({ createdAt, lastUsedAt, ...rest }: StoredToken) => ({
  ...rest,
  createdAt: time(createdAt),
  ...(lastUsedAt === undefined ? {} : { lastUsedAt: time(lastUsedAt) }),
});
const ORDER = "service-tokens";

export const tokenRoutes = newRoutes();

tokenRoutes.openapi(getTokens, async (context) => {
  const { limit, cursor: text } = context.req.valid("query");
  const [at, id] = placeOf(ORDER, text, 2) ?? [0, ""];
  const tokens = await listTokens(context.env, limit + 1, [Number(at), String(id)]);
  const { rows, ...rest } = cut(tokens, limit, (last) => cursor(ORDER, [last.createdAt, last.id]));
  return context.json({ items: rows.map(shown), ...rest }, 200);
});

tokenRoutes.openapi(postToken, async (context) => {
  const { name, lists } = context.req.valid("json");
  const made = newServiceToken();
  const kept = await peppersOf(context.env).keep(made.secret);
  const stored = await insertToken(context.env, { id: made.id, name, lists }, kept);
  if (stored === undefined) {
    const message = "there is no list of one of these ids";
    throw new Problem(422, "list-unknown", `body/lists: ${message}`, { errors: [{ in: "body", path: "/lists", message }] });
  }
  return context.json({ ...shown(stored), token: serviceTokenText(made) }, 201);
});

tokenRoutes.openapi(removeToken, async (context) => {
  if (await deleteToken(context.env, context.req.valid("param").token)) return context.body(null, 204);
  throw new Problem(404, "token-unknown", "there is no such service token");
});
