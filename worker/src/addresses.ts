/** Reads IP addresses, domains and hosts of URLs from untrusted text. */
import ipaddr from "ipaddr.js";

/** Reads an IP address. An IPv4-mapped IPv6 address becomes IPv4. `undefined` for anything else, such as `127.1` or an address with a zone. */
function parsedAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  const known = ipaddr.IPv4.isValidFourPartDecimal(text) || (text.includes(":") && !text.includes("%") && ipaddr.IPv6.isValid(text));
  return known ? ipaddr.process(text) : undefined;
}

/** The canonical form of an IP address (RFC 5952). */
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

/** Whether a host, as `URL` writes it, is this machine. */
export const isLoopback = (hostname: string): boolean => /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);

/** The /64 that an IPv6 address belongs to. */
export const networkOf = (address: string): string => `${ipaddr.IPv6.networkAddressFromCIDR(`${address}/64`).toRFC5952String()}/64`;

const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR("2000::/3") as [ipaddr.IPv6, number];

/** Whether the public Internet does not route `address`, or it contains another address; also if it is no address. */
export function isPrivateAddress(address: string): boolean {
  const parsed = parsedAddress(address);
  if (parsed === undefined || parsed.range() !== "unicast") return true;
  // All other IPv6 addresses are local or not assigned yet.
  return parsed instanceof ipaddr.IPv6 && !parsed.match(GLOBAL_UNICAST);
}
