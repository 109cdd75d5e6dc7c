/** "Authorize this sender": one address more in a user's list of senders. */
import { SenderPolicy, parseSenderList } from "sendergate";
import { type Answer, type User, ApiError, call } from "./api.ts";

export type Authorized =
  /** The address stands in the list now. */
  | "added"
  /** It may be used already, by an entry that was there or because the user has no restrictions: nothing was written. */
  | "already"
  /** The user is no more. */
  | "user-gone"
  /** Others write to this user faster than we do. */
  | "conflict";

/** Whether what was found is refused only for want of an entry that names it. */
export const wantsAnEntry = (reason: string): boolean => reason === "not-listed" || reason === "routing-local-part";

/**
 * Whether the list of senders would take `address` for itself. What stands in messages need not be an address; and with a `*` it would let in
 * sub-addresses.
 */
export const canBeListed = (address: string): boolean => {
  const { ok, entries } = parseSenderList(address);
  return ok && entries.length === 1 && entries[0]?.kind === "address";
};

/** Writes the version that it has read and no other. Adding one address goes with whatever else was changed, so it may read again. */
export async function authorize(list: string, username: string, address: string): Promise<{ outcome: Authorized; user?: User }> {
  const path = `/api/lists/${list}/users/${encodeURIComponent(username)}`;
  for (let attempt = 1; attempt <= 4; attempt += 1) {
    try {
      const read: Answer<User> = await call("GET", path);
      // An address added to two empty lists would shut out every other one.
      if (mayUse(read.body, address)) return { outcome: "already", user: read.body };
      const { body } = await call<User>("PATCH", path, { senders: withEntry(read.body.senders, address) }, { etag: read.etag });
      return { outcome: "added", user: body };
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return { outcome: "user-gone" };
      if (!(error instanceof ApiError && error.status === 412)) throw error;
    }
  }
  return { outcome: "conflict" };
}

function mayUse({ domains, senders }: User, address: string): boolean {
  const policy = new SenderPolicy({ domains, senders });
  try {
    return policy.authorizes(address);
  } finally {
    policy.free();
  }
}

export function withEntry(list: string, address: string): string {
  const before = list.trim().replace(/;\s*$/, "");
  return before === "" ? address : `${before}; ${address}`;
}
