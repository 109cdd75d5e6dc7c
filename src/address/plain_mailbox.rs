//! The quick way for what nearly every originator field is.

use super::addr_spec::ATEXT_OR_DOT;
use super::{AddrSpec, FoundAddress};

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
    let body = trim(body);
    let (b'>', rest) = body.split_last()? else { return Some(body) };
    let (phrase, address) = rest.split_at_checked(rest.iter().rposition(|octet| *octet == b'<')?)?;
    if is_plain_phrase(phrase) && !holds_line_break(phrase) { address.get(1..) } else { None }
}

/// Whether U+0085, U+2028 or U+2029 stands in a text: a line break to some programs (Python's `splitlines`, the `^` of
/// JavaScript's regular expressions), so that they see another field where it stands.
pub(super) fn holds_line_break(text: &[u8]) -> bool {
    let is_break = |octets: &[u8]| matches!(octets, [0xc2, 0x85, ..] | [0xe2, 0x80, 0xa8 | 0xa9]);
    !text.is_ascii() && (text.windows(3).any(is_break) || text.ends_with(b"\xc2\x85"))
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
        return inner.iter().all(is_plain);
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

/// `=?charset?encoding?text?=` of atoms (RFC 2047 section 2).
fn is_encoded_word(word: &[u8]) -> bool {
    let Some(inner) = word.strip_prefix(b"=?").and_then(|word| word.strip_suffix(b"?=")) else { return false };
    let mut parts = inner.split(|octet| *octet == b'?');
    let (Some(charset), Some([b'q' | b'Q' | b'b' | b'B']), Some(text), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    charset.iter().chain(text).all(is_plain_address)
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
