/** Where a request comes from. */
import { isIP } from "node:net";

/** The address that Cloudflare saw; a client cannot state it. Without a proxy before us there is none. */
export function clientAddress(request: Request): string | undefined {
  return canonicalAddress(request.headers.get("cf-connecting-ip") ?? "");
}

/** An IP address in its one spelling (RFC 5952; an IPv4 one that was mapped into IPv6 as such); `undefined` for anything else. */
export function canonicalAddress(text: string): string | undefined {
  const family = isIP(text);
  if (family === 4) return text;
  if (family !== 6 || text.includes("%")) return undefined;
  const canonical = new URL(`http://[${text}]/`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(canonical) ?? [];
  if (high === undefined || low === undefined) return canonical;
  const bits = (Number.parseInt(high, 16) << 16) | Number.parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join(".");
}

/** Whom failures are counted against: of IPv6 the network, since one customer has at least 2⁶⁴ addresses. */
export function clientNetwork(address: string | undefined): string {
  if (address === undefined) return "unknown";
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    const rest = tail === "" ? [] : tail.split(":");
    while (groups.length + rest.length < 8) groups.push("0");
    groups.push(...rest);
  }
  return `${groups.slice(0, 4).join(":")}::/64`;
}
