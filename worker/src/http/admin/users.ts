/** SMTP+ users of a list. */
import { createRoute, z } from "@hono/zod-openapi";
import { newRoutes } from "../routes.ts";
import { newPassword, peppersOf } from "../../auth/secrets.ts";
import { Problem } from "../../problem.ts";
import { SORT_KEYS, type UserItem, pageOfUsers } from "../../directory/user-pages.ts";
import { type StoredUser, deleteUser, findUser, insertUser, keepPassword, updateUser } from "../../directory/users.ts";
import { knownList } from "./lists.ts";
import { CursorText, Limit, cursor, page, placeOf } from "./pages.ts";
import { changedUser, draftOf, newUser } from "./saving.ts";
import { ADMIN, ListPath, Text, body, json, problems, time } from "../schemas.ts";
import { CreatedUser, Credentials, FIELDS, NewUser, SavedUser, UserChange, UserPath, UserSchema, UserSummarySchema } from "./user-schemas.ts";
import { ETAG, IfMatch, etag, versionPassed, versionsRead } from "./version.ts";

const tags = ["users"];

const UserQuery = z.object({
  search: Text.max(200)
    .optional()
    .openapi({ description: "Part of a name, a note, an authorized domain or sender; ASCII case does not matter." }),
  active: z.stringbool({ truthy: ["true"], falsy: ["false"], case: "sensitive" }).optional().openapi({ type: "boolean" }),
  sort: z.enum(SORT_KEYS).default("createdAt"),
  order: z.enum(["asc", "desc"]).default("asc"),
  include: z
    .literal("lists")
    .optional()
    .openapi({ description: "`lists`: the lists themselves too; a page then also ends where it holds about 4 MB of them." }),
  limit: Limit,
  cursor: CursorText,
});

const getUsers = createRoute({
  method: "get",
  path: "/api/lists/{list}/users",
  operationId: "getUsers",
  summary: "The users of a list",
  tags,
  security: ADMIN,
  request: { params: ListPath, query: UserQuery },
  responses: {
    200: json("A page of users", page(UserSummarySchema).extend({ total: z.int().openapi({ description: "Users found, on all pages." }) })),
    ...problems(401, 404, 422, 429),
  },
});

const postUser = createRoute({
  method: "post",
  path: "/api/lists/{list}/users",
  operationId: "createUser",
  summary: "A new user; the answer shows the password, once",
  tags,
  security: ADMIN,
  request: { params: ListPath, body: body(NewUser) },
  responses: { 201: json("The user", CreatedUser, ETAG), ...problems(400, 401, 403, 404, 409, 413, 415, 422, 429) },
});

const getUser = createRoute({
  method: "get",
  path: "/api/lists/{list}/users/{user}",
  operationId: "getUser",
  summary: "A user",
  tags,
  security: ADMIN,
  request: { params: UserPath },
  responses: { 200: json("The user", UserSchema, ETAG), ...problems(401, 404, 429) },
});

const patchUser = createRoute({
  method: "patch",
  path: "/api/lists/{list}/users/{user}",
  operationId: "changeUser",
  summary: "Changes what the body names",
  tags,
  security: ADMIN,
  request: { params: UserPath, headers: IfMatch, body: body(UserChange) },
  responses: { 200: json("The user", SavedUser, ETAG), ...problems(400, 401, 403, 404, 412, 413, 415, 422, 428, 429) },
});

const removeUser = createRoute({
  method: "delete",
  path: "/api/lists/{list}/users/{user}",
  operationId: "deleteUser",
  summary: "Deletes a user; what it sent already is still delivered, and its name is never given again",
  tags,
  security: ADMIN,
  request: { params: UserPath, headers: IfMatch },
  responses: { 204: { description: "Deleted" }, ...problems(401, 403, 404, 412, 428, 429) },
});

const resetPassword = createRoute({
  method: "post",
  path: "/api/lists/{list}/users/{user}/password",
  operationId: "resetPassword",
  summary: "A new password, shown once; the one before ends",
  tags,
  security: ADMIN,
  request: { params: UserPath },
  responses: { 200: json("The new credentials", Credentials), ...problems(401, 403, 404, 429) },
});

