//! Internationalized domain names (UTS #46) and NFC, in a form that weighs little.
//!
//! The data is ICU4X's, whose own tables are laid out for looking up where they are: some 30 KB compressed. Here it
//! stands in columns for a compressor (see build.rs) and is unfolded in memory on first use: a third of that. The rules
//! are those of the `idna` crate, for the one set of options that the engine wants. The tests compare both with ICU4X's
//! and `idna`'s answers.

mod label;
mod normalize;
mod punycode;
mod tables;

use tables::{IGNORED, MAPPED, Tables, VALID};

/// The NFC form of a text.
///
/// ```
/// assert_eq!(uts46::nfc("u\u{308}"), "ü");
/// ```
#[must_use]
pub fn nfc(text: &str) -> String {
    normalize::compose(&text.chars().collect::<Vec<char>>()).into_iter().collect()
}

/// A domain in A-labels: UTS #46 ToASCII, non-transitional, with UseSTD3ASCIIRules, CheckHyphens, CheckBidi and
/// CheckJoiners. Nothing if it breaks a rule.
///
/// Lengths are left to the caller: empty labels pass, and a label that is too long comes out too long.
///
/// ```
/// assert_eq!(uts46::to_ascii("Bücher.example").as_deref(), Some("xn--bcher-kva.example"));
/// assert_eq!(uts46::to_ascii("a_b.example"), None);
/// ```
#[must_use]
pub fn to_ascii(text: &str) -> Option<String> {
    let mapped = map(&mut text.chars(), true)?;
    let mut unicode = Vec::with_capacity(mapped.len());
    for (number, label) in mapped.split(|character| *character == '.').enumerate() {
        if number > 0 {
            unicode.push('.');
        }
        let start = unicode.len();
        if let Some(encoded) = label.strip_prefix(&['x', 'n', '-', '-']) {
            punycode::decode(encoded, &mut unicode)?;
            let decoded = unicode.get(start..)?;
            let valid = !decoded.iter().all(char::is_ascii) && map(&mut decoded.iter().copied(), false)? == decoded;
            if !valid {
                return None;
            }
        } else {
            unicode.extend_from_slice(label);
        }
        if !label::is_valid(unicode.get(start..)?) {
            return None;
        }
    }
    if !label::is_valid_bidi(&unicode) {
        return None;
    }
    let mut ascii = String::with_capacity(unicode.len());
    for (number, label) in unicode.split(|character| *character == '.').enumerate() {
        if number > 0 {
            ascii.push('.');
        }
        punycode::push_label(label, &mut ascii);
    }
    Some(ascii)
}

/// A domain that [`to_ascii`] made, in U-labels.
///
/// ```
/// assert_eq!(uts46::to_unicode("xn--bcher-kva.example"), "bücher.example");
/// ```
#[must_use]
pub fn to_unicode(ascii: &str) -> String {
    let mut unicode = String::with_capacity(ascii.len());
    for (number, label) in ascii.split('.').enumerate() {
        if number > 0 {
            unicode.push('.');
        }
        let mut decoded = Vec::new();
        let encoded: Option<Vec<char>> = label.strip_prefix("xn--").map(|encoded| encoded.chars().collect());
        match encoded.and_then(|encoded| punycode::decode(&encoded, &mut decoded)) {
            Some(()) => unicode.extend(decoded),
            None => unicode.push_str(label),
        }
    }
    unicode
}

/// Maps a text as UTS #46 does, and normalizes it. `ignores`: what is to be ignored is, else it is not allowed.
fn map(characters: &mut dyn Iterator<Item = char>, ignores: bool) -> Option<Vec<char>> {
    let tables = Tables::get();
    let mut out = Vec::with_capacity(characters.size_hint().0);
    for character in characters {
        let (class, place) = tables.class(character);
        match class.status {
            VALID => out.push(character),
            MAPPED => tables.push_mapping(place, &mut out),
            IGNORED if ignores => {}
            _ => return None,
        }
    }
    Some(normalize::compose_mapped(out))
}

#[cfg(test)]
mod against_icu;
