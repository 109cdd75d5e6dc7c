//! Fragments of the grammar, which random octets would hardly contain, and proptest strategies of them.

use super::common::seeds;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

const LIST: &[&str] = &[
    "a.example",
    "b.example",
    "m.a.example",
    "*.a.example",
    "*.",
    "*",
    "xn--bcher-kva.example",
    "bücher.example",
    "co.uk",
    "gmail.com",
    "www.a.example",
    "https://www.a.example/x",
    "http://",
    "mailto:info@a.example",
    "@a.example",
    "info@a.example",
    "Info@A.Example",
    "\"john doe\"@c.example",
    "\"Info\" <info@a.example>",
    "<info@a.example>",
    "info@c.example",
    "раypal.com",
    "localhost",
    "[192.0.2.1]",
    "192.0.2.1",
    "a_b.example",
    "-a.example",
    "a..example",
    "a.example.",
    ";",
    "; ",
    ";;",
    ",",
    ", ",
    " ",
    "\n",
    "\r\n",
    "\t",
    "；",
    "，",
    "。",
    "．",
    "＠",
    "\u{200b}",
    "\u{202e}",
    "\u{feff}",
    "\u{fffd}",
    "\0",
    "😀",
    "é",
    "e\u{301}",
    "ß",
    "İ",
    "\u{200d}",
    "\"",
    "(x)",
    "`",
    "|",
    "a",
    ".",
    "@",
    "<",
    ">",
    ":",
    "/",
    "xn--",
    "\u{ad}",
    "user+tag@a.example",
    "user+*@a.example",
    "user+tag+*@a.example",
    "\"user+*\"@a.example",
    "user",
    "+",
    "+*",
    "x%b.example",
    "b.example!x@a.example",
    "%",
    "!",
    "ä@ö.example",
    "a.exampel",
    "..",
    "\\",
    "[",
    "]",
    "{",
    "}",
];

const NAMES: &[&str] = &[
    "From",
    "from",
    "FROM",
    "Sender",
    "sender",
    "Resent-From",
    "Resent-Sender",
    "Resent-Date",
    "To",
    "Subject",
    "X-Priority",
    "Priority",
    "Importance",
    "X-MSMail-Priority",
    "MT-Priority",
    "Reply-To",
    "Received",
    "From ",
    "From\t",
    " From",
    "Fr\u{a0}om",
    "From\r\n ",
    "\u{feff}From",
    "F rom",
    "From\0",
    "",
    "Date",
];

const BODIES: &[&str] = &[
    "info@a.example",
    "x%b.example@a.example",
    "<b.example!x@a.example>",
    "<info@a.example>",
    "Info <info@a.example>",
    "\"Info, Desk\" <info@a.example>",
    "x@m.b.example",
    "info@c.example",
    "mallory@attacker.example",
    "<mallory@attacker.example>",
    "admin@victim.example",
    "<admin@victim.example>",
    "jörg@bücher.example",
    "Jörg <info@bücher.example>",
    "=?utf-8?q?J=C3=B6rg?= <info@a.example>",
    "=?utf-8?q?info=40a.example?=",
    "\"john doe\"@c.example",
    "(comment)",
    "info@a.example (Info)",
    "team: info@a.example;",
    "<@b.example:info@a.example>",
    "root@localhost",
    "info@[192.0.2.1]",
    ",",
    ", ",
    ";",
    ":",
    "<",
    ">",
    "\"",
    "(",
    ")",
    "\\",
    "@",
    ".",
    " ",
    "\r\n ",
    "\n\t",
    "\t",
    "[",
    "]",
    "=?",
    "?=",
    "=?utf-8?b?",
    "a",
    "é",
    "\u{200b}",
    "\u{fffd}",
    "\0",
    "\r",
    "\x0b",
    "1",
    "5 (Lowest)",
    "high",
    "urgent",
    "low",
    "9",
    "",
];

fn joined(fragments: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
    vec(select(fragments), 0..most).prop_map(|parts| parts.concat())
}

