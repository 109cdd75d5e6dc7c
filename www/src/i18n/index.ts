/** The texts of the panel, in the browser's language. */
import type { Diagnostic } from "sendergate";
import { type SenderListMessages } from "sendergate/element";
import { type Words, words as english } from "./en.ts";
import { reasons as englishReasons } from "./diagnostics.en.ts";
import type { TranslatedRow } from "./translation.ts";

export type { Words };
export type Key = { [K in keyof Words]: Words[K] extends string ? K : never }[keyof Words];
export type CountedKey = { [K in keyof Words]: Words[K] extends string ? never : K }[keyof Words];
export type Params = Record<string, string | number>;

interface Language {
  words: Words;
  reasons: Record<string, string>;
  /** Absent if the engine's own texts are used. */
  diagnostics?: Readonly<Record<string, TranslatedRow>>;
  fixes?: Record<string, string>;
}

const LANGUAGES: Record<string, () => Promise<Language>> = {
  en: async () => ({ words: english, reasons: englishReasons }),
  it: async () => {
    const [{ words, fixes }, { diagnostics, reasons }] = await Promise.all([import("./it.ts"), import("./diagnostics.it.ts")]);
    return { words, fixes, diagnostics, reasons };
  },
};

let language: Language = { words: english, reasons: englishReasons };
export let locale = "en";

/** Chooses the first of the browser's languages that the panel has, otherwise English. */
export async function chooseLanguage(wanted: readonly string[] = navigator.languages): Promise<void> {
  const found = wanted.map((tag) => tag.toLowerCase().split("-")[0] ?? "").find((tag) => tag in LANGUAGES) ?? "en";
  language = await (LANGUAGES[found] as () => Promise<Language>)();
  // Dates and numbers depend on the region, too: they differ between Switzerland and Italy.
  locale = wanted.find((tag) => tag.toLowerCase().split("-")[0] === found) ?? found;
  document.documentElement.lang = found;
}

export function fill(template: string, params: Params): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    return value === undefined ? whole : typeof value === "number" ? formatNumber(value) : value;
  });
}

/** The text of `key`. Parts in backticks are code: show it with `rich`. */
export function t(key: Key, params: Params = {}): string {
  return fill(language.words[key] as string, params);
}

/** The text of `key` for a number, by the plural rules of the language. */
export function counted(key: CountedKey, count: number, params: Params = {}): string {
  const forms = language.words[key] as { one: string; other: string };
  const form = new Intl.PluralRules(locale).select(count) === "one" ? forms.one : forms.other;
  return fill(form, { count, ...params });
}

export const formatNumber = (value: number): string => new Intl.NumberFormat(locale).format(value);
export const formatDate = (milliseconds: number): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(milliseconds);
/** `day` is `YYYY-MM-DD` in UTC, as statistics count. */
export const formatDay = (day: string): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" }).format(Date.parse(`${day}T00:00:00Z`));
/** The same without the year, under a bar. */
export const formatShortDay = (day: string): string =>
  new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" }).format(Date.parse(`${day}T00:00:00Z`));
export const formatList = (items: string[]): string => new Intl.ListFormat(locale).format(items);
export const formatBytes = (octets: number): string =>
  octets < 1000
    ? new Intl.NumberFormat(locale, { style: "unit", unit: "byte", unitDisplay: "narrow" }).format(octets)
    : octets < 1_000_000
      ? new Intl.NumberFormat(locale, { style: "unit", unit: "kilobyte", maximumFractionDigits: 1 }).format(octets / 1000)
      : new Intl.NumberFormat(locale, { style: "unit", unit: "megabyte", maximumFractionDigits: 1 }).format(octets / 1_000_000);

/** The texts of a diagnostic, from its code and parameters. */
export function diagnosticWords({ code, params, message, help }: Diagnostic): { message: string; help?: string } {
  const row = language.diagnostics?.[code];
  const said = row === undefined ? message : fill(row[0], params);
  const advice = row === undefined ? help : row[1] === undefined ? undefined : fill(row[1], params);
  return advice === undefined ? { message: said } : { message: said, help: advice };
}

export const reasonWords = (reason: string): string => language.reasons[reason] ?? reason;

/** The texts of the list element. */
export function elementWords(): Partial<SenderListMessages> {
  return {
    name: (kind) => t(kind === "domains" ? "domains" : "senders"),
    diagnostic: diagnosticWords,
    fix: ({ fix }) => fixWords(fix?.title ?? ""),
    severity: (severity) => t(`severity-${severity}`),
    summary: ({ errors, warnings }) =>
      errors + warnings === 0
        ? t("list-fine")
        : [errors > 0 ? counted("errors", errors) : "", warnings > 0 ? counted("warnings", warnings) : ""].filter(Boolean).join(", "),
    fixAll: (count) => counted("fix-all", count),
    more: (count) => counted("more-problems", count),
    required: () => t("required"),
    failed: () => t("engine-failed"),
    retry: () => t("retry"),
  };
}

/** A fix's title: known words around the part in backticks. */
function fixWords(title: string): string {
  const { fixes } = language;
  if (fixes === undefined) return title;
  const whole = fixes[title];
  if (whole !== undefined) return whole;
  const code = /`([^`]*)`/.exec(title)?.[1];
  const template = code === undefined ? undefined : fixes[title.replace(`\`${code}\``, "`{code}`")];
  return template === undefined || code === undefined ? title : fill(template, { code });
}
