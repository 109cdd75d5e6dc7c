/**
 * Where a webhook may go: to a public name over https. Asked when the settings are saved and again at every sending.
 *
 * A Worker cannot resolve a name before it connects. On Cloudflare's network a name that leads to a private address leads nowhere:
 * outgoing requests are routed on the public Internet alone. Names that exist to spell an address are refused all the same, and
 * where `DNS_RESOLVER` names a DNS-over-HTTPS server, every address of the name is looked at before each sending.
 */
import { isLoopback, isPrivateAddress, urlOf } from "../addresses.ts";
import type { Settings } from "../settings.ts";

const LONGEST = 2048;
const LAST_WELL_KNOWN_PORT = 1023;

/** Special-use names (RFC 6761, 6762, 7686, 8375, 9476) and those that private networks are known to use. */
const PRIVATE_SUFFIXES = [
  "localhost", "localdomain", "local", "internal", "intranet", "private", "corp", "home", "lan", "home.arpa", "in-addr.arpa", "ip6.arpa",
  "onion", "test", "invalid", "alt",
];

/** Public names whose answer is whatever address stands in them, or loopback. */
const SPELLING_SUFFIXES = ["nip.io", "sslip.io", "xip.io", "localtest.me", "lvh.me", "vcap.me", "lacolhost.com", "traefik.me", "backname.io", "1u.ms", "rbndr.us"];

/** What is wrong with `text` as the address of a webhook, for a person; `undefined` where nothing is. */
export function targetFault(text: string, development: boolean): string | undefined {
  if (text.length > LONGEST) return `an address of more than ${LONGEST} characters`;
  // The parser drops tabs and line ends silently; what two programs could read in two ways is refused.
  if (/[\s\p{Cc}\p{Cf}\\]/u.test(text)) return "white space, an invisible character or a backslash in the address";
  const url = urlOf(text);
  if (url === undefined) return "not an absolute address such as `https://hooks.example.com/alerts`";
  if (url.username !== "" || url.password !== "" || /^[^/?#]*\/\/[^/?#]*@/.test(text)) return "a user name or password in the address";
  if (url.hash !== "" || text.includes("#")) return "a fragment (`#`) in the address";
  // The parser has read decimal, octal and hexadecimal numbers, full-width digits and escapes: an IPv4 address is dotted by now.
  const host = url.hostname.toLowerCase();
  if (development && isLoopback(host) && (url.protocol === "http:" || url.protocol === "https:")) return undefined;
  if (url.protocol !== "https:") return "not https";
  // The port of https is not written. Other well-known ports are of services that a webhook has no business with.
  if (url.port !== "" && Number(url.port) <= LAST_WELL_KNOWN_PORT) return `the port ${url.port}, which is neither 443 nor above ${LAST_WELL_KNOWN_PORT}`;
  if (host.startsWith("[") || /^[\d.]+$/.test(host)) return "an IP address in the place of a name";
  const labels = host.replace(/\.+$/, "").split(".");
  // The same numbers once more, for a reader that takes `0x7f.1` where ours does not.
  if (/^(?:\d+|0x[\da-f]*)$/.test(labels.at(-1) ?? "")) return "a number in the place of a top-level domain";
  if (labels.includes("") || host.endsWith("..")) return "an empty label in the name";
  if (labels.length < 2) return "a name without a dot, which is looked up in a private network";
  const name = labels.join(".");
  const under = (suffix: string) => name === suffix || name.endsWith(`.${suffix}`);
  if (PRIVATE_SUFFIXES.some(under)) return "a name of a private network";
  if (SPELLING_SUFFIXES.some(under)) return "a name that only spells an IP address";
  return undefined;
}

/** Looks the name of `url` up where `DNS_RESOLVER` is set. A name with one private address among its addresses is refused. */
export async function resolutionFault(
  { DNS_RESOLVER: resolver, DEVELOPMENT: development }: Pick<Settings, "DNS_RESOLVER" | "DEVELOPMENT">,
  url: URL,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (resolver === undefined || (development && isLoopback(url.hostname))) return undefined;
  const answers = await Promise.all(
    ["A", "AAAA"].map(async (type) => {
      const question = new URL(resolver);
      question.searchParams.set("name", url.hostname);
      question.searchParams.set("type", type);
      const response = await fetch(question, { headers: { accept: "application/dns-json" }, redirect: "manual", signal });
      if (!response.ok) throw new TypeError(`the resolver answered ${response.status}`);
      const { Answer } = await response.json<{ Answer?: { type: number; data: string }[] }>();
      return Answer ?? [];
    }),
  );
  // 1 is A, 28 is AAAA; the rest are the aliases on the way.
  const addresses = answers.flat().filter(({ type }) => type === 1 || type === 28);
  if (addresses.length === 0) return "a name without an address";
  return addresses.some(({ data }) => isPrivateAddress(data)) ? "a name that leads to a private address" : undefined;
}
