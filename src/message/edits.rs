//! The changes of a submission agent to a header section (RFC 6409 section 8), as edits.

use super::authserv::is_of_host;
use super::completion::Completion;
use super::field_names::{FieldKind, is_outside, look_up};
use super::header::{Field, split_header};
use crate::address::{LooseName, read_mailboxes};
use crate::priority::shown_fields;

/// Octets of the header section to remove, and the text that replaces them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HeaderEdit {
    /// The first octet to remove.
    pub start: usize,
    /// The place after the last octet to remove. It equals `start` in an insertion.
    pub end: usize,
    /// The text to insert, with its line ends.
    pub insert: String,
}

/// What happens to a field.
enum Fate {
    Stays,
    Goes,
    /// It is corrected, so that every program reads it alike.
    Mended(LooseName),
}

/// The edits of a header section, in order, without overlaps. A section that is malformed or has no end gets no edits,
/// because its fields are uncertain. `complete` says that the message ends at the end of `header`.
///
/// - Removed: `Return-Path`, `Bcc`, `Resent-Bcc` (RFC 5322 section 3.6.3), and each `Authentication-Results` that claims
///   to be from our host (RFC 8601 section 5).
/// - Added if missing: `Date` and `Message-ID`.
/// - With a stamp: `X-Priority`, `Importance` and `X-MSMail-Priority` get its level, and `Priority` and `MT-Priority`
///   are removed. A field that already has the right value stays.
/// - A name that breaks the grammar but is read alike by every program, as in `Company, Inc. <info@a.example>`, gets
///   quotes (RFC 5322 section 3.2.5), unless the message is signed.
///
/// New fields are added after all others, so that they do not separate trace fields. The edited section gets no further
/// edits.
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
    // Whether the line before `end` has its line end.
    let (mut end, mut is_ended) = (0, true);
    for field in &section.fields {
        let start = end;
        end = end_of(header, start, field);
        is_ended = field.ended_body.ends_with(b"\n");
        let fate = missing.meet(field, completion);
        // The last line of a message may have no line end. If its field is removed, none is needed.
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

/// Applies edits to a header section, and keeps the text after it.
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

/// The end of a field. In a well-formed section each field follows the one before. The `From ` line of an mbox file
/// (RFC 4155) has no colon.
fn end_of(header: &[u8], start: usize, field: &Field<'_>) -> usize {
    let colon = start + field.name.len();
    colon + usize::from(header.get(colon) == Some(&b':')) + field.ended_body.len()
}

/// The edits after which every program reads a field alike; its body begins at `start`. A quote or backslash in the
/// name is escaped, so it stays part of the name, or becomes `'` or `/` where that is not safe.
fn mend(body: &[u8], start: usize, loose: &LooseName, edits: &mut Vec<HeaderEdit>) {
    if let Some(name) = loose.name {
        let text = body.get(name.start..name.end).unwrap_or_default();
        // A backslash is not safe next to an encoded-word, or among octets of an unknown character set.
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

/// The fields that were not found so far.
struct Missing {
    date: bool,
    message_id: bool,
    /// The fields that show the level, with their values.
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
        // An odd spelling of a name is removed like the name, but does not count as the field.
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
            Some(Role::Priority) => {
                completion.stamp.is_some() && !(is_plain && self.has_right_value(spelled, field.body))
            }
        };
        if goes {
            return Fate::Goes;
        }
        match field.kind {
            FieldKind::Originator(_) => read_mailboxes(field.body).loose.map_or(Fate::Stays, Fate::Mended),
            _ => Fate::Stays,
        }
    }

    /// Whether a field is one of those that show the level, and has the right value.
    fn has_right_value(&mut self, name: &[u8], body: &[u8]) -> bool {
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
    /// All priority fields, including those of other servers, so that no two differ.
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

/// A field name as some programs read it: without parenthesized parts, and without characters at either end that are
/// neither letter nor digit. `None` if it is longer than every name in `ROLES`.
fn spelled<'a>(name: &[u8], buffer: &'a mut [u8; MAX_NAME]) -> Option<&'a [u8]> {
    let (mut depth, mut length, mut end) = (0_usize, 0, 0);
    for octet in name {
        if !is_outside(*octet, &mut depth) || length == 0 && !octet.is_ascii_alphanumeric() {
            continue;
        }
        // Characters after the last letter or digit may exceed the buffer, since they do not count.
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
