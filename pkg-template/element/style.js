// The colours follow `color-scheme`, and a page can set each of them. Contrast is at least 4.5 : 1, light and dark.

const css = `
:host {
  --_error: var(--sender-list-error, light-dark(#b3261e, #ffb4ab));
  --_warning: var(--sender-list-warning, light-dark(#7a4b00, #f2be6e));
  --_info: var(--sender-list-info, light-dark(#0b57a4, #a8c8ff));
  --_accent: var(--sender-list-accent, light-dark(#0b57a4, #a8c8ff));
  --_border: var(--sender-list-border, light-dark(#767680, #8e8e98));
  --_line: var(--sender-list-line, light-dark(#dcdce2, #3c3c44));
  --_muted: var(--sender-list-muted, light-dark(#55555e, #b6b6c0));
  --_background: var(--sender-list-background, light-dark(#fff, #1b1b1f));
  --_tint: var(--sender-list-tint, light-dark(#f1f1f5, #2c2c33));
  --_text: var(--sender-list-text, light-dark(#1b1b1f, #ececf1));
  --_radius: var(--sender-list-radius, 6px);
  display: block;
  color: var(--_text);
  line-height: 1.45;
  text-align: start;
}
:host([hidden]), [hidden] { display: none !important; }
/* Entries and texts keep their own direction on a right-to-left page. */
* { box-sizing: border-box; unicode-bidi: plaintext; }
label { display: block; font-weight: 600; margin-block-end: .375em; }
.hint { color: var(--_muted); font-size: .875em; margin-block-end: .375em; }
textarea {
  display: block;
  inline-size: 0;
  min-inline-size: 100%;
  field-sizing: content;
  min-block-size: 4.25em;
  max-block-size: 16em;
  padding: .5em .625em;
  font: inherit;
  color: inherit;
  background: var(--_background);
  border: 1px solid var(--_border);
  border-radius: var(--_radius);
  resize: vertical;
}
/* The browser measures a growing field, and finds the direction of each line, at every keystroke. A long text has the largest
height anyway, and starts from the left. */
textarea.long { field-sizing: fixed; block-size: 16em; unicode-bidi: normal; direction: ltr; }
textarea::placeholder { color: var(--_muted); opacity: 1; }
textarea[aria-invalid=true] { border-color: var(--_error); box-shadow: inset 0 0 0 1px var(--_error); }
textarea:read-only { background: var(--_tint); }
textarea:disabled { color: var(--_muted); cursor: not-allowed; }
:focus-visible { outline: 2px solid var(--_accent); outline-offset: 2px; }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: .25em .75em; margin-block-start: .5em; font-size: .875em; }
.bar p { margin: 0; margin-inline-end: auto; color: var(--_muted); }
ul { list-style: none; margin: .375em 0 0; padding: 0; font-size: .875em; border-block-start: 1px solid var(--_line); }
li {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: .25em .75em;
  padding-block: .375em;
  padding-inline-start: .75em;
  border-block-end: 1px solid var(--_line);
  position: relative;
}
li::before { content: ""; position: absolute; inset-block: 0; inset-inline-start: 0; border-inline-start: 3px solid var(--_severity); }
.error { --_severity: var(--_error); }
.warning { --_severity: var(--_warning); }
.info { --_severity: var(--_info); }
.problem { flex: 1 1 14em; min-inline-size: 0; }
.help { color: var(--_muted); margin: 0; overflow-wrap: anywhere; }
b { color: var(--_severity); font-weight: 600; }
b::after { content: ": "; }
button { font: inherit; min-block-size: 24px; min-inline-size: 24px; cursor: pointer; color: inherit; }
.message {
  display: block;
  inline-size: 100%;
  margin: 0;
  padding: 1px 0;
  border: 0;
  background: none;
  text-align: inherit;
  overflow-wrap: anywhere;
}
.message:hover { text-decoration: underline; text-underline-offset: .2em; }
.fix {
  padding: .2em .75em;
  color: var(--_accent);
  background: var(--_background);
  border: 1px solid currentColor;
  border-radius: var(--_radius);
  overflow-wrap: anywhere;
}
.fix::first-letter { text-transform: uppercase; }
.fix:hover { background: var(--_tint); }
code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .95em; padding: 0 .25em; background: var(--_tint); border-radius: 3px; white-space: pre-wrap; }
.fix code { background: none; padding: 0; font-weight: 700; }
.more { margin: .375em 0 0; font-size: .875em; color: var(--_muted); }
.live { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (forced-colors: active) {
  textarea[aria-invalid=true] { outline: 2px solid Mark; outline-offset: -3px; }
  code { border: 1px solid; }
}
`;

let sheet;

/** Styles a shadow tree by one sheet for all elements, which no Content-Security-Policy forbids; where such sheets are missing, by a `<style>`. */
export function applyStyle(root) {
  if ("adoptedStyleSheets" in root && typeof CSSStyleSheet.prototype.replaceSync === "function") {
    if (sheet === undefined) (sheet = new CSSStyleSheet()).replaceSync(css);
    root.adoptedStyleSheets = [sheet];
  } else {
    const style = document.createElement("style");
    style.textContent = css;
    root.append(style);
  }
}
