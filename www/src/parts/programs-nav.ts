/** The way between the pages on mail programs. */
import { html, nothing } from "lit";
import { p } from "../i18n/programs.ts";

const PAGES = [
  ["programs", "guides"],
  ["self-configuration", "self-configuration"],
  ["troubleshooting", "troubleshooting"],
] as const;

export const programsNav = (list: string, current: (typeof PAGES)[number][0]) =>
  html`<nav aria-label=${p("pages-of-programs")}><ul class="subpages">
    ${PAGES.map(([path, key]) => html`<li><a href="/lists/${list}/${path}" aria-current=${path === current ? "page" : nothing}>${p(key)}</a></li>`)}
  </ul></nav>`;
