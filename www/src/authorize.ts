/** "Authorize this sender": adds an address to a user's list of senders. */
import { SenderPolicy, parseSenderList } from "sendergate";
import { type Answer, type User, ApiError, call } from "./api.ts";

export type Authorized =
  /** The address is in the list now. */
  | "added"
  /** It was authorized already, by an entry or because the user has no restrictions: nothing was written. */
  | "already"
  /** The user does not exist any more. */
  | "user-gone"
  /** Others changed this user at the same time, again and again. */
  | "conflict";

/** Whether a finding is refused only because no entry names its address. */
export const wantsAnEntry = (reason: string): boolean => reason === "not-listed" || reason === "routing-local-part";

/**
 * Whether `address` as an entry would authorize just this address. A text from a message may be no address, and one with a `*` would authorize
 * sub-addresses.
 */
export const canBeListed = (address: string): boolean => {
  const { ok, entries } = parseSenderList(address);
  return ok && entries.length === 1 && entries[0]?.kind === "address";
};

/** Writes only over the version that it read. One more address fits every other change, so after a conflict it reads and tries again. */
export async function authorize(list: string, username: string, address: string): Promise<{ outcome: Authorized; user?: User }> {
  const path = `/api/lists/${list}/users/${encodeURIComponent(username)}`;
  for (let attempt = 1; attempt <= 4; attempt += 1) {
    try {
      const read: Answer<User> = await call("GET", path);
      // Two empty lists authorize every sender: adding one address would forbid all others.
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
