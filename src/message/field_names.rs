//! The meaning of field names, and the names that some programs mistake for that of an originator field.

use crate::address::{Identity, holds_hidden_field};
use crate::priority::PrioritySource;

/// The meaning of a field name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldKind {
    /// An originator field.
    Originator(Identity),
    /// A field that names a sender in addition to an originator field, but cannot replace it: `Apparently-From`.
    Beside(Identity),
    /// A name that some programs mistake for that of an originator field: with white space before the colon, a leading
    /// space on the first line, a fold, a comment or other bytes in it. Also the `From ` line of an mbox file.
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

/// The value of `word` in a table, ignoring case. One shared loop, since inlined copies make the module larger.
pub(super) fn look_up<T: Copy>(table: &[(&[u8], T)], word: &[u8]) -> Option<T> {
    table.iter().find(|(known, _)| word.len() == known.len() && is_same_word(word, known)).map(|(_, value)| *value)
}

/// Compares texts of the same length. Most octets have the same case, so that is tested first.
#[inline(never)]
fn is_same_word(word: &[u8], known: &[u8]) -> bool {
    word.iter().zip(known).all(|(octet, known)| octet == known || octet.eq_ignore_ascii_case(known))
}

/// The kind of a name of ftext (RFC 5322 section 3.6.8); `None` for an empty name.
pub(super) fn kind_of(name: &[u8]) -> Option<FieldKind> {
    if name.is_empty() { None } else { Some(spelled_kind(name)) }
}

/// The kind of a name in its usual spelling.
pub(super) fn known_kind(name: &[u8]) -> FieldKind {
    let Some(first) = name.first() else { return FieldKind::Other };
    // Length and first letters rule out nearly all other names.
    // `DKIM-Signature` is the only one with 14 octets that begins with `DK`.
    if name.len() == 14 && first | 0x20 == b'd' && name.get(1).is_some_and(|octet| octet | 0x20 == b'k') {
        return FieldKind::Signature;
    }
    let could_be = matches!(
        (name.len(), first | 0x20),
        (4, b'f') | (6, b's') | (8, b'p') | (10, b'i' | b'x') | (11 | 13, b'r') | (15, b'a') | (17, b'x')
    );
    if could_be { look_up(&KINDS, name).unwrap_or(FieldKind::Other) } else { FieldKind::Other }
}

/// The kind of any name of ftext. Some programs ignore comments in it, and special characters at its ends.
#[cold]
pub(super) fn spelled_kind(name: &[u8]) -> FieldKind {
    let known = known_kind(name);
    if known != FieldKind::Other {
        return known;
    }
    let mut depth = 0_usize;
    let spelled = name.iter().filter(|octet| is_outside(**octet, &mut depth) && octet.is_ascii_alphanumeric());
    match obscures(spelled) {
        Some(identity) => FieldKind::Obscured(identity),
        // A parenthesis is not closed, and some program may find a name after it.
        None if depth > 0 => FieldKind::Obscured(Identity::From),
        None => FieldKind::Other,
    }
}

/// Whether an octet of a name is outside its parenthesized parts, which some programs ignore. `depth` counts the open
/// parentheses.
#[inline]
pub(super) const fn is_outside(octet: u8, depth: &mut usize) -> bool {
    match octet {
        b'(' => *depth += 1,
        b')' => *depth = depth.saturating_sub(1),
        _ => return *depth == 0,
    }
    false
}

/// The kind of a field with encoded-words in its body: obscured, if they hide an originator field. `left` is the number
/// of octets of nested words that may still be read.
#[cold]
pub(super) fn kind_with_words(kind: FieldKind, body: &[u8], left: &mut usize) -> FieldKind {
    if !matches!(kind, FieldKind::Other | FieldKind::Priority(_) | FieldKind::Signature) {
        return kind;
    }
    let mut hidden = None;
    holds_hidden_field(body, left, &mut |name| {
        hidden = obscures(name.iter().filter(|octet| octet.is_ascii_alphabetic()));
        hidden.is_some()
    });
    hidden.map_or(kind, FieldKind::Obscured)
}

/// The kind of a name of ftext without `(`.
#[inline(always)]
pub(super) fn plain_kind(name: &[u8]) -> FieldKind {
    let end = |octet: Option<&u8>| octet.and_then(|octet| ENDS.get(usize::from(*octet & 0x7f))).copied().unwrap_or(ODD);
    let (first, last) = (end(name.first()), end(name.last()));
    if (first | last) & ODD != 0 || first & OBSCURED_FIRST != 0 && last & OBSCURED_LAST != 0 {
        return spelled_kind(name);
    }
    if first & KNOWN_FIRST == 0 { FieldKind::Other } else { known_kind(name) }
}

/// Neither letter nor digit: some programs ignore it at the ends of a name.
const ODD: u8 = 1;
/// The first and last letters of the names that [`obscures`] looks for. Few other names have both.
const OBSCURED_FIRST: u8 = 2;
const OBSCURED_LAST: u8 = 4;
/// The first letters of the names with a meaning.
const KNOWN_FIRST: u8 = 8;

/// What the first or last octet of a name says about it, by the lower seven bits.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks the bounds")]
static ENDS: [u8; 128] = {
    let mut ends = [0; 128];
    let mut octet = 0;
    while octet < 128 {
        ends[octet] = match octet as u8 | 0x20 {
            _ if !(octet as u8).is_ascii_alphanumeric() => ODD,
            b'a' | b'f' | b's' => OBSCURED_FIRST | KNOWN_FIRST,
            b'r' => OBSCURED_FIRST | OBSCURED_LAST | KNOWN_FIRST,
            b'm' => OBSCURED_LAST,
            b'd' | b'i' | b'p' | b'x' => KNOWN_FIRST,
            _ => 0,
        };
        octet += 1;
    }
    ends
};

/// The identity whose field name consists of these letters, ignoring hyphens.
fn obscures<'n>(letters: impl Iterator<Item = &'n u8>) -> Option<Identity> {
    let mut spelled = [0; 16];
    let mut count = 0;
    for letter in letters {
        // A longer name is none of them.
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

/// The kind of a name with octets other than ftext; `None` if it is no field.
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

/// The length of `From ` or `>From ` at the start of the first line of an mbox entry (RFC 4155).
pub(super) fn from_line(line: &[u8]) -> Option<usize> {
    let quoted = usize::from(line.first() == Some(&b'>'));
    let prefix = line.get(quoted..quoted + 5)?;
    // `From :` is a field with an obscured name; its body begins after the colon.
    let is_field = line.get(quoted + 4..)?.trim_ascii_start().first() == Some(&b':');
    (prefix.eq_ignore_ascii_case(b"From ") && !is_field).then_some(quoted + 5)
}

pub(super) const fn is_wsp(octet: &u8) -> bool {
    matches!(octet, b' ' | b'\t')
}

pub(super) const fn is_ftext(octet: u8) -> bool {
    matches!(octet, 33..=126)
}
