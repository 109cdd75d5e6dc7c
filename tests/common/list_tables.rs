//! The two lists, row by row.

use sendergate::diagnostic::{Diagnostic, Span};
use sendergate::list::{DomainKind, Lints, ListKind, parse_domain_list, parse_sender_list};
use serde_json::Value;

/// The parts of a result that tables and properties compare, for both lists.
pub(crate) struct Reading {
    pub(crate) kind: ListKind,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Each entry in canonical form with its span.
    pub(crate) entries: Vec<(String, Span)>,
    pub(crate) canonical: String,
    pub(crate) ok: bool,
}

pub(crate) type Reader = fn(&str) -> Reading;

pub(crate) fn domains(text: &str) -> Reading {
    let list = parse_domain_list(text, Lints::All);
    let form = |kind, ascii| if kind == DomainKind::Subdomains { format!("*.{ascii}") } else { String::from(ascii) };
    let entries = list.entries.iter().map(|entry| (form(entry.kind, entry.domain.as_ascii()), entry.span)).collect();
    Reading {
        kind: ListKind::Domains,
        ok: list.ok(),
        entries,
        diagnostics: list.diagnostics,
        canonical: list.canonical,
    }
}

pub(crate) fn senders(text: &str) -> Reading {
    let list = parse_sender_list(text, Lints::All);
    let entries = list.entries.iter().map(|entry| (entry.address.canonical(), entry.span)).collect();
    Reading {
        kind: ListKind::Senders,
        ok: list.ok(),
        entries,
        diagnostics: list.diagnostics,
        canonical: list.canonical,
    }
}

/// The text with every safe fix applied.
pub(crate) fn fix_all(read: Reader, text: &str) -> String {
    sendergate::list::fix_all(read("").kind, text).text
}

fn check(table: &str, read: Reader) {
    let rows: Value = serde_json::from_str(table).unwrap();
    let mut failures = Vec::new();
    for row in rows["rows"].as_array().unwrap() {
        let input = row["input"].as_str().unwrap();
        let reading = read(input);
        let diagnostics: Vec<Value> = reading
            .diagnostics
            .iter()
            .map(|found| {
                let span = found.span.unwrap();
                serde_json::json!([found.code.as_str(), span.start, span.end])
            })
            .collect();
        let entries: Vec<&str> = reading.entries.iter().map(|(entry, _)| &**entry).collect();
        let mut actual = serde_json::json!({
            "name": row["name"], "source": row["source"], "input": input,
            "diagnostics": diagnostics, "entries": entries, "canonical": reading.canonical,
        });
        let fixed = fix_all(read, input);
        if fixed != input {
            actual["fixed"] = fixed.into();
        }
        if *row != actual {
            failures.push(format!("expected {row}\n     got {actual}"));
        }
    }
    assert!(failures.is_empty(), "{} rows differ\n{}", failures.len(), failures.join("\n"));
}

pub(crate) fn domain_lists() {
    check(include_str!("../data/domain_lists.json"), domains);
}

pub(crate) fn sender_lists() {
    check(include_str!("../data/sender_lists.json"), senders);
}
