//! The fields by which a message states its own priority.

use super::HeaderSection;
use super::field_names::FieldKind;
use super::field_names::look_up;
use crate::priority::{Level, PriorityFields, PrioritySource};

/// In order of precedence.
const SOURCES: [PrioritySource; 4] =
    [PrioritySource::XPriority, PrioritySource::Priority, PrioritySource::Importance, PrioritySource::XMsMailPriority];

/// Reads the priority fields of a section. Of a repeated field, the first valid one counts.
///
/// The `MT-Priority` field (RFC 6758) is not read, because anybody can write it.
///
/// ```
/// use sendergate::message::{read_priority_fields, split_header};
/// use sendergate::priority::PrioritySource;
/// let section = split_header(b"X-Priority: 1 (Highest)\r\nImportance: high\r\n\r\n", false);
/// let fields = read_priority_fields(&section);
/// let (source, level) = fields.asked.unwrap();
/// assert_eq!((source, level.number(), fields.conflict), (PrioritySource::XPriority, 1, false));
/// ```
#[must_use]
pub fn read_priority_fields(section: &HeaderSection<'_>) -> PriorityFields {
    let mut levels = [None; SOURCES.len()];
    let mut seen = [false; SOURCES.len()];
    let mut conflict = false;
    let mut direction = None;
    for field in &section.fields {
        let FieldKind::Priority(source) = field.kind else { continue };
        let level = read_level(source, field.body);
        for ((known, seen), slot) in SOURCES.iter().zip(&mut seen).zip(&mut levels) {
            if *known == source {
                conflict |= *seen;
                *seen = true;
                *slot = slot.or(level);
            }
        }
        if let Some(level) = level {
            let towards = direction_of(level);
            conflict |= *direction.get_or_insert(towards) != towards;
        }
    }
    let asked = SOURCES.iter().zip(levels).find_map(|(source, level)| Some((*source, level?)));
    PriorityFields { asked, conflict }
}

/// The values of RFC 2156, and those that mail programs add.
const WORDS: [(&[u8], Level); 7] = [
    (b"normal", Level::NORMAL),
    (b"high", Level::HIGH),
    (b"urgent", Level::HIGH),
    (b"low", Level::LOW),
    (b"non-urgent", Level::LOW),
    (b"highest", Level::VERY_HIGH),
    (b"lowest", Level::VERY_LOW),
];

fn read_level(source: PrioritySource, body: &[u8]) -> Option<Level> {
    let body = body.trim_ascii();
    if source == PrioritySource::XPriority {
        let digit = body.first()?.checked_sub(b'0')?;
        return Level::new(digit);
    }
    // `high (urgent)`: a comment is ignored (RFC 5322 section 3.2.2).
    let word = match body.iter().position(|octet| *octet == b'(') {
        Some(comment) if body.last() == Some(&b')') => body.get(..comment)?.trim_ascii_end(),
        _ => body,
    };
    look_up(&WORDS, word)
}

/// Whether a level is above, at or below normal.
const fn direction_of(level: Level) -> i8 {
    match level.number() {
        1 | 2 => -1,
        3 => 0,
        _ => 1,
    }
}
