/** What a person edits of an SMTP+ user. */
import type { User } from "./api.ts";

export type Draft = Pick<User, "active" | "priority" | "note" | "domains" | "senders">;
export const FIELDS = ["active", "priority", "note", "domains", "senders"] as const;
