/** Where a request comes from. */
import { canonicalAddress, networkOf } from "../addresses.ts";
import { settings } from "../settings.ts";

/**
 * The address that Cloudflare saw. Behind Cloudflare no client can state it; anywhere else whoever asks could write it, and it
 * is not read.
 */
export function clientAddress(env: Env, request: Request): string | undefined {
  if (!settings(env).BEHIND_CLOUDFLARE) return undefined;
  return canonicalAddress(request.headers.get("cf-connecting-ip") ?? "");
}

/** Whom failures are counted against: of IPv6 the network, since one customer has at least 2⁶⁴ addresses. */
export function clientNetwork(address: string | undefined): string {
  if (address === undefined) return "unknown";
  return address.includes(":") ? networkOf(address) : address;
}