const shown = <Item extends UserItem>({ createdAt, updatedAt, lastMessageAt, ...rest }: Item) => ({
  ...rest,
  createdAt: time(createdAt),
  updatedAt: time(updatedAt),
  ...(lastMessageAt === undefined ? {} : { lastMessageAt: time(lastMessageAt) }),
});

const unknownUser = () => new Problem(404, "user-unknown", "this list has no such user");

async function knownUser(env: Env, list: string, name: string): Promise<StoredUser> {
  const user = await findUser(env, list, name);
  if (user === undefined) throw unknownUser();
  return user;
}

export const userRoutes = newRoutes();

userRoutes.openapi(getUsers, async (context) => {
  const { list } = context.req.valid("param");
  const { cursor: text, include, ...query } = context.req.valid("query");
  const order = JSON.stringify([query.sort, query.order, query.active ?? null, query.search ?? ""]);
  const after = placeOf(order, text, 2);
  await knownList(context.env, list);
  const { items, total, last } = await pageOfUsers(context.env, list, { ...query, after, lists: include === "lists" });
  const next = last === undefined ? {} : { next: cursor(order, last) };
  return context.json({ items: items.map(shown), total, ...next }, 200);
});

userRoutes.openapi(postUser, async (context) => {
  const { list } = context.req.valid("param");
  const { allowEverySender: _, ...draft } = context.req.valid("json");
  await knownList(context.env, list);
  const { fields, counts, diagnostics } = newUser(draft);
  const password = newPassword();
  const kept = await peppersOf(context.env).keep(password);
  const user = await insertUser(context.env, list, fields, counts, kept);
  if (user === undefined) throw new Problem(404, "list-unknown", "there is no such list");
  const headers = { location: `/api/lists/${list}/users/${user.username}`, etag: etag(user.version) };
  return context.json({ ...shown(user), diagnostics, password }, 201, headers);
});

userRoutes.openapi(getUser, async (context) => {
  const { list, user: name } = context.req.valid("param");
  const user = await knownUser(context.env, list, name);
  return context.json(shown(user), 200, { etag: etag(user.version) });
});

userRoutes.openapi(patchUser, async (context) => {
  const { list, user: name } = context.req.valid("param");
  const { allowEverySender, ...change } = context.req.valid("json");
  const read = versionsRead(context.req.valid("header")["if-match"]);
  const current = await knownUser(context.env, list, name);
  const passed = (stands: StoredUser) => versionPassed(shown(stands), { ...draftOf(stands), ...change });
  if (!read.includes(current.version)) throw passed(current);
  const { fields, counts, diagnostics } = changedUser(current, change as Partial<typeof fields>, allowEverySender === true);
  const unchanged = FIELDS.every((field) => fields[field] === current[field]);
  const written = unchanged ? current : await updateUser(context.env, list, name, current.version, fields, counts);
  // Somebody came between the reading and the writing.
  if (written === undefined) throw passed(await knownUser(context.env, list, name));
  return context.json({ ...shown(written), diagnostics }, 200, { etag: etag(written.version) });
});

userRoutes.openapi(removeUser, async (context) => {
  const { list, user: name } = context.req.valid("param");
  const read = versionsRead(context.req.valid("header")["if-match"]);
  const current = await knownUser(context.env, list, name);
  if (!read.includes(current.version) || !(await deleteUser(context.env, list, name, current.version))) {
    throw versionPassed(shown(await knownUser(context.env, list, name)), undefined);
  }
  return context.body(null, 204);
});

userRoutes.openapi(resetPassword, async (context) => {
  const { list, user: name } = context.req.valid("param");
  const { version } = await knownUser(context.env, list, name);
  const password = newPassword();
  const kept = await peppersOf(context.env).keep(password);
  if (!(await keepPassword(context.env, list, name, kept))) throw unknownUser();
  return context.json({ username: name, password }, 200, { etag: etag(version) });
});
