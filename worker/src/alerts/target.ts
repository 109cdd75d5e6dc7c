/**
 * Where a webhook may go: to a public name over https. Checked when the settings are saved, and again before every notice.
 *
 * A Worker cannot resolve a name before it connects. Cloudflare's network routes outgoing requests only to the public Internet, so a
 * name with a private address does not work there. Names that contain an address are refused all the same. If `DNS_RESOLVER` names a
 * DNS-over-HTTPS server, every address of the name is checked before each notice.
 */
import { isLoopback, isPrivateAddress, urlOf } from "../addresses.ts";
import type { Settings } from "../settings.ts";

const LONGEST = 2048;
const LAST_WELL_KNOWN_PORT = 1023;

/** Special-use names (RFC 6761, 6762, 7686, 8375, 9476), and others that private networks use. */
const PRIVATE_SUFFIXES = [
  "localhost", "localdomain", "local", "internal", "intranet", "private", "corp", "home", "lan", "home.arpa", "in-addr.arpa", "ip6.arpa",
  "onion", "test", "invalid", "alt",
];

/** Public names that resolve to the address that they contain, or to loopback. */
const SPELLING_SUFFIXES = ["nip.io", "sslip.io", "xip.io", "localtest.me", "lvh.me", "vcap.me", "lacolhost.com", "traefik.me", "backname.io", "1u.ms", "rbndr.us"];

/** What is wrong with `text` as the URL of a webhook, for a person; `undefined` if it is right. */
export function targetFault(text: string, development: boolean): string | undefined {
  if (text.length > LONGEST) return `an address of more than ${LONGEST} characters`;
  // The URL parser drops tabs and line ends silently. Two programs could read such a URL in two ways.
  if (/[\s\p{Cc}\p{Cf}\\]/u.test(text)) return "white space, an invisible character or a backslash in the address";
  const url = urlOf(text);
  if (url === undefined) return "not an absolute address such as `https://hooks.example.com/alerts`";
  if (url.username !== "" || url.password !== "" || /^[^/?#]*\/\/[^/?#]*@/.test(text)) return "a user name or password in the address";
  if (url.hash !== "" || text.includes("#")) return "a fragment (`#`) in the address";
  // The URL parser understands decimal, octal and hexadecimal numbers, full-width digits and escapes: here, IPv4 addresses are dotted.
  const host = url.hostname.toLowerCase();
  if (development && isLoopback(host) && (url.protocol === "http:" || url.protocol === "https:")) return undefined;
  if (url.protocol !== "https:") return "not https";
  // The URL has no port if it is that of https. Other well-known ports belong to services that are no webhooks.
  if (url.port !== "" && Number(url.port) <= LAST_WELL_KNOWN_PORT) return `the port ${url.port}, which is neither 443 nor above ${LAST_WELL_KNOWN_PORT}`;
  if (host.startsWith("[") || /^[\d.]+$/.test(host)) return "an IP address in the place of a name";
  const labels = host.replace(/\.+$/, "").split(".");
  // The same for numbers that other parsers read as an address, such as `0x7f.1`.
  if (/^(?:\d+|0x[\da-f]*)$/.test(labels.at(-1) ?? "")) return "a number in the place of a top-level domain";
  if (labels.includes("") || host.endsWith("..")) return "an empty label in the name";
  if (labels.length < 2) return "a name without a dot, which is looked up in a private network";
  const name = labels.join(".");
  const under = (suffix: string) => name === suffix || name.endsWith(`.${suffix}`);
  if (PRIVATE_SUFFIXES.some(under)) return "a name of a private network";
  if (SPELLING_SUFFIXES.some(under)) return "a name that only spells an IP address";
  return undefined;
}

/** Resolves the name of `url` if `DNS_RESOLVER` is set. One private address is enough to refuse it. */
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
  // 1 is A, 28 is AAAA; the others are aliases (CNAME).
  const addresses = answers.flat().filter(({ type }) => type === 1 || type === 28);
  if (addresses.length === 0) return "a name without an address";
  return addresses.some(({ data }) => isPrivateAddress(data)) ? "a name that leads to a private address" : undefined;
}
