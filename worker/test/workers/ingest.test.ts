import { expect, test } from "vitest";
import { canonicalAddress } from "../../src/addresses.ts";
import { clientNetwork } from "../../src/auth/client.ts";
import { edited } from "../../src/intake/edited.ts";
import { Scanner, withCrlf } from "../../src/intake/scan.ts";

const octets = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** What one octet at a time says: the same question asked plainly. */
function plainly(text: string, lf: boolean): string | undefined {
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === "\0") return "nul";
    if (text[at - 1] === "\r" && text[at] !== "\n") return "bare-cr";
    if (text[at] === "\n" && (text[at - 1] === "\r") === lf) return lf ? "line-endings" : "bare-lf";
  }
  return text.endsWith("\r") ? "bare-cr" : undefined;
}

test("the scanner finds what looking at every octet finds, however the message is cut", () => {
  let seed = 7;
  const random = (below: number) => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0) % below;
  const alphabets = ["ab\xff", "ab\r\n", "abcdefghijklmnopqrst\r\n", "\t\v\f\x0e\x0d\x0a\x00\x7f\x80"];
  let faults = 0;
  for (let round = 0; round < 20_000; round += 1) {
    const alphabet = alphabets[random(alphabets.length)] ?? "";
    let text = Array.from({ length: random(40) }, () => alphabet[random(alphabet.length)]).join("");
    // Mostly well formed.
    const lf = random(2) === 0;
    if (random(3) > 0) text = text.replace(/\r\n|\r|\n/g, lf ? "\n" : "\r\n").replaceAll("\0", "");
    const scanner = new Scanner(lf ? "lf" : "crlf");
    // Words begin at any place of the first chunk.
    const skew = random(4);
    const whole = octets("#".repeat(skew) + text).subarray(skew);
    let found: string | undefined;
    for (let from = 0; from < whole.length && found === undefined; ) {
      const to = Math.min(whole.length, from + 1 + random(24));
      found = scanner.scan(whole.subarray(from, to));
      from = to;
    }
    const wanted = plainly(text, lf);
    if (wanted !== undefined) faults += 1;
    if ((found ?? scanner.end()) !== wanted) throw new Error(`${JSON.stringify(text)}: ${found}, not ${wanted}`);
  }
  expect(faults).toBeGreaterThan(1_000);
});

test("octets above 127 are noticed at every place", () => {
  for (let length = 1; length < 20; length += 1) {
    for (let at = 0; at < length; at += 1) {
      const chunk = new Uint8Array(length).fill(0x61);
      const scanner = new Scanner("crlf");
      scanner.scan(chunk);
      expect(scanner.eightBit).toBe(false);
      chunk[at] = 0x80;
      scanner.scan(chunk);
      expect(scanner.eightBit, `${at} of ${length}`).toBe(true);
    }
  }
});

test("25 MiB are scanned in a time that does not matter", () => {
  const line = octets(`${"0123456789abcdef".repeat(4)}0123456789ab\r\n`);
  const chunk = new Uint8Array(65_520 - (65_520 % line.length));
  for (let at = 0; at < chunk.length; at += line.length) chunk.set(line, at);
  const scanner = new Scanner("crlf");
  for (let octetsSeen = 0; octetsSeen < 25 * 1024 * 1024; octetsSeen += chunk.length) expect(scanner.scan(chunk)).toBeUndefined();
});

test("LF becomes CRLF, and nothing else changes", () => {
  for (const text of ["", "\n", "\n\n", "a\nb", "a\n", "\na", "a\n\n\nb\xff\n"]) {
    expect(Buffer.from(withCrlf(octets(text))).toString("latin1")).toBe(text.replaceAll("\n", "\r\n"));
  }
});

test("edits are carried out in their order, and nothing else changes", () => {
  const header = octets("abcdef\xff");
  const edits = [{ start: 0, end: 1, insert: "" }, { start: 2, end: 2, insert: "ü" }, { start: 4, end: 6, insert: "x" }, { start: 7, end: 7, insert: "!" }];
  expect(Buffer.from(edited(header, edits)).toString("latin1")).toBe("b\xc3\xbccdx\xff!");
  expect(Buffer.from(edited(header, [])).equals(Buffer.from(header))).toBe(true);
});

test("client addresses have one spelling; an IPv6 network is one client", () => {
  expect(canonicalAddress("192.0.2.1")).toBe("192.0.2.1");
  expect(canonicalAddress("2001:DB8:0:0:0::1")).toBe("2001:db8::1");
  expect(canonicalAddress("::ffff:192.0.2.1")).toBe("192.0.2.1");
  for (const wrong of ["", "host.example", "192.0.2", "0x7f.1", "[::1]", "fe80::1%eth0", "1", "127.1", "192.0.2.01", "192.0.2.1, 192.0.2.2"]) {
    expect(canonicalAddress(wrong)).toBeUndefined();
  }
  expect(clientNetwork("192.0.2.1")).toBe("192.0.2.1");
  expect(clientNetwork("2001:db8::1")).toBe("2001:db8::/64");
  expect(clientNetwork("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2::/64");
  expect(clientNetwork("::1")).toBe("::/64");
});
