/** In one language. Text in backticks is code. */
export interface Advice {
  title: string;
  why: string;
  todo: string[];
}

/** An entry of data/replies.json. */
export interface Entry {
  id: string;
  /** `550 5.7.1`, or a reply code alone. */
  replies: string[];
  /** Regular expressions, without regard to case. */
  phrases: string[];
  en: Advice;
  it: Advice;
}

export function find(entries: readonly Entry[], said: string): Entry[];
