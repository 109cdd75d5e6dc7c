import { expect, test } from "vitest";
import { Dots } from "../../src/delivery/relay/smtp/dots.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function sent(text: string, cuts: number[]): string {
  const dots = new Dots();
  const octets = encoder.encode(text);
  const places = [0, ...cuts, octets.length];
  const pieces = places.slice(1).map((end, index) => decoder.decode(dots.stuff(octets.subarray(places[index], end))));
  return pieces.join("") + decoder.decode(dots.end());
}

test.each([
  // The answer to DATA stands before it: this is the beginning of a line.
  ["", ".\r\n"],
  [".", "..\r\n.\r\n"],
  ["a\r\n", "a\r\n.\r\n"],
  ["a", "a\r\n.\r\n"],
  ["a\r", "a\r\r\n.\r\n"],
  [".\r\n..\r\n...\r\n", "..\r\n...\r\n....\r\n.\r\n"],
  // Only CRLF ends a line; nothing else is touched.
  ["a\n.b\r.c.\r\n.d", "a\n.b\r.c.\r\n..d\r\n.\r\n"],
])("%j is sent as %j", (text, expected) => {
  expect(sent(text, [])).toBe(expected);
});

test("wherever it is cut, the same is sent", () => {
  const text = ".a\r\n..\r\n\r\n.\r\nb.\r\n\n.c\r\r\n.";
  const whole = sent(text, []);
  for (let first = 0; first <= text.length; first += 1) {
    for (let second = first; second <= text.length; second += 1) expect(sent(text, [first, second])).toBe(whole);
  }
});
