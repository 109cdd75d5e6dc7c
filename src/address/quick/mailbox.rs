//! The fast path for nearly every originator field.

use super::super::addr_spec::AddrSpec;
use super::super::charset::{base64_octets, sextet};
use super::super::encoded_word::hex;
use super::super::inside::keeps_its_quotes;
use super::super::reading::FoundAddress;
use super::plain::ATEXT_OR_DOT;

/// Longer fields go to the full reader.
const MAX_PLAIN_OCTETS: usize = 900;

/// Reads a field of one mailbox that has one reading: an addr-spec of atoms, alone or in angle brackets after a phrase.
/// The phrase is atoms and whole encoded-words, or one quoted-string without escapes. `mail-parser` finds the same
/// address; a property test in `second_reader.rs` checks that.
pub(crate) fn read_plain(body: &[u8]) -> Option<FoundAddress> {
    let address = plain_address(body)?;
    let is_plain = |octet: &u8| *octet == b'@' || is_plain_address(octet);
    let text = str::from_utf8(address).ok().filter(|_| address.iter().all(is_plain))?;
    Some(FoundAddress { text: text.to_owned(), spec: Some(AddrSpec::parse(text).ok()?) })
}

/// The address of such a field.
pub(crate) fn plain_address(body: &[u8]) -> Option<&[u8]> {
    if body.len() > MAX_PLAIN_OCTETS {
        return None;
    }
    let body = trim(body);
    let (b'>', rest) = body.split_last()? else { return Some(body) };
    let (phrase, address) = rest.split_at_checked(rest.iter().rposition(|octet| *octet == b'<')?)?;
    if is_plain_phrase(phrase) { address.get(1..) } else { None }
}

/// Atext without the question mark, and the dot, and octets above 127.
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
        // Without a question mark, no program finds an encoded-word.
        let is_plain = |octet: &u8| !matches!(octet, 0..=31 | 127 | b'"' | b'\\' | b'?') || *octet == b'\t';
        let is_syntax = |octet: &u8| matches!(octet, b'<' | b'>' | b',' | b';' | b':' | b'(' | b')' | b'\t' | 128..);
        let holds_at = inner.contains(&b'@');
        return inner.iter().all(is_plain) && (!holds_at || !inner.iter().any(is_syntax) && keeps_its_quotes(inner));
    }
    let mut words = phrase.split(|octet| matches!(octet, b' ' | b'\t')).peekable();
    while let Some(mut word) = words.next() {
        if words.peek().is_some() {
            // The white space after it makes it a fold.
            word = word.strip_suffix(b"\r\n").or_else(|| word.strip_suffix(b"\n")).unwrap_or(word);
        }
        if !word.iter().all(is_plain_word) && !is_encoded_word(word) {
            return false;
        }
    }
    true
}

/// A whole UTF-8 encoded-word that decodes to no character of address or line syntax.
fn is_encoded_word(word: &[u8]) -> bool {
    match word {
        [b'=', b'?', b'u' | b'U', b't' | b'T', b'f' | b'F', b'-', b'8', b'?', coding, b'?', text @ .., b'?', b'='] => {
            match coding {
                b'q' | b'Q' => is_harmless_q(text),
                b'b' | b'B' => is_harmless_base64(text),
                _ => false,
            }
        }
        _ => false,
    }
}

fn is_harmless_base64(text: &[u8]) -> bool {
    let padding = text.iter().rev().take_while(|octet| **octet == b'=').count();
    let mut harmless = Harmless::default();
    text.iter().rev().skip(padding).all(|octet| sextet(*octet).is_some())
        && base64_octets(text).all(|octet| harmless.takes(octet))
        && harmless.ends()
}

fn is_harmless_q(text: &[u8]) -> bool {
    let mut harmless = Harmless::default();
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'=' {
            // The character itself, or a space for `_`.
            harmless.previous = 0;
            if !is_plain_address(first) {
                return false;
            }
            continue;
        }
        let [high, low, tail @ ..] = tail else { return false };
        rest = tail;
        if !hex(*high, *low).is_some_and(|octet| harmless.takes(octet)) {
            return false;
        }
    }
    harmless.ends()
}

/// Whether a decoded octet is no address or line syntax.
#[derive(Default)]
struct Harmless {
    previous: u8,
}

impl Harmless {
    #[inline]
    fn takes(&mut self, octet: u8) -> bool {
        // U+0085, U+2028 and U+2029 begin with these octets, and two words may share a character.
        let pair = [self.previous, octet];
        self.previous = octet;
        !matches!(octet, 0..=31 | 127 | b'@' | b'=' | b'?' | 0xc0 | 0xc1 | 0xe0 | 0xf0)
            && !matches!(pair, [0xc2, 0x85] | [0xe2, 0x80])
    }

    const fn ends(&self) -> bool {
        !matches!(self.previous, 0xc2 | 0xe2)
    }
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