/// A list as a person might type it.
pub(crate) fn list() -> impl Strategy<Value = String> {
    prop_oneof![8 => joined(LIST, 12), 1 => any::<String>()]
}

/// A list that usually parses.
pub(crate) fn tidy_list() -> impl Strategy<Value = String> {
    vec(select(LIST), 0..5).prop_map(|parts| parts.join(";"))
}

/// An address, or almost one.
pub(crate) fn address() -> impl Strategy<Value = String> {
    prop_oneof![4 => joined(LIST, 4), 4 => (select(LIST), select(LIST)).prop_map(|(a, b)| format!("{a}@{b}")), 1 => any::<String>()]
}

/// The body of an originator field.
pub(crate) fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![6 => joined(BODIES, 8).prop_map(String::into_bytes), 1 => vec(any::<u8>(), 0..60)]
}

/// A message, or almost one.
pub(crate) fn message() -> impl Strategy<Value = Vec<u8>> {
    let field = (select(NAMES), joined(BODIES, 4), select(&["\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r", ""][..]));
    let fields = vec(field, 0..7);
    let made = (fields, select(&["\r\n", "\r\n", "\r\n", "\n", " \r\n", ""][..])).prop_map(|(fields, end)| {
        let mut out: String = fields.into_iter().map(|(name, body, end)| format!("{name}: {body}{end}")).collect();
        out.push_str(end);
        out.into_bytes()
    });
    prop_oneof![6 => made, 3 => mutated(), 1 => vec(any::<u8>(), 0..120)]
}

/// Well-formed fields that a submission agent reads, for the start of a message.
pub(crate) fn agent_fields() -> impl Strategy<Value = Vec<u8>> {
    const NAMES: &[&str] = &[
        "Return-Path",
        "Bcc",
        "Bcc ",
        "Resent-Bcc",
        "(x)Bcc",
        "Authentication-Results",
        "authentication-results\t",
        "Date",
        "Message-ID",
        "date ",
        "X-Priority",
        "Importance",
        "X-MSMail-Priority",
        "Priority",
        "MT-Priority",
        "Subject",
    ];
    const BODIES: &[&str] = &[
        "",
        " x",
        " gate.example; spf=pass",
        " (x) \"gate.example\" 1;\r\n\tspf=pass",
        " other.example; none",
        " 1 (Highest)",
        " high",
        " High",
        " 4 (Low)",
        " Low",
        " low",
        "\r\n 3 (Normal)",
        " Normal",
        " <x@a.example>",
    ];
    vec((select(NAMES), select(BODIES)), 0..6).prop_map(|fields| {
        fields.iter().map(|(name, body)| format!("{name}:{body}\r\n")).collect::<String>().into_bytes()
    })
}

/// A name that people write, and that the grammar does not allow.
pub(crate) fn loose_name() -> impl Strategy<Value = String> {
    const PARTS: &[&str] = &[
        "Shop",
        "Inc.",
        ", ",
        ": ",
        "; ",
        "[x]",
        "\\",
        "\"Jo\"",
        "(at home)",
        "é",
        " ",
        "\r\n ",
        "'",
        ".",
        "=?",
        "?=",
        "=?utf-8?q?Caf=C3=A9?=",
        "=?utf-8?q?a, b?=",
        "\"",
        "漢",
        "\u{a0}",
        "/",
        "=",
    ];
    joined(PARTS, 7)
}

/// A message of the tables with a few changed octets.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let changes = vec((any::<prop::sample::Index>(), any::<u8>(), 0..3u8), 0..4);
    (select(seeds::messages()), changes).prop_map(|(mut bytes, changes)| {
        for (index, octet, how) in changes {
            let at = index.index(bytes.len() + 1);
            match how {
                0 => bytes.insert(at, octet),
                1 if at < bytes.len() => bytes[at] = octet,
                _ if at < bytes.len() => drop(bytes.remove(at)),
                _ => {}
            }
        }
        bytes
    })
}
