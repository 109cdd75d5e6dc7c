//! Facts for a log about a header section: the table `tests/data/header_facts.json`, and properties of every message.

use super::{Report, header, rows, table, text};
use sendergate::message::header_facts;

pub(crate) const TABLE: &str = include_str!("../data/header_facts.json");

pub(crate) fn run() -> Report {
    let table = table(TABLE);
    let mut report = Report::new("header_facts.json");
    for row in rows(&table) {
        report.checked();
        let facts = header_facts(&header(row).unwrap());
        // Only the JavaScript host decodes character sets that the crate does not have.
        let subject = row["subjectWithoutTables"].as_str().or(row["subject"].as_str());
        let name = text(row, "name");
        report.expect(name, facts.subject.as_deref() == subject, || format!("{facts:?}"));
        report.expect(name, facts.received as u64 == row["received"].as_u64().unwrap_or(0), || format!("{facts:?}"));
    }
    report
}

/// One line of at most 200 characters, for every message.
pub(crate) fn read(message: &[u8]) {
    let Some(subject) = header_facts(message).subject else { return };
    let is_shown = |character: char| character == ' ' || !(character.is_control() || character.is_whitespace());
    assert!(subject.chars().all(is_shown) && subject.chars().count() <= 200, "{subject:?}");
    assert!(subject.trim() == subject && !subject.contains("  "), "{subject:?}");
    let again = header_facts(&["Subject: ", &subject, "\r\n\r\n"].concat().into_bytes());
    assert!(again.subject.as_deref() == Some(&subject) || subject.contains("=?"), "{again:?} of {subject:?}");
}
