//! The quick way for what nearly every originator field is.

use super::super::addr_spec::AddrSpec;
use super::super::encoded_word::EncodedWord;
use super::super::inside::keeps_its_quotes;
use super::super::reading::FoundAddress;
use super::plain::ATEXT_OR_DOT;

/// Longer ones are looked at more closely.
const MAX_PLAIN_OCTETS: usize = 900;

/// Reads a field of one mailbox that nobody can read in two ways: an addr-spec of atoms, alone or in angle
/// brackets behind a phrase of atoms and whole encoded-words or of one quoted-string, without anything escaped.
/// `mail-parser` finds the same address in it, which a property in `second_reader.rs` holds it to.
pub(crate) fn read_plain(body: &[u8]) -> Option<FoundAddress> {
    let address = plain_address(body)?;
    let is_plain = |octet: &u8| *octet == b'@' || is_plain_address(octet);
    let text = str::from_utf8(address).ok().filter(|_| address.iter().all(is_plain))?;
    Some(FoundAddress { text: text.to_owned(), spec: Some(AddrSpec::parse(text).ok()?) })
}

/// What stands where the address of such a field is.
pub(crate) fn plain_address(body: &[u8]) -> Option<&[u8]> {
    if body.len() > MAX_PLAIN_OCTETS {
        return None;
    }
    let body = trim(body);
    let (b'>', rest) = body.split_last()? else { return Some(body) };
    let (phrase, address) = rest.split_at_checked(rest.iter().rposition(|octet| *octet == b'<')?)?;
    if is_plain_phrase(phrase) { address.get(1..) } else { None }
}

/// Atext without the question mark, the dot, and octets above 127.
#[inline]
fn is_plain_word(octet: &u8) -> bool {
    *octet >= 128 || is_plain_address(octet)
}

#[inline]
fn is_plain_address(octet: &u8) -> bool {
    ATEXT_OR_DOT.get(usize::from(*octet)).is_some_and(|folded| *folded != 0)
}

fn is_plain_phrase(phrase: &[u8]) -> bool {
    if let [b'"', inner @ .., b'"'] = trim(phrase) {
        // Without question marks no program finds an encoded-word in it.
        let is_plain = |octet: &u8| !matches!(octet, 0..=31 | 127 | b'"' | b'\\' | b'?') || *octet == b'\t';
        let is_syntax = |octet: &u8| matches!(octet, b'<' | b'>' | b',' | b';' | b':' | b'(' | b')' | b'\t' | 128..);
        let holds_at = inner.contains(&b'@');
        return inner.iter().all(is_plain) && (!holds_at || !inner.iter().any(is_syntax) && keeps_its_quotes(inner));
    }
    let mut words = phrase.split(|octet| matches!(octet, b' ' | b'\t')).peekable();
    while let Some(mut word) = words.next() {
        if words.peek().is_some() {
            // The white space that follows makes it a fold.
            word = word.strip_suffix(b"\r\n").or_else(|| word.strip_suffix(b"\n")).unwrap_or(word);
        }
        if !word.iter().all(is_plain_word) && !is_encoded_word(word) {
            return false;
        }
    }
    true
}

/// A whole encoded-word in UTF-8 that decodes to nothing that could shape an address or a line.
fn is_encoded_word(word: &[u8]) -> bool {
    let Some(found) = EncodedWord::at(word, 0).filter(|found| word.starts_with(b"=?") && found.end == word.len())
    else {
        return false;
    };
    if !found.is_whole() || !found.charset().eq_ignore_ascii_case(b"utf-8") {
        return false;
    }
    let octets = found.octets();
    let harmless = |octet: &u8| !matches!(octet, 0..=31 | 127 | b'@' | b'=' | b'?' | 0xc0 | 0xc1 | 0xe0 | 0xf0);
    // U+0085, U+2028, U+2029, U+FF20 and U+FE6B begin with these, and words may part a character.
    let mut previous = 0;
    let is_line_break = |octet: &u8| {
        let pair = [previous, *octet];
        previous = *octet;
        matches!(pair, [0xc2, 0x85] | [0xe2, 0x80])
    };
    octets.iter().all(harmless) && !octets.iter().any(is_line_break) && !matches!(octets.last(), Some(0xc2 | 0xe2))
}

fn trim(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = text {
        text = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}
