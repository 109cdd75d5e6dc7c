//! The quick way for what nearly every originator field is.

use super::local_part::is_atext;
use super::{AddrSpec, FoundAddress};

/// Reads a field of one mailbox that nobody can read in two ways: an addr-spec of atoms, alone or in angle
/// brackets behind a phrase of atoms and whole encoded-words or of one quoted-string, without anything escaped.
/// `mail-parser` finds the same address in it, which a property in `second_reader.rs` holds it to.
pub(crate) fn read_plain(body: &[u8]) -> Option<FoundAddress> {
    let body = trim(body);
    let address = match body.split_last()? {
        (b'>', rest) => {
            let less = rest.iter().rposition(|octet| *octet == b'<')?;
            if !is_plain_phrase(rest.get(..less)?) {
                return None;
            }
            rest.get(less + 1..)?
        }
        _ => body,
    };
    let is_plain = |octet: &u8| matches!(octet, b'.' | b'@') || is_atext(*octet) && *octet != b'?';
    if !address.iter().all(is_plain) {
        return None;
    }
    let text = str::from_utf8(address).ok()?;
    let spec = AddrSpec::parse(text).ok()?;
    Some(FoundAddress { text: text.to_owned(), spec: Some(spec) })
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
        let is_plain = |octet: &u8| matches!(octet, b'.' | 128..) || is_atext(*octet) && *octet != b'?';
        if !word.iter().all(is_plain) && !is_encoded_word(word) {
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
    charset.iter().chain(text).all(|octet| *octet == b'.' || is_atext(*octet))
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
