// Shows diagnostics below the text that they are about.

import { cells, visible } from "./cells.js";

const ESCAPES = { bold: 1, dim: 2, error: "1;31", warning: "1;33", info: "1;36", good: "1;32" };

/** Adds colours if `stream` is a terminal that supports them, and nobody switched them off. */
export function painter(stream) {
  const colours = stream.isTTY === true && stream.hasColors?.() === true;
  return (style, text) => (colours && text !== "" ? `\u001B[${ESCAPES[style]}m${text}\u001B[0m` : text);
}

/** Where each line of `text` starts and ends, without its LF or CRLF. */
function linesOf(text) {
  const lines = [];
  for (const { 0: line, index } of text.matchAll(/[^\n]*(?:\n|$)/g)) {
    if (index === text.length && index > 0 && text[index - 1] !== "\n") break;
    lines.push({ start: index, end: index + line.replace(/\r?\n$/, "").length });
  }
  return lines;
}

function lineAt(lines, place) {
  let low = 0;
  let high = lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (lines[middle].start <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The cells from `from` to `to`, with places in the whole text. */
function cellsBetween(text, from, to) {
  return cells(text.slice(from, to)).map((cell) => ({ ...cell, start: from + cell.start, end: from + cell.end }));
}

/** `place`, or the one before it if `place` is inside a surrogate pair. */
function wholeAt(text, place) {
  return /^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(text.slice(place - 1, place + 1)) ? place - 1 : place;
}

const widthOf = (list) => list.reduce((width, cell) => width + cell.width, 0);

/**
 * The part of a line around `span` that fits into `room` columns, and the carets under it. In a long line it reads only
 * what is near the span.
 */
function excerpt(text, line, span, room) {
  const start = Math.min(span.start, line.end);
  const end = Math.max(start, Math.min(span.end, line.end));
  const from = wholeAt(text, Math.max(line.start, start - room));
  const to = wholeAt(text, Math.min(line.end, start + 2 * room));
  const near = cellsBetween(text, from, to);
  let first = near.findIndex((cell) => cell.end > start);
  if (first < 0) first = near.length;
  let last = first;
  while (last < near.length && near[last].start < end) last += 1;
  const caretsAt = first;

  // First the span, from its start; then both sides of it, while there is room.
  const free = room - 3; // two ellipses, and a caret after the end of the line
  let left = first;
  let right = first;
  let used = 0;
  while (right < near.length && right < last && used + near[right].width <= free) used += near[right++].width;
  const before = Math.floor((free - used) / 2);
  let spent = 0;
  while (left > 0 && spent + near[left - 1].width <= before) spent += near[--left].width;
  used += spent;
  while (right < near.length && used + near[right].width <= free) used += near[right++].width;
  while (left > 0 && used + near[left - 1].width <= free) used += near[--left].width;

  const cutLeft = left > 0 || from > line.start;
  const cutRight = right < near.length || to < line.end;
  const shown = near.slice(left, right).map((cell) => cell.shown).join("");
  const indent = widthOf(near.slice(left, caretsAt)) + (cutLeft ? 1 : 0);
  const carets = Math.max(1, widthOf(near.slice(caretsAt, Math.min(last, right))));
  return {
    shown: `${cutLeft ? "…" : ""}${shown}${cutRight ? "…" : ""}`,
    under: " ".repeat(indent) + "^".repeat(carets) + (last > right || (end < span.end && carets > 1) ? "…" : ""),
  };
}

/** Yields the block of text that shows each diagnostic. */
export function* diagnosticsUnder(text, diagnostics, paint, columns = 80) {
  const lines = linesOf(text);
  for (const { code, severity, message, help, span, fix } of diagnostics) {
    let block = `${paint(severity, severity)}${paint("bold", `: ${visible(message)}`)} ${paint("dim", `[${code}]`)}\n`;
    let margin = "";
    if (span !== undefined) {
      const index = lineAt(lines, span.start);
      const number = String(index + 1);
      margin = " ".repeat(number.length);
      const room = Math.max(24, Math.min(columns, 160) - number.length - 4);
      const { shown, under } = excerpt(text, lines[index], span, room);
      block += `${paint("dim", ` ${number} |`)} ${shown}\n${paint("dim", ` ${margin} |`)} ${paint(severity, under)}\n`;
    }
    if (help !== undefined) block += ` ${margin} ${paint("dim", "help:")} ${visible(help)}\n`;
    if (fix !== undefined) {
      block += ` ${margin} ${paint("dim", fix.safe ? "fix:" : "possible fix:")} ${visible(fix.title)}\n`;
    }
    yield `${block}\n`;
  }
}

export const counted = (count, singular, plural = `${singular}s`) => `${count} ${count === 1 ? singular : plural}`;
