/** SMTP+ users as the API writes and reads them. */
import { z } from "@hono/zod-openapi";
import type { UserFields } from "../../directory/users.ts";
import { ListPath, Level, Text, Time, Version } from "../schemas.ts";

const Span = z.object({ start: z.int(), end: z.int() }).openapi({ description: "UTF-16 code units of the field as it was sent." });

const DiagnosticSchema = z
  .object({
    code: z.string(),
    severity: z.enum(["error", "warning", "info"]),
    message: z.string(),
    params: z.record(z.string(), z.string()),
    help: z.string().optional(),
    field: z.enum(["username", "active", "priority", "note", "domains", "senders"]).optional(),
    span: Span.optional(),
    fix: z
      .object({ title: z.string(), edits: z.array(z.object({ span: Span, replacement: z.string() })), safe: z.boolean() })
      .optional(),
  })
  .openapi("Diagnostic", { description: "What the engine says of a field; docs/codes.md has every code." });

/** What is written in these is judged by the engine, in the words that the form uses too. */
const Fields = {
  active: z.boolean().openapi({ description: "An inactive user sends nothing." }),
  priority: z.number().openapi({ type: "integer", minimum: 1, maximum: 5, description: "1 very high … 5 very low." }),
  note: Text.openapi({ description: "At most 2000 characters." }),
  domains: z.string().openapi({ description: "Authorized domains, separated by `;`.", example: "example.com; *.example.org" }),
  senders: z.string().openapi({ description: "Authorized senders, separated by `;`.", example: "info@example.net" }),
};

const allowEverySender = z.boolean().optional().openapi({
  description: "Must be `true` where a change lifts the last restriction: with both lists empty every sender is authorized.",
});

export const NewUser = z
  .strictObject({
    active: Fields.active.default(true),
    priority: Fields.priority.default(3),
    note: Fields.note.default(""),
    domains: Fields.domains.default(""),
    senders: Fields.senders.default(""),
    allowEverySender,
  })
  .openapi("NewUser");

export const UserChange = z.strictObject(Fields).partial().extend({ allowEverySender }).openapi("UserChange");

const Known = {
  username: z.string(),
  active: z.boolean(),
  priority: Level,
  note: z.string(),
  domainCount: z.int().openapi({ description: "Entries of `domains`." }),
  senderCount: z.int().openapi({ description: "Entries of `senders`." }),
  createdAt: Time,
  updatedAt: Time,
  lastMessageAt: Time.optional().openapi({ description: "Absent where nothing was ever sent." }),
  version: Version,
};
const Lists = {
  domains: z.string().openapi({ description: "Canonical." }),
  senders: z.string().openapi({ description: "Canonical." }),
};

export const UserSummarySchema = z
  .object({ ...Known, domains: Lists.domains.optional(), senders: Lists.senders.optional() })
  .openapi("UserSummary", { description: "The lists themselves are there with `include=lists` only." });

export const UserSchema = z.object({ ...Known, ...Lists }).openapi("User");

const diagnostics = z.array(DiagnosticSchema).openapi({ description: "Warnings: the user is saved all the same." });
export const SavedUser = UserSchema.extend({ diagnostics }).openapi("SavedUser");
const password = z.string().openapi({ description: "Shown now and never again." });
export const CreatedUser = SavedUser.extend({ password }).openapi("CreatedUser");
export const Credentials = z.object({ username: z.string(), password }).openapi("Credentials");

export const UserPath = ListPath.extend({ user: z.string().openapi({ description: "The user's name." }) });

export const FIELDS = Object.keys(Fields) as (keyof UserFields)[];
