//! Facts about a header section for a log and a gate. No decision depends on them.

use super::header::{Field, split_header};
use crate::address::{Charset, EncodedWord};

/// Facts about a header section for a log and a gate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HeaderFacts {
    /// The first `Subject` (RFC 5322 section 3.6.5), decoded (RFC 2047) for display: each run of white space and
    /// controls becomes one space, bidi controls are removed, and at most 200 characters are kept. Characters of a
    /// character set that the engine cannot decode become U+FFFD. `None` if there is no `Subject`.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub subject: Option<String>,
    /// The number of `Received` fields (RFC 5321 section 6.3).
    pub received: usize,
}

/// Reads a header section as far as it is well formed. The text after its empty line is not read.
///
/// ```
/// use sendergate::message::header_facts;
/// let facts = header_facts(b"Received: a\r\nSubject: =?utf-8?q?Caf=C3=A9?=\r\n\r\n");
/// assert_eq!((facts.subject.as_deref(), facts.received), (Some("Café"), 1));
/// ```
#[must_use]
pub fn header_facts(header: &[u8]) -> HeaderFacts {
    let (pieces, received) = read_facts(header);
    let subject = pieces.map(|pieces| {
        let known = |piece: Piece<'_>| match piece {
            Piece::Text(text) => text,
            Piece::Foreign(charset, octets) => Charset::of(charset).text(charset, &octets),
        };
        shown(&pieces.into_iter().map(known).collect::<String>())
    });
    HeaderFacts { subject, received }
}

/// A part of a Subject.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Decoded text.
    Text(String),
    /// The name of a character set that the engine cannot decode, and the octets.
    Foreign(&'a [u8], Vec<u8>),
}

/// The most octets of a field that are read. 200 characters in encoded-words are a few thousand octets.
const MAX_OCTETS: usize = 8 * 1024;
const MAX_CHARACTERS: usize = 200;

/// The pieces of the first Subject, and the number of `Received` fields.
pub(crate) fn read_facts(header: &[u8]) -> (Option<Vec<Piece<'_>>>, usize) {
    let section = split_header(header, false);
    let named = |name: &'static [u8]| move |field: &&Field<'_>| field.name.trim_ascii_end().eq_ignore_ascii_case(name);
    let subject = section.fields.iter().find(named(b"Subject")).map(|field| {
        let body = field.body.get(..MAX_OCTETS).unwrap_or(field.body);
        pieces(body)
    });
    (subject, section.fields.iter().filter(named(b"Received")).count())
}

/// Splits a Subject into pieces. White space between two encoded-words is removed. The octets of adjacent words are
/// decoded together, because some programs split a character between them (RFC 2047 sections 5 and 6.2).
fn pieces(body: &[u8]) -> Vec<Piece<'_>> {
    let raw = if is_utf8(body) { b"utf-8".as_slice() } else { b"windows-1252" };
    let mut pieces = Vec::new();
    let mut pending: Option<(&[u8], Vec<u8>)> = None;
    let (mut at, mut from) = (0, 0);
    while let Some(word) = EncodedWord::next(body, from) {
        if !is_encoded_word(body, &word) {
            from = word.start + 2;
            continue;
        }
        let between = body.get(at..word.start).unwrap_or_default();
        let is_adjacent = pending.is_some() && between.iter().all(u8::is_ascii_whitespace);
        match &mut pending {
            Some((charset, octets)) if is_adjacent && charset.eq_ignore_ascii_case(word.charset()) => {
                octets.extend(word.octets());
            }
            _ => {
                push(&mut pieces, pending.take());
                if !is_adjacent {
                    push(&mut pieces, Some((raw, between.to_vec())));
                }
                pending = Some((word.charset(), word.octets()));
            }
        }
        (at, from) = (word.end, word.end);
    }
    push(&mut pieces, pending);
    push(&mut pieces, Some((raw, body.get(at..).unwrap_or_default().to_vec())));
    pieces
}

fn push<'a>(pieces: &mut Vec<Piece<'a>>, octets: Option<(&'a [u8], Vec<u8>)>) {
    let Some((name, octets)) = octets.filter(|(_, octets)| !octets.is_empty()) else { return };
    let charset = Charset::of(name);
    // The host may be able to decode a name that is unknown here.
    let is_known = charset.is_exact() && (charset != Charset::Octets || is_name_of_utf8(name));
    pieces.push(if is_known { Piece::Text(charset.text(name, &octets)) } else { Piece::Foreign(name, octets) });
}

/// Whether it is an encoded-word, and not a text with `=?` in it.
fn is_encoded_word(body: &[u8], word: &EncodedWord<'_>) -> bool {
    let is_closed = body.get(word.start..word.end).is_some_and(|text| text.ends_with(b"?="));
    is_closed && !word.charset().is_empty() && word.charset().iter().all(u8::is_ascii_graphic)
}

fn is_name_of_utf8(name: &[u8]) -> bool {
    let letters = name.iter().filter(|octet| octet.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase);
    letters.eq(b"utf8".iter().copied())
}

/// Whether raw octets are UTF-8; the last character may be cut.
fn is_utf8(octets: &[u8]) -> bool {
    match str::from_utf8(octets) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && octets.len() == MAX_OCTETS,
    }
}

/// A text for display in one line.
pub(crate) fn shown(text: &str) -> String {
    let mut out = String::new();
    let (mut count, mut gap) = (0, false);
    for character in text.chars().filter(|character| !is_bidi_control(*character)) {
        if character.is_whitespace() || character.is_control() {
            gap = count > 0;
            continue;
        }
        let needed = 1 + usize::from(gap);
        if count + needed > MAX_CHARACTERS {
            break;
        }
        if std::mem::take(&mut gap) {
            out.push(' ');
        }
        out.push(character);
        count += needed;
    }
    out
}

/// Characters that change the writing direction (UAX #9), the byte order mark, and annotation characters.
const fn is_bidi_control(character: char) -> bool {
    matches!(character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}')
}
