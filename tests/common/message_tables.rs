//! The readers of a message's header section, by tables: `tests/data/{header_sections,mailboxes,originators,
//! priority_fields}.json`. An input is a string of UTF-8, or, where it is none, `{"base64": "…"}`.

use sendergate::address::{FoundAddress, MailboxProblem, read_mailboxes};
use sendergate::message::{FieldKind, Malformed, Reading, read_originators, read_priority_fields, split_header};
use serde_json::{Value, json};

fn rows(text: &str) -> Vec<Value> {
    let Value::Array(rows) = serde_json::from_str(text).unwrap() else { panic!("no table") };
    assert!(rows.iter().all(|row| row["source"].as_str().is_some_and(|source| !source.is_empty())));
    rows
}

fn bytes(input: &Value) -> Vec<u8> {
    match input {
        Value::String(text) => text.as_bytes().to_vec(),
        _ => unbase64(input["base64"].as_str().unwrap()),
    }
}

fn unbase64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for digit in text.bytes().filter(|digit| *digit != b'=') {
        bits = bits << 6 | ALPHABET.iter().position(|known| *known == digit).unwrap() as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    out
}

/// The addresses, with `!` before one that no entry can match.
fn addresses(found: &[FoundAddress]) -> Value {
    found.iter().map(|found| format!("{}{}", if found.spec.is_none() { "!" } else { "" }, found.text)).collect()
}

/// Checks every row before the test fails.
fn check(table: &str, answer: impl Fn(&Value) -> Value) {
    let mut failures = String::new();
    for row in rows(table) {
        let (given, expected) = (answer(&row), &row["expected"]);
        if given != *expected {
            failures += &format!("\n{}\n  expected {expected}\n  given    {given}", row["name"]);
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

fn malformed_name(malformed: Malformed) -> &'static str {
    match malformed {
        Malformed::Nul => "nul",
        Malformed::BareCr => "bare-cr",
        Malformed::LineEndings => "line-endings",
        Malformed::Line => "line",
        Malformed::BlankLine => "blank-line",
        Malformed::TooLarge => "too-large",
        Malformed::LineSeparator => "line-separator",
        other => panic!("no row can name {other:?}"),
    }
}

pub(crate) fn header_sections() {
    check(include_str!("../data/header_sections.json"), |row| {
        let input = bytes(&row["input"]);
        let section = split_header(&input, row["complete"].as_bool().unwrap_or(false));
        let fields: Vec<Value> = section
            .fields
            .iter()
            .map(|field| {
                let kind = match field.kind {
                    FieldKind::Originator(identity) => identity.as_str().to_owned(),
                    FieldKind::Obscured(identity) => format!("obscured {}", identity.as_str()),
                    FieldKind::Beside(identity) => format!("beside {}", identity.as_str()),
                    FieldKind::Signature => "signature".to_owned(),
                    FieldKind::Priority(_) => "priority".to_owned(),
                    FieldKind::Other => String::new(),
                    other => panic!("no row can name {other:?}"),
                };
                json!([kind, String::from_utf8_lossy(field.name), String::from_utf8_lossy(field.body)])
            })
            .collect();
        let state = match section.malformed {
            Some(malformed) => malformed_name(malformed),
            None if section.terminated => "terminated",
            None => "unterminated",
        };
        json!([state, fields])
    });
}

pub(crate) fn mailboxes() {
    check(include_str!("../data/mailboxes.json"), |row| {
        let reading = read_mailboxes(&bytes(&row["input"]));
        let whole = if reading.loose.is_some() { "loose" } else { "" };
        let problem = reading.problem.map_or(whole, |problem| match problem {
            MailboxProblem::SourceRoute => "source-route",
            MailboxProblem::EncodedWord => "encoded-word",
            MailboxProblem::Unbalanced => "unbalanced",
            MailboxProblem::Group => "group",
            MailboxProblem::InvalidUtf8 => "invalid-utf8",
            MailboxProblem::StrayText => "stray-text",
            MailboxProblem::Address => "address",
            MailboxProblem::NoAddress => "no-address",
            MailboxProblem::QuotedAt => "quoted-at",
            MailboxProblem::LineBreak => "line-break-inside",
            MailboxProblem::EncodedControl => "encoded-control",
            MailboxProblem::AtInName => "at-in-name",
            MailboxProblem::AtInQuotes => "at-in-quotes",
            MailboxProblem::AtInComment => "at-in-comment",
            MailboxProblem::TooLong => "too-long",
            other => panic!("no row can name {other:?}"),
        });
        json!([problem, reading.mailboxes, addresses(&reading.addresses)])
    });
}

pub(crate) fn originators() {
    check(include_str!("../data/originators.json"), |row| {
        let input = bytes(&row["input"]);
        let section = split_header(&input, false);
        assert!(section.terminated && section.malformed.is_none(), "{}", row["name"]);
        read_originators(&section)
            .iter()
            .map(|field| {
                let (what, found) = match &field.reading {
                    Reading::Agreed(found) => ("agreed", found),
                    Reading::Differing(found) => ("differing", found),
                    Reading::Ambiguous(reason, found) => (reason.as_str(), found),
                };
                json!([field.identity.as_str(), field.field, what, addresses(found)])
            })
            .collect()
    });
}

pub(crate) fn priority_fields() {
    check(include_str!("../data/priority_fields.json"), |row| {
        let input = bytes(&row["input"]);
        let fields = read_priority_fields(&split_header(&input, false));
        let (source, level) = match fields.asked {
            None => ("", 0),
            Some((source, level)) => (source.as_str(), level.number()),
        };
        json!([source, level, fields.conflict])
    });
}
