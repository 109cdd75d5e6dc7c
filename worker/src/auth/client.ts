/** The client's address. */
import { canonicalAddress, networkOf } from "../addresses.ts";
import { settings } from "../settings.ts";

/**
 * The address that Cloudflare saw. Behind Cloudflare clients cannot forge this header. Elsewhere they could, so it is
 * not read.
 */
export function clientAddress(env: Env, request: Request): string | undefined {
  if (!settings(env).BEHIND_CLOUDFLARE) return undefined;
  return canonicalAddress(request.headers.get("cf-connecting-ip") ?? "");
}

/** The key for counting failures: for IPv6 the /64, because one customer has at least 2⁶⁴ addresses. */
export function clientNetwork(address: string | undefined): string {
  if (address === undefined) return "unknown";
  return address.includes(":") ? networkOf(address) : address;
}
