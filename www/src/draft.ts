/** The fields of an SMTP+ user that a person edits. */
import type { User } from "./api.ts";

export type Draft = Pick<User, "active" | "priority" | "note" | "domains" | "senders">;
export const FIELDS = ["active", "priority", "note", "domains", "senders"] as const;
