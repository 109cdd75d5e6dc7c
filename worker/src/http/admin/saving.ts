/** Checks a user with the engine, and makes its fields canonical. */
import { type Diagnostic, type UserDraft, parseDomainList, parseSenderList, validateUser } from "sendergate";
import { Problem } from "../../problem.ts";
import type { Counts, StoredUser, UserFields } from "../../directory/users.ts";

export interface Saved {
  fields: UserFields;
  counts: Counts;
  diagnostics: Diagnostic[];
}

export type Draft = Required<Pick<UserDraft, keyof UserFields>>;

/** The size of lists and note in one row, with room for the other columns: D1 allows 2 MB. */
const ROW_LIMIT = 1_900_000;

/** @throws Problem 422 with the engine's `diagnostics`. */
export function newUser(draft: Draft): Saved {
  const validation = validateUser(draft);
  if (!validation.ok) throw invalidUser(validation.diagnostics);
  const { active, priority, note, domains, senders } = validation.user;
  return fitting({
    fields: { active, priority, note, domains, senders },
    counts: { domains: parseDomainList(domains).entries.length, senders: parseSenderList(senders).entries.length },
    diagnostics: validation.diagnostics,
  });
}

/**
 * `current` with the changed members of `change`. Unchanged fields stay as they are stored, without a new check: a note can be
 * corrected even if an earlier release accepted a list that this one would not.
 *
 * @throws Problem 422 if a changed field is wrong, or the change would remove the last restriction without saying so.
 */
export function changedUser(current: StoredUser, change: Partial<Draft>, allowEverySender: boolean): Saved {
  const draft: Draft = { ...draftOf(current), ...change };
  const { diagnostics, ...validation } = validateUser(draft);
  const same = (field: keyof UserFields) => draft[field] === current[field];
  const wrong = diagnostics.filter(({ severity, field }) => severity === "error" && !(field !== undefined && field !== "username" && same(field)));

  const fields = draftOf(current) as UserFields;
  const counts = { domains: current.domainCount, senders: current.senderCount };
  const domains = same("domains") ? undefined : parseDomainList(draft.domains);
  const senders = same("senders") ? undefined : parseSenderList(draft.senders);
  if (wrong.length > 0 || domains?.ok === false || senders?.ok === false) throw invalidUser(diagnostics);
  if (domains !== undefined) [fields.domains, counts.domains] = [domains.canonical, domains.entries.length];
  if (senders !== undefined) [fields.senders, counts.senders] = [senders.canonical, senders.entries.length];
  fields.active = draft.active;
  // Checked: no diagnostic says otherwise.
  fields.priority = draft.priority as UserFields["priority"];
  fields.note = same("note") || !("user" in validation) ? draft.note : validation.user.note;

  const lifted = current.domains + current.senders !== "" && fields.domains + fields.senders === "";
  if (lifted && !allowEverySender) {
    const detail = "with both lists empty every sender is authorized; where that is meant, send `allowEverySender: true`";
    throw new Problem(422, "every-sender-allowed", detail, { diagnostics });
  }
  return fitting({ fields, counts, diagnostics });
}

export function draftOf({ active, priority, note, domains, senders }: UserFields): Draft {
  return { active, priority, note, domains, senders };
}

function invalidUser(diagnostics: Diagnostic[]): Problem {
  const first = diagnostics.find(({ severity }) => severity === "error");
  const detail = first === undefined ? "the user is not valid" : `${first.field ?? "user"}: ${first.message}`;
  return new Problem(422, "user-invalid", detail, { diagnostics });
}

function fitting(saved: Saved): Saved {
  const { note, domains, senders } = saved.fields;
  const octets = [note, domains, senders].reduce((sum, text) => sum + new TextEncoder().encode(text).length, 0);
  if (octets <= ROW_LIMIT) return saved;
  const detail = `both lists and the note hold ${octets} octets together, more than the ${ROW_LIMIT} of one user; split them over several users`;
  throw new Problem(422, "user-too-large", detail, { limit: ROW_LIMIT, diagnostics: saved.diagnostics });
}
