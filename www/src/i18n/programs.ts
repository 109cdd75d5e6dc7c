/** The words of the pages on mail programs, in the panel's language. They come with those pages: the first view does without. */
import { type Params, fill, formatNumber, locale } from "./index.ts";
import { type ProgramWords, words as english } from "./programs.en.ts";

type Key = { [K in keyof ProgramWords]: ProgramWords[K] extends string ? K : never }[keyof ProgramWords];

/** The language was chosen before any page is loaded. */
export const language = document.documentElement.lang === "it" ? "it" : "en";
const words: ProgramWords = language === "it" ? (await import("./programs.it.ts")).words : english;

export const p = (key: Key, params: Params = {}): string => fill(words[key], params);

export const explanations = (count: number): string =>
  fill(words["found-count"][new Intl.PluralRules(locale).select(count) === "one" ? "one" : "other"], { count: formatNumber(count) });
