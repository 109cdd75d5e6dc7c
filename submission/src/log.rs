//! The operator's log: one JSON object a line, on the standard error.

use std::io::Write as _;

use serde_json::{Map, Value};

/// Writes one line. `event` is stable; nothing of a message or a password goes into `fields`.
pub(crate) fn log(level: &str, event: &str, fields: &[(&str, &str)]) {
    let own = [("level", level), ("event", event)];
    let all = own.iter().chain(fields).map(|(name, text)| ((*name).to_owned(), Value::from(*text)));
    let line: Map<String, Value> = all.collect();
    // Nobody may listen: that stops nothing.
    let _ = writeln!(std::io::stderr(), "{}", Value::Object(line));
}
