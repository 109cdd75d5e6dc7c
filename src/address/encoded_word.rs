//! Encoded-words (RFC 2047), decoded as leniently as any program decodes them, to find every sender they could name.

use super::charset::{Charset, Order, unbase64};
use std::ops::Range;

/// An encoded-word, or a text that a lenient program takes for one.
#[derive(Clone, Copy)]
pub(crate) struct EncodedWord<'a> {
    /// The place of its `=?`.
    pub(crate) start: usize,
    /// The place after its `?=`, or the end of the text.
    pub(crate) end: usize,
    /// The character set with its language suffix, if any.
    tag: &'a [u8],
    charset: &'a [u8],
    base64: bool,
    text: &'a [u8],
    closed: bool,
}

impl<'a> EncodedWord<'a> {
    /// The first encoded-word that begins at `from` or later.
    pub(crate) fn next(text: &'a [u8], from: usize) -> Option<Self> {
        let mut at = from;
        loop {
            at += find(text.get(at..)?, b"=?")?;
            match Self::at(text, at) {
                Some(word) => return Some(word),
                None => at += 2,
            }
        }
    }

    /// The encoded-word at `start`, the place of an `=?`.
    pub(super) fn at(text: &'a [u8], start: usize) -> Option<Self> {
        let rest = text.get(start + 2..)?;
        let length = rest.iter().position(|octet| *octet == b'?')?;
        let charset = rest.get(..length)?;
        let [encoding @ (b'b' | b'B' | b'q' | b'Q'), b'?', data @ ..] = rest.get(length + 1..)? else { return None };
        let closing = find(data, b"?=");
        let data_length = closing.unwrap_or(data.len());
        let data_start = start + 2 + length + 3;
        Some(Self {
            start,
            end: data_start + data_length + if closing.is_some() { 2 } else { 0 },
            tag: charset,
            charset: charset.split(|octet| *octet == b'*').next().unwrap_or(charset),
            base64: encoding.eq_ignore_ascii_case(&b'b'),
            text: data.get(..data_length)?,
            closed: closing.is_some(),
        })
    }

    /// Whether every program recognizes all of it: only characters of RFC 2047 section 2, and no special of RFC 5322.
    pub(super) fn is_whole(&self) -> bool {
        let is_token =
            |octet: &u8| super::quick::plain::ATEXT_OR_DOT.get(usize::from(*octet)).is_some_and(|it| *it != 0);
        let padding = self.text.iter().rev().take_while(|octet| **octet == b'=').count();
        let coded = self.text.get(..self.text.len() - padding).unwrap_or_default();
        let is_base64 = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/');
        self.closed
            && !self.charset.is_empty()
            && self.tag.iter().all(is_token)
            && if self.base64 { coded.iter().all(is_base64) } else { self.text.iter().all(is_token) }
    }

    /// Whether it is base64 with other characters in it. Some programs skip these, some stop there.
    pub(super) fn is_odd_base64(&self) -> bool {
        let is_base64 = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/' | b'=');
        self.base64 && !self.text.iter().all(is_base64)
    }

    /// The character set, without its language suffix (RFC 2231 section 5).
    pub(crate) const fn charset(&self) -> &'a [u8] {
        self.charset
    }

    /// The decoded octets.
    pub(crate) fn octets(&self) -> Vec<u8> {
        if self.base64 {
            return unbase64(self.text);
        }
        let mut out = Vec::with_capacity(self.text.len());
        let mut rest = self.text;
        while let Some((first, tail)) = rest.split_first() {
            rest = tail;
            let coded = match tail {
                [high, low, after @ ..] if *first == b'=' => hex(*high, *low).zip(Some(after)),
                _ => None,
            };
            match (coded, *first) {
                (Some((octet, after)), _) => {
                    out.push(octet);
                    rest = after;
                }
                (None, b'_') => out.push(b' '),
                (None, octet) => out.push(octet),
            }
        }
        out
    }
}

pub(super) fn hex(high: u8, low: u8) -> Option<u8> {
    let digit = |octet: u8| char::from(octet).to_digit(16);
    Some((digit(high)? << 4 | digit(low)?) as u8)
}

fn find(text: &[u8], pair: &[u8; 2]) -> Option<usize> {
    text.windows(2).position(|window| window == pair)
}

/// Whether every `=?` begins a whole encoded-word.
pub(super) fn all_whole(text: &[u8]) -> bool {
    let mut at = 0;
    while let Some(more) = text.get(at..).and_then(|rest| find(rest, b"=?")) {
        match EncodedWord::at(text, at + more).filter(EncodedWord::is_whole) {
            Some(word) => at = word.end,
            None => return false,
        }
    }
    true
}

/// A text with its encoded-words decoded.
#[derive(Default)]
pub(super) struct Decoded {
    pub(super) text: String,
    /// The parts of the text that came from encoded-words.
    pub(super) coded: Vec<Range<usize>>,
}

/// Decodes every encoded-word and removes white space between two of them (RFC 2047 section 6.2). Programs differ, so
/// two choices are parameters: `joined` joins the octets of adjacent words with the same character set before decoding,
/// and `order` is the byte order of 16-bit units without a byte order mark.
pub(super) fn decode(text: &[u8], joined: bool, order: Order) -> Decoded {
    let mut out = Decoded::default();
    let mut at = 0;
    let mut pending: Option<(&[u8], Vec<u8>)> = None;
    while let Some(word) = EncodedWord::next(text, at) {
        let between = text.get(at..word.start).unwrap_or_default();
        let adjacent = pending.is_some() && between.iter().all(u8::is_ascii_whitespace);
        match &mut pending {
            Some((charset, octets)) if joined && adjacent && charset.eq_ignore_ascii_case(word.charset) => {
                octets.extend(word.octets());
            }
            _ => {
                out.flush(pending.take(), order);
                if !adjacent {
                    out.raw(between);
                }
                pending = Some((word.charset, word.octets()));
            }
        }
        at = word.end;
    }
    out.flush(pending, order);
    out.raw(text.get(at..).unwrap_or_default());
    out
}

impl Decoded {
    fn flush(&mut self, pending: Option<(&[u8], Vec<u8>)>, order: Order) {
        let Some((name, octets)) = pending else { return };
        let start = self.text.len();
        Charset::of(name).decode(name, &octets, order, &mut self.text);
        self.coded.push(start..self.text.len());
    }

    fn raw(&mut self, octets: &[u8]) {
        self.text.push_str(&String::from_utf8_lossy(octets));
    }
}
