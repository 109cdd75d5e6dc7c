/**
 * Guides to mail programs. Their texts are templates, www/programs/LANGUAGE/ID.md, which this fills in: for a page of the panel with a
 * list's own data, and for docs/programs with data of nobody (xtask/pages.mjs).
 */

export { NAMES } from "./names.ts";

export interface Filling {
  server: string;
  port: number;
  encryption: "starttls" | "tls";
  user: string;
  /** An address that the user may send as. */
  sender: string;
  list: string;
}

/** In the order in which they are offered; the heading of each template is its name. */
export const KINDS = {
  mail: ["outlook", "outlook-classic", "thunderbird", "apple-mail", "gmail"],
  sites: ["wordpress-plugin", "wordpress", "magento", "salesforce"],
  code: ["php", "python", "node", "java", "dotnet", "swaks", "msmtp", "curl"],
} as const;

export const GUIDES: readonly string[] = Object.values(KINDS).flat();

/** The engine's words for an address that no list covers, as tests/node/programs.test.mjs asks it. */
export const REFUSAL = { code: 550, enhancedCode: "5.7.1", text: "sender refused: neither the domain nor the address is listed" };

/** `[[A|B]]`: A where the server takes STARTTLS, B where it takes TLS from the first octet on. */
const EITHER = /\[\[([^|]*?)\|([^|]*?)\]\]/g;

export function fill(template: string, filling: Filling): string {
  const { code, enhancedCode, text } = REFUSAL;
  const values: Record<string, string> = {
    server: filling.server,
    port: String(filling.port),
    user: filling.user,
    sender: quotable(filling.sender) ? filling.sender : "info@yourcompany.example",
    // Whom a refusal is about.
    stranger: "sales@elsewhere.example",
    // It stands in a line of Markdown.
    list: filling.list.replace(/[`|\s]+/g, " ").trim(),
    refusal: `${code} ${enhancedCode} ${text}`,
    "refusal-text": `${enhancedCode} ${text}`,
    "refusal-words": text,
  };
  return template
    .replace(EITHER, (_, starttls: string, tls: string) => (filling.encryption === "tls" ? tls : starttls))
    .replace(/\{([a-z-]+)\}/g, (whole, name: string) => values[name] ?? whole);
}

/** Whether an address means the same inside the quotes of every program's language. */
const quotable = (address: string): boolean => /^[\w.+-]+@[\w.-]+$/.test(address);

/** What a template says in two ways: for STARTTLS, and for TLS from the first octet on. */
export const alternatives = (template: string): [starttls: string, tls: string][] =>
  Array.from(template.matchAll(EITHER), ([, starttls = "", tls = ""]) => [starttls, tls]);
