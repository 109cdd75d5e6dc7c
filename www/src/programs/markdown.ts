/** A guide as it is shown: Markdown read by marked and drawn here, since a page that takes HTML from texts would have to trust them. */
import { html, nothing } from "lit";
import { type Token, type Tokens, marked } from "marked";
import { p } from "../i18n/programs.ts";
import { copyButton } from "../parts/shell.ts";

export function markdown(text: string): unknown {
  return marked.lexer(text).map(block);
}

function block(token: Token): unknown {
  switch (token.type) {
    case "heading":
      return (token as Tokens.Heading).depth === 1 ? html`<h2 id="guide">${words(token)}</h2>` : html`<h3>${words(token)}</h3>`;
    case "paragraph":
      return html`<p>${words(token)}</p>`;
    case "list": {
      const { ordered, items } = token as Tokens.List;
      const shown = items.map((item) => html`<li>${item.tokens.map((one) => (one.type === "text" ? words(one) : block(one)))}</li>`);
      return ordered ? html`<ol>${shown}</ol>` : html`<ul>${shown}</ul>`;
    }
    case "code": {
      const { text, lang } = token as Tokens.Code;
      // What a program says may break anywhere; code may not.
      return html`<div class="sample"><pre tabindex="0" class=${lang === "text" ? "said" : nothing}><code>${text}</code></pre>${copyButton(text, p("copy-of"))}</div>`;
    }
    case "table":
      return table(token as Tokens.Table);
    default:
      return nothing;
  }
}

function table({ header, rows }: Tokens.Table) {
  return html`<div class="scroll"><table>
    <thead><tr>${header.map((cell) => html`<th scope="col">${inline(cell.tokens)}</th>`)}</tr></thead>
    <tbody>${rows.map((cells) => html`<tr>${cells.map((cell, index) => html`<td>${inline(cell.tokens)} ${copied(cells, index)}</td>`)}</tr>`)}</tbody>
  </table></div>`;
}

/** Of a table of settings: what goes into a field can be copied. */
function copied(cells: Tokens.TableCell[], index: number) {
  const [first, second] = cells;
  const [value, ...more] = second?.tokens ?? [];
  const one = cells.length === 2 && index === 1 && value?.type === "codespan" && more.length === 0;
  return one ? copyButton((value as Tokens.Codespan).text, first?.text ?? "") : nothing;
}

const words = (token: Token): unknown => inline("tokens" in token ? (token.tokens ?? []) : []);

const inline = (tokens: Token[]): unknown =>
  tokens.map((token) => {
    if (token.type === "codespan") return html`<code>${(token as Tokens.Codespan).text}</code>`;
    if (token.type === "strong") return html`<strong>${words(token)}</strong>`;
    return "text" in token ? (token.text as string) : token.raw;
  });
