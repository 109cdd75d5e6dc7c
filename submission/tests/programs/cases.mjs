// What each program sends, and what becomes of it. `refusal`: what the program must show of the door's reply.

const BODY = ["a line", ".", "..two", "", "the end"];

function mail(from, { more = [], to = "you@there.example", body = BODY } = {}) {
  const fields = [`From: ${from}`, `To: ${to}`, "Subject: through the door", "Date: Tue, 24 Nov 2026 12:00:00 +0000", "Message-ID: <1@shop.example>"];
  return Buffer.from([...fields, ...more, "", ...body, ""].join("\r\n"));
}

const ONE = ["you@there.example"];
const REFUSED = /550.{0,12}5\.7\.1[^]*sender refused/;
/** 1.3 MB, every length of line that is legal, and dots at their beginnings. */
const LONG = Array.from({ length: 3_000 }, (_, index) => `${index % 7 === 0 ? "." : ""}${"x".repeat(index % 900)}`).concat("the end");

export const CASES = {
  allowed: { from: "info@shop.example", to: ONE, message: mail("Shop <info@shop.example>") },
  alerted: { from: "ann@other.example", to: ONE, lenient: true, message: mail("ann@other.example") },
  "blocked at MAIL": { from: "info@other.example", to: ONE, message: mail("info@other.example"), refusal: REFUSED },
  "blocked by From": { from: "info@shop.example", to: ONE, message: mail("Your bank <service@bank.example>"), refusal: REFUSED },
  urgent: { from: "info@shop.example", to: ONE, urgent: true, message: mail("info@shop.example", { more: ["X-Priority: 1"] }) },
  IDN: { from: "info@xn--bcher-kva.example", to: ONE, message: mail("=?utf-8?q?B=C3=BCcher?= <info@xn--bcher-kva.example>") },
  SMTPUTF8: {
    from: "j\u00f6rg@b\u00fccher.example",
    to: ["\u00fcber@there.example"],
    utf8: true,
    message: mail("J\u00f6rg <j\u00f6rg@b\u00fccher.example>", { to: "\u00fcber@there.example" }),
  },
  "100 recipients": { from: "info@shop.example", to: Array.from({ length: 100 }, (_, index) => `n${index}@there.example`), message: mail("info@shop.example") },
  long: { from: "info@shop.example", to: ONE, message: mail("info@shop.example", { body: LONG }) },
};
