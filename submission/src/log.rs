//! The operator's log: one JSON object per line, on the standard error.

use std::io::Write as _;

use serde_json::{Map, Value};

/// Writes one line. `event` is stable. `fields` must not contain passwords or parts of a message.
pub(crate) fn log(level: &str, event: &str, fields: &[(&str, &str)]) {
    let own = [("level", level), ("event", event)];
    let all = own.iter().chain(fields).map(|(name, text)| ((*name).to_owned(), Value::from(*text)));
    let line: Map<String, Value> = all.collect();
    // The door works without its log too.
    let _ = writeln!(std::io::stderr(), "{}", Value::Object(line));
}
