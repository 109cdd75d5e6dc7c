/** Comma-separated values (RFC 4180), also as spreadsheets write them: with a byte order mark, `;` or tab between fields, or LF alone. */

export interface Row {
  /** The line where the row starts, from 1, as in an editor. */
  line: number;
  fields: string[];
}

export class CsvError extends Error {
  readonly line: number;
  constructor(line: number) {
    super(`line ${line}: a quote is not closed`);
    this.line = line;
  }
}

/** The most frequent separator outside quotes in the first line. */
function separatorOf(text: string): string {
  const counts = new Map<string, number>([[",", 0], [";", 0], ["\t", 0]]);
  let quoted = false;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    else if (!quoted && (character === "\n" || character === "\r")) break;
    else if (!quoted && counts.has(character)) counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  return [...counts].reduce((best, other) => (other[1] > best[1] ? other : best))[0];
}

/** @throws CsvError if a quoted field does not end. */
export function parseCsv(source: string): Row[] {
  const text = source.startsWith("\uFEFF") ? source.slice(1) : source;
  const separator = separatorOf(text);
  const rows: Row[] = [];
  let at = 0;
  let line = 1;
  while (at < text.length) {
    const row: Row = { line, fields: [] };
    for (;;) {
      let field = "";
      if (text[at] === '"') {
        const began = line;
        at += 1;
        for (;;) {
          const end = text.indexOf('"', at);
          if (end === -1) throw new CsvError(began);
          const part = text.slice(at, end);
          line += part.split("\n").length - 1;
          field += part;
          at = end + 1;
          if (text[at] !== '"') break;
          field += '"';
          at += 1;
        }
      }
      // Text after a closing quote is kept, so that nothing of a person's file is lost silently.
      let end = at;
      while (end < text.length && text[end] !== separator && text[end] !== "\n" && text[end] !== "\r") end += 1;
      field += text.slice(at, end);
      row.fields.push(field);
      at = end;
      if (text[at] !== separator) break;
      at += 1;
    }
    if (text[at] === "\r") at += 1;
    if (text[at] === "\n") at += 1;
    line += 1;
    if (row.fields.length > 1 || row.fields[0] !== "") rows.push(row);
  }
  return rows;
}

/**
 * One row. Spreadsheets read a field that begins with `=`, `+`, `-`, `@`, tab or CR as a formula: such a field gets an
 * apostrophe before it, which `unprotected` removes again.
 */
export function csvRow(fields: readonly (string | number | boolean)[]): string {
  return `${fields.map((field) => quoted(typeof field === "string" ? protectedField(field) : String(field))).join(",")}\r\n`;
}

const quoted = (field: string) => (/[",;\t\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);
const protectedField = (field: string) => (/^'*[=+\-@\t\r]/.test(field) ? `'${field}` : field);
export const unprotected = (field: string): string => (/^'+[=+\-@\t\r]/.test(field) ? field.slice(1) : field);

/** Downloads a file. */
export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob(["\uFEFF", text], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
