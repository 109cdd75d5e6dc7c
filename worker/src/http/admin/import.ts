/** Imports up to thousands of users: all of them or none. */
import { createRoute, z } from "@hono/zod-openapi";
import { type Diagnostic } from "sendergate";
import { newRoutes } from "../routes.ts";
import { newPassword, peppersOf } from "../../auth/secrets.ts";
import { Problem } from "../../problem.ts";
import { type ImportedUser, importUsers, missingUsers } from "../../directory/imports.ts";
import { knownList } from "./lists.ts";
import { newUser } from "./saving.ts";
import { ADMIN, ListPath, body, json, problems } from "../schemas.ts";
import { Credentials, NewUser } from "./user-schemas.ts";

/** The largest number of users in one import. */
const LIMIT = 10_000;
/** The answer has the diagnostics of so many wrong rows. */
const TOLD = 100;

const Row = NewUser.omit({ allowEverySender: true })
  .extend({ username: z.string().min(1).max(64).optional().openapi({ description: "Changes that user; absent: a new one." }) })
  .openapi("ImportedUser");

const Import = z
  .strictObject({
    users: z.array(Row).min(1).max(LIMIT),
    allowEverySender: z.boolean().optional().openapi({ description: "Must be `true` where a user's lists are both empty." }),
  })
  .openapi("Import");

const Imported = z
  .object({ created: z.array(Credentials).openapi({ description: "New users in their order; their passwords are shown once." }), updated: z.int() })
  .openapi("Imported");

const importRoute = createRoute({
  method: "post",
  path: "/api/lists/{list}/users/import",
  operationId: "importUsers",
  summary: "Makes and changes many users, all or none; a wrong row refuses the whole, and `rows` says which and why",
  tags: ["users"],
  security: ADMIN,
  request: { params: ListPath, body: body(Import) },
  responses: { 200: json("What was done", Imported), ...problems(400, 401, 403, 404, 409, 413, 415, 422, 429) },
});

interface WrongRow {
  row: number;
  detail: string;
  diagnostics: Diagnostic[];
}

export const importRoutes = newRoutes();

importRoutes.openapi(importRoute, async (context) => {
  const { list } = context.req.valid("param");
  const { users, allowEverySender } = context.req.valid("json");
  const { env } = context;
  await knownList(env, list);
  const wrong: WrongRow[] = [];
  const refuse = (row: number, detail: string, diagnostics: Diagnostic[] = []) => wrong.push({ row, detail, diagnostics });
  const named = users.flatMap(({ username }) => (username === undefined ? [] : [username]));
  const missing = named.length === 0 ? new Set<string>() : await missingUsers(env, list, named);
  const seen = new Set<string>();
  const checked: ImportedUser[] = users.flatMap(({ username, ...draft }, row): ImportedUser[] => {
    if (username !== undefined && missing.has(username)) refuse(row, "this list has no user of that name; leave `username` out for a new one");
    if (username !== undefined && seen.has(username)) refuse(row, "another row changes the same user");
    if (username !== undefined) seen.add(username);
    if (draft.domains.trim() + draft.senders.trim() === "" && allowEverySender !== true) {
      refuse(row, "both lists are empty, so every sender would be authorized; where that is meant, send `allowEverySender: true`");
    }
    try {
      const { fields, counts } = newUser(draft);
      return [{ ...(username === undefined ? {} : { username }), fields, counts }];
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      refuse(row, error.message, error.members["diagnostics"] as Diagnostic[]);
      return [];
    }
  });
  if (wrong.length > 0) {
    const [first] = wrong as [WrongRow];
    const detail = `row ${first.row}: ${first.detail}`;
    throw new Problem(422, "import-invalid", detail, { rows: wrong.slice(0, TOLD), wrong: wrong.length });
  }

  const peppers = peppersOf(context.env);
  const passwords = new Map<number, string>();
  for (const [index, user] of checked.entries()) {
    if (user.username !== undefined) continue;
    const password = newPassword();
    passwords.set(index, password);
    user.kept = await peppers.keep(password);
  }
  const names = await importUsers(env, list, checked);
  if (names === false) throw new Problem(409, "import-overtaken", "a user or the list was deleted meanwhile; nothing was imported");
  const created = [...passwords].map(([index, password]) => ({ username: names[index] as string, password }));
  return context.json({ created, updated: checked.length - created.length }, 200);
});
