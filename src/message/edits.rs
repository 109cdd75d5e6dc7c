//! What a submission agent changes in a header section (RFC 6409 section 8): which octets go, which lines come.

use super::authserv::is_of_host;
use super::completion::Completion;
use super::header::{Field, split_header};
use super::names::{FieldKind, is_outside, look_up};
use crate::address::{LooseName, read_mailboxes};
use crate::priority::shown_fields;

/// Octets of the header section to leave out, and lines to put in their place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HeaderEdit {
    /// The first octet that is left out.
    pub start: usize,
    /// One past the last of them.
    pub end: usize,
    /// What is put in, with its line ends.
    pub insert: String,
}

/// What becomes of a field.
enum Fate {
    Stays,
    Goes,
    /// It is written as every program reads it.
    Mended(LooseName),
}

/// The edits of a header section, in order; none overlaps another. A section that is malformed, or that has no end,
/// gets none: nobody can say for sure what stands in it. `complete` says that the message ends where `header` ends.
///
/// - `Return-Path`, `Bcc` and `Resent-Bcc` (RFC 5322 section 3.6.3) go, and each `Authentication-Results` that claims
///   to be of our host (RFC 8601 section 5).
/// - `Date` and `Message-ID` come where there is none.
/// - With a stamp, `X-Priority`, `Importance` and `X-MSMail-Priority` say its level, and `Priority` and `MT-Priority`
///   go. What says so already stays.
/// - A name that breaks the grammar and misleads nobody, as in `Company, Inc. <info@a.example>`, is put into quotes
///   (RFC 5322 section 3.2.5), unless the message is signed.
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
    let is_signed = section.fields.iter().any(|field| field.kind == FieldKind::Signature);
    let mut missing = Missing::new(completion);
    let mut edits = Vec::new();
    // Whether the last line before the place is whole.
    let (mut end, mut is_ended) = (0, true);
    for field in &section.fields {
        let start = end;
        end = end_of(header, start, field);
        is_ended = field.ended_body.ends_with(b"\n");
        let fate = missing.meet(field, completion);
        // The last line of a message may have no end; where its field goes, there is none to be ended.
        is_ended |= matches!(fate, Fate::Goes);
        match fate {
            Fate::Goes => push(&mut edits, start, end, ""),
            Fate::Mended(loose) if !is_signed => mend(field.body, end - field.ended_body.len(), &loose, &mut edits),
            Fate::Mended(_) | Fate::Stays => {}
        }
    }
    let line_end = match header.iter().position(|octet| *octet == b'\n') {
        Some(at) if at.checked_sub(1).and_then(|before| header.get(before)) != Some(&b'\r') => "\n",
        _ => "\r\n",
    };
    let insert = missing.lines(completion, line_end);
    if !insert.is_empty() {
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

/// The edits by which a field reads the same to every program; its body begins at `start`. What is a quote or a
/// backslash in the name stays one.
fn mend(body: &[u8], start: usize, loose: &LooseName, edits: &mut Vec<HeaderEdit>) {
    if let Some(name) = loose.name {
        let text = body.get(name.start..name.end).unwrap_or_default();
        // Beside what looks like an encoded-word, or octets of nobody knows which characters, no backslash is safe.
        let is_odd = text.windows(2).any(|pair| pair == b"=?") || str::from_utf8(text).is_err();
        push(edits, start + name.start, start + name.start, "\"");
        for (octet, at) in text.iter().zip(start + name.start..) {
            let (end, insert) = match octet {
                b'"' if is_odd => (at + 1, "'"),
                b'\\' if is_odd => (at + 1, "/"),
                b'"' | b'\\' => (at, "\\"),
                _ => continue,
            };
            push(edits, at, end, insert);
        }
        push(edits, start + name.end, start + name.end, "\"");
    }
    if let Some(at) = loose.semicolon {
        push(edits, start + at, start + at + 1, "");
    }
}

#[inline(never)]
fn push(edits: &mut Vec<HeaderEdit>, start: usize, end: usize, insert: &str) {
    edits.push(HeaderEdit { start, end, insert: insert.to_owned() });
}

/// What has not been met yet.
struct Missing {
    date: bool,
    message_id: bool,
    /// Of the fields that show the level, with their values.
    stamps: [Option<(&'static str, &'static str)>; 3],
}

impl Missing {
    fn new(completion: &Completion<'_>) -> Self {
        let stamps = completion.stamp.map_or([None; 3], |level| shown_fields(level).map(Some));
        Self { date: true, message_id: true, stamps }
    }

    fn meet(&mut self, field: &Field<'_>, completion: &Completion<'_>) -> Fate {
        let mut buffer = [0; MAX_NAME];
        let spelled = spelled(field.name, &mut buffer).unwrap_or_default();
        // What is written oddly goes as what is not; it stands in for nothing.
        let is_plain = spelled.len() == field.name.trim_ascii_end().len();
        let goes = match look_up(&ROLES, spelled) {
            None => false,
            Some(Role::Date) => {
                self.date &= !is_plain;
                false
            }
            Some(Role::MessageId) => {
                self.message_id &= !is_plain;
                false
            }
            Some(Role::Removed) => true,
            Some(Role::Results) => is_of_host(field.body, completion.host),
            Some(Role::Priority) => completion.stamp.is_some() && !(is_plain && self.says_so(spelled, field.body)),
        };
        if goes {
            return Fate::Goes;
        }
        match field.kind {
            FieldKind::Originator(_) => read_mailboxes(field.body).loose.map_or(Fate::Stays, Fate::Mended),
            _ => Fate::Stays,
        }
    }

    /// Whether it is one of the fields that show the level, and says what it should.
    fn says_so(&mut self, name: &[u8], body: &[u8]) -> bool {
        let is_it = |(stamp, value): (&str, &str)| {
            name.eq_ignore_ascii_case(stamp.as_bytes()) && body.trim_ascii() == value.as_bytes()
        };
        let met = self.stamps.iter_mut().find(|stamp| stamp.is_some_and(is_it));
        met.and_then(Option::take).is_some()
    }

    fn lines(&self, completion: &Completion<'_>, line_end: &str) -> String {
        let mut lines = String::new();
        if self.date {
            push_line(&mut lines, "Date", &[&completion.date, line_end]);
        }
        if self.message_id {
            push_line(&mut lines, "Message-ID", &["<", completion.message_id, ">", line_end]);
        }
        for (name, value) in self.stamps.iter().flatten() {
            push_line(&mut lines, name, &[value, line_end]);
        }
        lines
    }
}

#[inline(never)]
fn push_line(lines: &mut String, name: &str, rest: &[&str]) {
    for part in [name, ": "].iter().chain(rest) {
        lines.push_str(part);
    }
}

/// What a field is to a submission agent.
#[derive(Clone, Copy)]
enum Role {
    Removed,
    Results,
    Date,
    MessageId,
    /// What another server set is among them, so that no two say different things.
    Priority,
}

const ROLES: [(&[u8], Role); 11] = [
    (b"Return-Path", Role::Removed),
    (b"Bcc", Role::Removed),
    (b"Resent-Bcc", Role::Removed),
    (b"Authentication-Results", Role::Results),
    (b"Date", Role::Date),
    (b"Message-ID", Role::MessageId),
    (b"X-Priority", Role::Priority),
    (b"Importance", Role::Priority),
    (b"X-MSMail-Priority", Role::Priority),
    (b"Priority", Role::Priority),
    (b"MT-Priority", Role::Priority),
];

/// The longest of these names.
const MAX_NAME: usize = 22;

/// What some programs read where a name is written oddly: parenthesized parts, and whatever is neither letter nor digit
/// at either end, left out. Nothing where it is longer than any of ours.
fn spelled<'a>(name: &[u8], buffer: &'a mut [u8; MAX_NAME]) -> Option<&'a [u8]> {
    let (mut depth, mut length, mut end) = (0_usize, 0, 0);
    for octet in name {
        if !is_outside(*octet, &mut depth) || length == 0 && !octet.is_ascii_alphanumeric() {
            continue;
        }
        // What stands behind the last letter may be longer.
        if let Some(slot) = buffer.get_mut(length) {
            *slot = *octet;
        }
        length += 1;
        if octet.is_ascii_alphanumeric() {
            end = length;
        }
    }
    buffer.get(..end)
}
