//! What makes a label valid (UTS #46 section 4.1), once its characters are mapped and normalized.

use crate::tables::{Class, Tables};

// The values of `Class::bidi`.
const LEFT: u8 = 1;
const RIGHT: u8 = 1 << 1;
const ARABIC_NUMBER: u8 = 1 << 2;
const EUROPEAN_NUMBER: u8 = 1 << 3;
const NONSPACING: u8 = 1 << 4;
/// ES, CS, ET, ON and BN.
const NEUTRAL: u8 = 1 << 5;

// The values of `Class::joining`.
const LEFT_JOINING: u8 = 1;
const RIGHT_JOINING: u8 = 2;
const DUAL_JOINING: u8 = 3;
const TRANSPARENT: u8 = 4;

const VIRAMA: u8 = 9;

fn class(character: char) -> Class {
    Tables::get().class(character).0
}

/// Everything but the bidi rule, which looks at the whole domain.
pub(crate) fn is_valid(label: &[char]) -> bool {
    let (Some(first), Some(last)) = (label.first(), label.last()) else { return true };
    let is_ldh = |character: &char| matches!(character, 'a'..='z' | '0'..='9' | '-' | '\u{80}'..);
    *first != '-'
        && *last != '-'
        && label.get(2..4) != Some(&['-', '-'])
        && label.iter().all(is_ldh)
        && !class(*first).is_mark
        && has_valid_joiners(label)
}

/// RFC 5892 appendices A.1 and A.2.
fn has_valid_joiners(label: &[char]) -> bool {
    label.iter().enumerate().filter(|(_, character)| matches!(character, '\u{200c}' | '\u{200d}')).all(
        |(at, joiner)| {
            let (before, after) = (label.get(..at).unwrap_or_default(), label.get(at + 1..).unwrap_or_default());
            let Some(last) = before.last() else { return false };
            class(*last).combining == VIRAMA
                || *joiner == '\u{200c}'
                    && joins(&mut before.iter().rev(), LEFT_JOINING)
                    && joins(&mut after.iter(), RIGHT_JOINING)
        },
    )
}

/// Whether the first character that is not transparent joins to the side asked for.
fn joins(characters: &mut dyn Iterator<Item = &char>, side: u8) -> bool {
    let mut types = characters.map(|character| class(*character).joining);
    types.find(|joining| *joining != TRANSPARENT).is_some_and(|joining| joining == side || joining == DUAL_JOINING)
}

/// RFC 5893 section 2, for a domain in U-labels.
pub(crate) fn is_valid_bidi(domain: &[char]) -> bool {
    let bidi = |character: &char| 1_u8 << class(*character).bidi;
    if !domain.iter().any(|character| bidi(character) & (RIGHT | ARABIC_NUMBER) != 0) {
        return true;
    }
    domain.split(|character| *character == '.').all(|label| {
        let Some(first) = label.first().map(bidi) else { return true };
        let last = label.iter().rev().map(bidi).find(|class| *class != NONSPACING).unwrap_or(NONSPACING);
        let all = label.iter().fold(0, |all, character| all | bidi(character));
        let anywhere = EUROPEAN_NUMBER | NONSPACING | NEUTRAL;
        match first {
            LEFT => all & !(LEFT | anywhere) == 0 && last & (LEFT | EUROPEAN_NUMBER) != 0,
            RIGHT => {
                all & !(RIGHT | ARABIC_NUMBER | anywhere) == 0
                    && last & (RIGHT | EUROPEAN_NUMBER | ARABIC_NUMBER) != 0
                    && all & (EUROPEAN_NUMBER | ARABIC_NUMBER) != EUROPEAN_NUMBER | ARABIC_NUMBER
            }
            _ => false,
        }
    })
}
