//! The shared parts of the tests: the embedded tables of `tests/data`, and a harness for each. The same functions run natively,
//! in Wasm under Node, and in Wasm in a browser.
#![allow(dead_code, reason = "each test program uses its own part")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::wildcard_enum_match_arm,
    reason = "a test may fail"
)]

pub(crate) mod addresses;
pub(crate) mod attacks;
pub(crate) mod checks;
pub(crate) mod completing;
pub(crate) mod decisions;
pub(crate) mod facts;
pub(crate) mod idna;
pub(crate) mod invariants;
pub(crate) mod legitimate;
mod legitimate_files;
pub(crate) mod list_tables;
pub(crate) mod message_tables;
pub(crate) mod rejudging;
pub(crate) mod seeds;
pub(crate) mod user_table;

use sendergate::address::{Identities, Identity};
use sendergate::policy::{OnUnauthorized, PolicyOptions, SenderPolicy};
use sendergate::priority::Level;
use serde_json::Value;

/// The report of a harness: how much it checked, and every failure with the name of its row.
pub(crate) struct Report {
    table: &'static str,
    checked: usize,
    failures: Vec<String>,
}

impl Report {
    pub(crate) fn new(table: &'static str) -> Self {
        Self { table, checked: 0, failures: Vec::new() }
    }

    /// Counts another checked row or property.
    pub(crate) fn checked(&mut self) {
        self.checked += 1;
    }

    pub(crate) fn fail(&mut self, row: &str, what: impl AsRef<str>) {
        self.failures.push(format!("{row}: {}", what.as_ref()));
    }

    /// Fails `row` with the text `what` unless `holds`.
    pub(crate) fn expect(&mut self, row: &str, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.fail(row, what());
        }
    }

    /// Panics with every failure, and if there were fewer than `at_least` rows, as in a lost table.
    #[track_caller]
    pub(crate) fn assert(self, at_least: usize) {
        assert!(self.checked >= at_least, "{}: {} rows, not {at_least}", self.table, self.checked);
        let count = self.failures.len();
        assert!(count == 0, "{}: {count} of {} failed\n{}", self.table, self.checked, self.failures.join("\n"));
    }
}

pub(crate) fn table(json: &str) -> Value {
    serde_json::from_str(json).expect("a table is JSON")
}

pub(crate) fn rows(table: &Value) -> &[Value] {
    table["rows"].as_array().expect("a table has rows")
}

/// The text of a key, or the empty one.
pub(crate) fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row[key].as_str().unwrap_or_default()
}

/// The octets of a header: `header`, or `headerBase64`, with the `pad` put in.
pub(crate) fn header(row: &Value) -> Option<Vec<u8>> {
    let bytes = match (row["header"].as_str(), row["headerBase64"].as_str()) {
        (Some(text), _) => text.as_bytes().to_vec(),
        (None, Some(text)) => base64(text),
        (None, None) => return None,
    };
    let Some(pad) = row["pad"].as_object() else { return Some(bytes) };
    let times = usize::try_from(pad["times"].as_u64().unwrap()).unwrap();
    let padding = pad["text"].as_str().unwrap().repeat(times);
    let at = bytes.windows(5).position(|window| window == b"@PAD@").expect("@PAD@ stands in the header");
    Some([&bytes[..at], padding.as_bytes(), &bytes[at + 5..]].concat())
}

fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut out, mut bits, mut held) = (Vec::new(), 0u32, 0);
    for byte in text.bytes().filter(|byte| *byte != b'=') {
        let digit = DIGITS.iter().position(|digit| *digit == byte).expect("base64");
        bits = bits << 6 | u32::try_from(digit).unwrap();
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from(bits >> held & 0xff).unwrap());
        }
    }
    out
}

pub(crate) fn level(value: &Value) -> Option<Level> {
    Level::new(u8::try_from(value.as_u64()?).ok()?)
}

pub(crate) fn identities(value: &Value) -> Identities {
    let Some(names) = value.as_array() else { return Identities::USUAL };
    let chosen: Vec<Identity> = names
        .iter()
        .map(|name| {
            *Identity::ALL.iter().find(|identity| Some(identity.as_str()) == name.as_str()).expect("an identity")
        })
        .collect();
    Identities::new(&chosen).expect("at least one identity")
}

/// A policy in a table, with the names of `PolicyOptions`.
#[track_caller]
pub(crate) fn policy(row: &Value) -> SenderPolicy {
    let options = PolicyOptions {
        domains: text(row, "domains"),
        senders: text(row, "senders"),
        active: row["active"].as_bool().unwrap_or(true),
        priority: level(&row["priority"]).unwrap_or(Level::NORMAL),
        max_priority: level(&row["maxPriority"]).unwrap_or(Level::VERY_HIGH),
        on_unauthorized: match row["onUnauthorized"].as_str() {
            Some("alert") => OnUnauthorized::Alert,
            Some("block") | None => OnUnauthorized::Block,
            Some(other) => panic!("no such mode: {other}"),
        },
        identities: identities(&row["identities"]),
    };
    SenderPolicy::new(&options)
        .unwrap_or_else(|error| panic!("the policy of a row parses: {:?}: {row}", error.diagnostics))
}

/// A policy of two lists; all else has the default.
#[track_caller]
pub(crate) fn policy_of(domains: &str, senders: &str, on_unauthorized: OnUnauthorized) -> SenderPolicy {
    SenderPolicy::new(&PolicyOptions { domains, senders, on_unauthorized, ..PolicyOptions::default() })
        .unwrap_or_else(|error| panic!("{domains:?} and {senders:?} parse: {:?}", error.diagnostics))
}
