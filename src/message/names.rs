//! What the name of a field means, and which names some programs would take for that of a field that names a sender.

use crate::address::{Identity, holds_hidden_field};
use crate::priority::PrioritySource;

/// What the name of a field means to this crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// A field that names a sender.
    Originator(Identity),
    /// A field that names a sender beside another one, and does not stand in for it: `Apparently-From`.
    Beside(Identity),
    /// A name that some programs would take for that of a field that names a sender: white space before the colon,
    /// a leading space on the first line, a folded name, a comment or other bytes in it, or the `From ` line of an mbox
    /// file.
    Obscured(Identity),
    /// A field that states a priority.
    Priority(PrioritySource),
    /// `DKIM-Signature` (RFC 6376 section 3.5).
    Signature,
    /// Any other field.
    Other,
}

const KINDS: [(&[u8], FieldKind); 9] = [
    (b"From", FieldKind::Originator(Identity::From)),
    (b"Sender", FieldKind::Originator(Identity::Sender)),
    (b"Resent-From", FieldKind::Originator(Identity::ResentFrom)),
    (b"Resent-Sender", FieldKind::Originator(Identity::ResentSender)),
    (b"X-Priority", FieldKind::Priority(PrioritySource::XPriority)),
    (b"Priority", FieldKind::Priority(PrioritySource::Priority)),
    (b"Importance", FieldKind::Priority(PrioritySource::Importance)),
    (b"X-MSMail-Priority", FieldKind::Priority(PrioritySource::XMsMailPriority)),
    (b"Apparently-From", FieldKind::Beside(Identity::From)),
];

/// What stands for `word` in a table, in any case of its letters. One loop for all words: they weigh much unrolled.
pub(super) fn look_up<T: Copy>(table: &[(&[u8], T)], word: &[u8]) -> Option<T> {
    table.iter().find(|(known, _)| word.len() == known.len() && is_same_word(word, known)).map(|(_, value)| *value)
}

#[inline(never)]
fn is_same_word(one: &[u8], other: &[u8]) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// The kind of a name of ftext (RFC 5322 section 3.6.8); `None` for no name at all.
pub(super) fn kind_of(name: &[u8]) -> Option<FieldKind> {
    if name.is_empty() { None } else { Some(spelled_kind(name)) }
}

/// The same for one that is not empty.
pub(super) fn known_kind(name: &[u8]) -> FieldKind {
    let Some(first) = name.first() else { return FieldKind::Other };
    // The length and the first letter tell nearly all other names from these.
    // No other field begins so and is as long.
    if name.len() == 14 && first | 0x20 == b'd' && name.get(1).is_some_and(|octet| octet | 0x20 == b'k') {
        return FieldKind::Signature;
    }
    let could_be = matches!(
        (name.len(), first | 0x20),
        (4, b'f') | (6, b's') | (8, b'p') | (10, b'i' | b'x') | (11 | 13, b'r') | (15, b'a') | (17, b'x')
    );
    if could_be { look_up(&KINDS, name).unwrap_or(FieldKind::Other) } else { FieldKind::Other }
}

/// The kind of a name of ftext that may hold more than letters, digits and hyphens: some programs leave out comments, and
/// specials at its ends.
#[cold]
pub(super) fn spelled_kind(name: &[u8]) -> FieldKind {
    let known = known_kind(name);
    if known != FieldKind::Other {
        return known;
    }
    let mut depth = 0_usize;
    let spelled = name.iter().filter(|octet| {
        match octet {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => return depth == 0 && octet.is_ascii_alphanumeric(),
        }
        false
    });
    match obscures(spelled) {
        Some(identity) => FieldKind::Obscured(identity),
        // A program that reads on in the comment finds the name behind it.
        None if depth > 0 => FieldKind::Obscured(Identity::From),
        None => FieldKind::Other,
    }
}

/// The kind of a field with encoded-words in its body: one that hides a field that names a sender is obscured.
#[cold]
pub(super) fn kind_with_words(kind: FieldKind, body: &[u8]) -> FieldKind {
    if !matches!(kind, FieldKind::Other | FieldKind::Priority(_) | FieldKind::Signature) {
        return kind;
    }
    let mut hidden = None;
    holds_hidden_field(body, &mut |name| {
        hidden = obscures(name.iter().filter(|octet| octet.is_ascii_alphabetic()));
        hidden.is_some()
    });
    hidden.map_or(kind, FieldKind::Obscured)
}

/// Whether a name without a comment could spell one of those names: by its ends, which few other names have.
pub(super) fn may_obscure(name: &[u8]) -> bool {
    let (Some(first), Some(last)) = (name.first(), name.last()) else { return false };
    matches!(first | 0x20, b'a' | b'f' | b'r' | b's') && matches!(last | 0x20, b'm' | b'r')
        || !first.is_ascii_alphanumeric()
        || !last.is_ascii_alphanumeric()
}

/// The identity whose field's name letters spell, hyphens left out.
fn obscures<'n>(letters: impl Iterator<Item = &'n u8>) -> Option<Identity> {
    let mut spelled = [0; 16];
    let mut count = 0;
    for letter in letters {
        // A longer name spells none of them.
        *spelled.get_mut(count)? = letter.to_ascii_lowercase();
        count += 1;
    }
    let spelled = spelled.get(..count)?;
    KINDS.into_iter().find_map(|(known, kind)| {
        let (FieldKind::Originator(identity) | FieldKind::Beside(identity)) = kind else { return None };
        let letters = known.iter().filter(|octet| **octet != b'-').map(u8::to_ascii_lowercase);
        letters.eq(spelled.iter().copied()).then_some(identity)
    })
}

/// The kind of a name that holds other octets than ftext; `None` where that makes it no field.
#[cold]
pub(super) fn odd_kind_of(name: &[u8]) -> Option<FieldKind> {
    if let Some(identity) = obscures(name.iter().filter(|octet| octet.is_ascii_alphabetic())) {
        return Some(FieldKind::Obscured(identity));
    }
    // White space before the colon is obsolete syntax (RFC 5322 section 4.5).
    let trimmed = name.trim_ascii_end();
    let only_wsp = name.get(trimmed.len()..).unwrap_or_default().iter().all(is_wsp);
    if only_wsp && trimmed.iter().all(|octet| is_ftext(*octet)) { kind_of(trimmed) } else { None }
}

/// The length of `From ` or `>From ` with which the first line of an mbox entry begins (RFC 4155).
pub(super) fn from_line(line: &[u8]) -> Option<usize> {
    let quoted = usize::from(line.first() == Some(&b'>'));
    let prefix = line.get(quoted..quoted + 5)?;
    // `From :` is a field whose name is obscured; its body begins after the colon.
    let is_field = line.get(quoted + 4..)?.trim_ascii_start().first() == Some(&b':');
    (prefix.eq_ignore_ascii_case(b"From ") && !is_field).then_some(quoted + 5)
}

pub(super) const fn is_wsp(octet: &u8) -> bool {
    matches!(octet, b' ' | b'\t')
}

pub(super) const fn is_ftext(octet: u8) -> bool {
    matches!(octet, 33..=126)
}
