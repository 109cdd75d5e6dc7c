/** IP addresses, domains and URLs, as text that somebody else wrote. */
import ipaddr from "ipaddr.js";

/** An IP address, an IPv4 one that was mapped into IPv6 as such; `undefined` for anything else, such as `127.1` or a zone. */
function parsedAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  const known = ipaddr.IPv4.isValidFourPartDecimal(text) || (text.includes(":") && !text.includes("%") && ipaddr.IPv6.isValid(text));
  return known ? ipaddr.process(text) : undefined;
}

/** An IP address in its one spelling (RFC 5952). */
export function canonicalAddress(text: string): string | undefined {
  const address = parsedAddress(text);
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address?.toString();
}

const LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
const DOMAIN = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);

/** Whether `text` is a domain in ASCII (RFC 5321 section 4.1.2). */
export const isDomain = (text: string): boolean => text.length <= 255 && DOMAIN.test(text);

export function urlOf(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** Whether a host, as `URL` spells it, is this machine. */
export const isLoopback = (hostname: string): boolean => /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);

/** The /64 that an IPv6 address belongs to. */
export const networkOf = (address: string): string => `${ipaddr.IPv6.networkAddressFromCIDR(`${address}/64`).toRFC5952String()}/64`;

const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR("2000::/3") as [ipaddr.IPv6, number];

/** Whether `address` is one that the public Internet does not route, or that stands for another; also where it is no address. */
export function isPrivateAddress(address: string): boolean {
  const parsed = parsedAddress(address);
  if (parsed === undefined || parsed.range() !== "unicast") return true;
  // Of IPv6 the rest is local, or nobody's yet.
  return parsed instanceof ipaddr.IPv6 && !parsed.match(GLOBAL_UNICAST);
}
