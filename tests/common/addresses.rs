//! Addresses, reverse-paths, originator fields and messages of the standards.

use super::{Report, rows, table, text};
use sendergate::address::{AddrSpec, PathProblem, read_reverse_path};
use sendergate::message::{Reading, read_originators, split_header};
use serde_json::Value;

pub(crate) const TABLE: &str = include_str!("../data/rfc_addresses.json");

/// The reading of the first From field, and its addresses.
fn read_from(body: &str) -> (&'static str, Vec<String>) {
    let message = format!("From: {body}\r\n\r\n");
    let section = split_header(message.as_bytes(), false);
    let readings = read_originators(&section);
    let (kind, addresses) = match &readings[0].reading {
        Reading::Agreed(addresses) => ("agreed", addresses),
        Reading::Differing(addresses) => ("differing", addresses),
        Reading::Ambiguous(reason, addresses) => (reason.as_str(), addresses),
    };
    (kind, addresses.iter().map(|address| address.text.clone()).collect())
}

fn read_path(path: &str) -> &'static str {
    match read_reverse_path(path) {
        Ok(address) if address.spec.is_some() => "address",
        Ok(_) => "unmatchable",
        Err(PathProblem::SourceRoute) => "source-route",
        Err(_) => "invalid-address",
    }
}

/// `from a@b.example` for every address, `from ! reason` for a field that cannot be read.
fn originators(message: &str) -> Vec<String> {
    let section = split_header(message.as_bytes(), false);
    let mut out = Vec::new();
    for field in read_originators(&section) {
        let identity = field.identity.as_str();
        match field.reading {
            Reading::Agreed(addresses) => out.extend(addresses.iter().map(|a| format!("{identity} {}", a.text))),
            Reading::Differing(_) => out.push(format!("{identity} ! readers-disagree")),
            Reading::Ambiguous(reason, _) => out.push(format!("{identity} ! {}", reason.as_str())),
        }
    }
    out
}

fn address(row: &Value) -> Result<(), String> {
    let source = text(row, "text");
    match (AddrSpec::parse(source), row["canonical"].as_str()) {
        (Ok(spec), Some(canonical)) if spec.canonical() == canonical => {
            let again = AddrSpec::parse(canonical);
            (again.as_ref() == Ok(&spec)).then_some(()).ok_or_else(|| format!("its canonical form is {again:?}"))
        }
        (Err(error), None) => {
            let (code, expected) = (error.code.as_str(), text(row, "error"));
            let inside = source.get(error.span.start..error.span.end).is_some();
            (inside && (expected == "*" || code == expected)).then_some(()).ok_or_else(|| format!("{error:?}"))
        }
        (got, _) => Err(format!("{got:?}")),
    }
}

fn field(row: &Value) -> Result<(), String> {
    let (kind, addresses) = read_from(text(row, "text"));
    let expected: Vec<&str> = row["addresses"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let fits = match text(row, "reading") {
        // The candidates contain every address that the standard reads.
        "agreed" => kind == "agreed" && addresses == expected,
        "!agreed" => kind != "agreed" && expected.iter().all(|address| addresses.iter().any(|a| a == address)),
        reason => kind == reason && expected.iter().all(|address| addresses.iter().any(|a| a == address)),
    };
    fits.then_some(()).ok_or_else(|| format!("{kind} {addresses:?}"))
}

pub(crate) fn run() -> Report {
    let table = table(TABLE);
    let mut report = Report::new("rfc_addresses.json");
    for row in rows(&table) {
        report.checked();
        let source = text(row, "text");
        let outcome = match text(row, "kind") {
            "address" => address(row),
            "same" => {
                let same = AddrSpec::parse(source).unwrap() == AddrSpec::parse(text(row, "other")).unwrap();
                (row["same"] == same).then_some(()).ok_or_else(|| format!("same: {same}"))
            }
            "path" => {
                let got = read_path(source);
                (got == text(row, "reading")).then_some(()).ok_or_else(|| got.to_owned())
            }
            "field" => field(row),
            "message" => {
                let got = originators(source);
                (row["findings"] == Value::from(got.clone())).then_some(()).ok_or_else(|| format!("{got:?}"))
            }
            other => Err(format!("no such kind: {other}")),
        };
        if let Err(got) = outcome {
            report.fail(&format!("{} {source:?}", text(row, "source")), format!("{got}; the row: {row}"));
        }
    }
    report
}
