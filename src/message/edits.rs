//! What a submission agent changes in a header section (RFC 6409 section 8): which octets go, which lines come.

use super::authserv::is_of_host;
use super::completion::Completion;
use super::header::{Field, split_header};
use crate::priority::{Level, shown_fields};

/// Octets of the header section to leave out, and lines to put in their place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderEdit {
    /// The first octet that is left out.
    pub start: usize,
    /// One past the last of them.
    pub end: usize,
    /// What is put in, with its line ends.
    pub insert: String,
}

/// What our own rules say of a field.
enum Fate {
    Stays,
    Goes,
}

/// The edits of a header section, in order; none overlaps another. A section that is malformed, or that has no end,
/// gets none: nobody can say for sure what stands in it. `complete` says that the message ends where `header` ends.
///
/// - `Return-Path`, `Bcc` and `Resent-Bcc` (RFC 5322 section 3.6.3) go, and each `Authentication-Results` that claims
///   to be of our host (RFC 8601 section 5).
/// - `Date` and `Message-ID` come where there is none.
/// - With a stamp, `X-Priority`, `Importance` and `X-MSMail-Priority` say its level, and `Priority` and `MT-Priority`
///   go. What says so already stays.
///
/// What comes stands behind all fields, where it parts no trace field from those that belong to it. Of the result there
/// are no further edits.
///
/// ```
/// use sendergate::message::{Completion, apply_edits, header_edits};
/// let completion = Completion::new("gate.example", "1@gate.example", 1_795_507_509, None).unwrap();
/// let header = b"Bcc: jo@a.example\r\nFrom: info@a.example\r\n\r\n";
/// let edits = header_edits(header, false, &completion);
/// assert_eq!(
///     apply_edits(header, &edits),
///     b"From: info@a.example\r\nDate: Tue, 24 Nov 2026 08:05:09 +0000\r\nMessage-ID: <1@gate.example>\r\n\r\n"
/// );
/// ```
#[must_use]
pub fn header_edits(header: &[u8], complete: bool, completion: &Completion<'_>) -> Vec<HeaderEdit> {
    let section = split_header(header, complete);
    if section.malformed.is_some() || !section.terminated {
        return Vec::new();
    }
    let mut missing = Missing::new(completion);
    let mut edits = Vec::new();
    let mut end = 0;
    for field in &section.fields {
        let start = end;
        end = end_of(header, start, field);
        if let Fate::Goes = missing.meet(field, completion) {
            edits.push(HeaderEdit { start, end, insert: String::new() });
        }
    }
    let line_end = match header.iter().position(|octet| *octet == b'\n') {
        Some(at) if at.checked_sub(1).and_then(|before| header.get(before)) != Some(&b'\r') => "\n",
        _ => "\r\n",
    };
    let insert = missing.lines(completion, line_end);
    if !insert.is_empty() {
        // The last line of a message may have no end; where its field goes, there is none to be ended.
        let is_gone = edits.last().is_some_and(|edit| edit.end == end);
        let is_ended = end == 0 || is_gone || end.checked_sub(1).and_then(|last| header.get(last)) == Some(&b'\n');
        let insert = if is_ended { insert } else { [line_end, &insert].concat() };
        edits.push(HeaderEdit { start: end, end, insert });
    }
    edits
}

/// The header section with its edits, and whatever follows it.
#[must_use]
pub fn apply_edits(header: &[u8], edits: &[HeaderEdit]) -> Vec<u8> {
    let mut out = Vec::with_capacity(header.len());
    let mut at = 0;
    for HeaderEdit { start, end, insert } in edits {
        out.extend_from_slice(header.get(at..*start).unwrap_or_default());
        out.extend_from_slice(insert.as_bytes());
        at = *end;
    }
    out.extend_from_slice(header.get(at..).unwrap_or_default());
    out
}

/// Fields of a well-formed section stand one behind the other. A line `From ` of an mbox file (RFC 4155) has no colon.
fn end_of(header: &[u8], start: usize, field: &Field<'_>) -> usize {
    let colon = start + field.name.len();
    colon + usize::from(header.get(colon) == Some(&b':')) + field.ended_body.len()
}

/// What has not been met yet.
struct Missing {
    date: bool,
    message_id: bool,
    /// Of the fields that show the level, with their values.
    stamps: Vec<(&'static str, &'static str)>,
}

impl Missing {
    fn new(completion: &Completion<'_>) -> Self {
        let stamps = completion.stamp.map_or(Vec::new(), |level: Level| shown_fields(level).to_vec());
        Self { date: true, message_id: true, stamps }
    }

    fn meet(&mut self, field: &Field<'_>, completion: &Completion<'_>) -> Fate {
        let written = field.name.trim_ascii_end();
        let is = |name: &str| written.eq_ignore_ascii_case(name.as_bytes());
        self.date &= !is("Date");
        self.message_id &= !is("Message-ID");
        let body = field.body.trim_ascii();
        let said = self.stamps.iter().position(|(name, value)| is(name) && body == value.as_bytes());
        if let Some(place) = said {
            self.stamps.remove(place);
            return Fate::Stays;
        }
        let spelled = spelled(written);
        let is_spelled = |name: &&str| spelled.eq_ignore_ascii_case(name.as_bytes());
        let goes = REMOVED.iter().any(&is_spelled)
            || completion.stamp.is_some() && PRIORITIES.iter().any(&is_spelled)
            || is_spelled(&"Authentication-Results") && is_of_host(field.body, completion.host);
        if goes { Fate::Goes } else { Fate::Stays }
    }

    fn lines(&self, completion: &Completion<'_>, line_end: &str) -> String {
        let mut lines = String::new();
        let mut line = |parts: &[&str]| {
            parts.iter().for_each(|part| lines.push_str(part));
            lines.push_str(line_end);
        };
        if self.date {
            line(&["Date: ", &completion.date]);
        }
        if self.message_id {
            line(&["Message-ID: <", completion.message_id, ">"]);
        }
        for (name, value) in &self.stamps {
            line(&[name, ": ", value]);
        }
        lines
    }
}

const REMOVED: [&str; 3] = ["Return-Path", "Bcc", "Resent-Bcc"];
/// What another server set is among them, so that no two say different things.
const PRIORITIES: [&str; 5] = ["X-Priority", "Importance", "X-MSMail-Priority", "Priority", "MT-Priority"];

/// What some programs read where a name is written oddly: parenthesized parts, and whatever is neither letter nor digit
/// at either end, left out.
fn spelled(name: &[u8]) -> Vec<u8> {
    let mut depth = 0_usize;
    let mut out: Vec<u8> = Vec::with_capacity(name.len());
    for octet in name {
        match octet {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ if depth == 0 && (octet.is_ascii_alphanumeric() || !out.is_empty()) => out.push(*octet),
            _ => {}
        }
    }
    while out.last().is_some_and(|octet| !octet.is_ascii_alphanumeric()) {
        out.pop();
    }
    out
}
