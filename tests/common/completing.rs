//! The changes of a submission agent in a header section: the table `tests/data/header_edits.json`, and properties of
//! every message.

use super::{Report, header, rows, table, text};
use sendergate::decision::{Submission, decide};
use sendergate::diagnostic::Reason;
use sendergate::message::{
    Completion, CompletionError, HeaderEdit, MAX_HEADER_BYTES, apply_edits, header_edits, split_header,
};
use sendergate::policy::SenderPolicy;
use sendergate::priority::{Level, PriorityFields, PriorityResolution, resolve};
use serde_json::Value;

pub(crate) const TABLE: &str = include_str!("../data/header_edits.json");

/// The host name of the gate.
const HOST: &str = "gate.example";
const MESSAGE_ID: &str = "1@gate.example";

fn stamp(value: &Value) -> Option<PriorityResolution> {
    let level = Level::new(u8::try_from(value.as_u64()?).unwrap()).unwrap();
    Some(resolve(level, Level::VERY_HIGH, &PriorityFields::default(), None))
}

pub(crate) fn run() -> Report {
    let table = table(TABLE);
    let mut report = Report::new("header_edits.json");
    for row in rows(&table) {
        report.checked();
        let name = text(row, "name");
        let own = |key: &str| row[key].as_str().or(table[key].as_str()).unwrap();
        let seconds = row["seconds"].as_i64().or(table["seconds"].as_i64()).unwrap();
        let made = Completion::new(own("host"), own("messageId"), seconds, stamp(&row["stamp"]).as_ref());
        let completion = match made {
            Ok(completion) => completion,
            Err(error) => {
                let argument = match error {
                    CompletionError::Host => "host",
                    CompletionError::MessageId => "messageId",
                    CompletionError::Date => "date",
                    _ => "another argument",
                };
                report.expect(name, row["wrong"] == argument, || format!("{argument} is wrong"));
                continue;
            }
        };
        report.expect(name, row["wrong"].is_null(), || "it is taken".to_owned());
        let header = header(row).unwrap();
        let edits = header_edits(&header, row["headerComplete"].as_bool().unwrap_or(false), &completion);
        let before = String::from_utf8_lossy(&header).into_owned();
        let after = String::from_utf8_lossy(&apply_edits(&header, &edits)).into_owned();
        report.expect(name, after == row["after"].as_str().unwrap_or(&before), || format!("{after:?} by {edits:?}"));
        if let Some(count) = row["edits"].as_u64() {
            report.expect(name, edits.len() as u64 == count, || format!("{} edits: {edits:?}", edits.len()));
        }
    }
    report
}

/// The edits of any section are in order and do not overlap. The result needs no edits, and the decision stays the same.
pub(crate) fn edited(policies: &[SenderPolicy], message: &[u8], complete: bool) {
    for level in [None, Level::new(1), Level::new(3), Level::new(4)] {
        let stamp = level.map(|level| resolve(level, Level::VERY_HIGH, &PriorityFields::default(), None));
        let completion = Completion::new(HOST, MESSAGE_ID, 1_795_507_509, stamp.as_ref()).unwrap();
        let edits = header_edits(message, complete, &completion);
        let section = split_header(message, complete);
        if section.malformed.is_some() || !section.terminated {
            assert_eq!(edits, []);
            continue;
        }
        let after = apply_edits(message, &edits);
        if after.len() > MAX_HEADER_BYTES {
            continue;
        }
        let said = || format!("{:?} becomes {:?}", String::from_utf8_lossy(message), String::from_utf8_lossy(&after));
        let apart = |pair: &[HeaderEdit]| pair[0].end <= pair[1].start;
        assert!(edits.windows(2).all(apart) && edits.iter().all(|edit| edit.start <= edit.end), "{edits:?}");
        assert_eq!(header_edits(&after, complete, &completion), [], "{}", said());
        let fields = |header: &[u8]| split_header(header, complete).fields.len();
        let inserted: usize = edits.iter().map(|edit| edit.insert.matches(": ").count()).sum();
        // A whole field starts after a line end; an octet inside a name does not.
        let is_field = |edit: &&HeaderEdit| edit.end > edit.start + 1;
        let removed = edits.iter().filter(is_field).count();
        assert_eq!(fields(&after), fields(message) + inserted - removed, "{}", said());
        for policy in policies {
            let submission =
                |header| Submission { header: Some(header), header_complete: complete, ..Submission::default() };
            let (before, now) = (decide(policy, &submission(message)), decide(policy, &submission(&after)));
            if before.reason == Reason::FieldObscured && now.reason != before.reason && removed > 0 {
                // The field that obscured the section is removed.
                continue;
            }
            assert_eq!(
                (now.verdict, now.action, now.reason, now.decided_by, &now.findings),
                (before.verdict, before.action, before.reason, before.decided_by, &before.findings),
                "{}",
                said()
            );
            match level {
                None => assert_eq!(now.priority, before.priority, "{}", said()),
                Some(level) => assert!(now.priority.message == Some(level) && !now.priority.conflict, "{}", said()),
            }
        }
    }
}
