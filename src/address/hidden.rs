//! Finds addresses and line breaks hidden in encoded-words. Some programs decode a field before they parse it, and some
//! write the decoded text into a header again.

use super::addr_spec::AddrSpec;
use super::charset::{Charset, Order, base64_octets};
use super::encoded_word::{Decoded, EncodedWord, decode};
use super::quick::octets::find_octet;
use super::reading::{FoundAddress, MailboxProblem};

/// The most encoded-words of one field that are read, including words inside decoded words. Correct fields have fewer:
/// a field has at most 2,000 octets here, and a word usually up to 75 (RFC 2047 section 2).
const MAX_WORDS: usize = 100;

/// The findings in the encoded-words of a text.
pub(super) struct Hidden {
    /// The addresses in the decoded text. Each must be covered.
    pub(super) addresses: Vec<FoundAddress>,
    /// The problem that makes the field ambiguous.
    pub(super) problem: Option<MailboxProblem>,
    /// The decoded text contains an `@`, or a character like it.
    pub(super) holds_at: bool,
    /// The number of words that were read.
    words: usize,
}

/// Reads every encoded-word of a text, including broken ones.
pub(super) fn read_encoded_words(text: &[u8]) -> Hidden {
    let mut hidden = Hidden { addresses: Vec::new(), problem: None, holds_at: false, words: 0 };
    hidden.read_encoded_words(text);
    hidden
}

impl Hidden {
    fn problem(&mut self, problem: MailboxProblem) {
        self.problem.get_or_insert(problem);
    }

    fn read_encoded_words(&mut self, text: &[u8]) {
        let (mut count, mut at, mut end) = (0, 0, 0);
        // Every `=?` counts, also one inside another word, because programs differ in where a word begins and ends.
        while let Some(word) = EncodedWord::next(text, at) {
            count += 1;
            self.words += 1;
            if self.words > MAX_WORDS || word.is_odd_base64() || Charset::of(word.charset()).is_decoded_differently() {
                return self.problem(MailboxProblem::EncodedWord);
            }
            if word.start < end {
                self.judge_ways(text.get(word.start..).unwrap_or_default(), true);
            }
            end = word.end.max(end);
            at = word.start + 2;
        }
        if count > 0 {
            self.judge_ways(text, count > 1);
        }
    }

    /// Decodes word by word, and with the octets of adjacent words joined if there are several.
    fn judge_ways(&mut self, text: &[u8], several: bool) {
        self.judge(&decode(text, false, Order::Big));
        if several {
            self.judge(&decode(text, true, Order::Big));
        }
    }

    fn judge(&mut self, decoded: &Decoded) {
        let text = &*decoded.text;
        let mut is_word = false;
        for range in &decoded.coded {
            let coded = text.get(range.clone()).unwrap_or_default();
            if coded.chars().any(is_control) {
                self.problem(MailboxProblem::EncodedControl);
            }
            self.holds_at |= coded.chars().any(is_at);
            for (at, _) in coded.bytes().enumerate().filter(|(_, octet)| *octet == b'@') {
                self.address(text, range.start + at);
            }
            // A word that words decode to; it may begin or end outside of them.
            let around = text.as_bytes().get(range.start.saturating_sub(1)..(range.end + 1).min(text.len()));
            is_word |= around.unwrap_or_default().windows(2).any(|pair| pair == b"=?");
        }
        if is_word {
            self.read_encoded_words(text.as_bytes());
        }
    }

    /// The text around an `@` that programs take for an address. Obsolete syntax allows white space next to `@` and
    /// dots (RFC 5322 section 4.4).
    fn address(&mut self, text: &str, at: usize) {
        let (before, after) = text.split_at_checked(at).unwrap_or_default();
        let mut written = Run::default();
        before.chars().rev().take_while(|character| written.takes(*character)).for_each(drop);
        let mut written: String = written.text.chars().rev().collect();
        let mut domain = Run::default();
        after.chars().skip(1).take_while(|character| domain.takes(*character)).for_each(drop);
        if written.is_empty() || !domain.text.trim_matches('.').contains('.') {
            return;
        }
        written.push('@');
        written.push_str(&domain.text);
        let spec = AddrSpec::parse(&written).ok();
        if spec.is_none() {
            self.problem(MailboxProblem::EncodedWord);
        }
        if !self.addresses.iter().any(|found| found.text == written) {
            self.addresses.push(FoundAddress { text: written, spec });
        }
    }
}

/// Collects the characters of an address, up to one that ends it.
#[derive(Default)]
struct Run {
    text: String,
    gap: bool,
}

impl Run {
    fn takes(&mut self, character: char) -> bool {
        match character {
            _ if character.is_whitespace() => {
                self.gap = true;
                return true;
            }
            '(' | ')' | '<' | '>' | '[' | ']' | ':' | ';' | '@' | ',' | '"' => return false,
            // White space ends a word, unless it is next to an `@` or a dot.
            _ if self.gap && character != '.' && !self.text.is_empty() && !self.text.ends_with('.') => return false,
            _ => self.text.push(character),
        }
        self.gap = false;
        true
    }
}

/// Whether the encoded-words of a field decode to a line break, followed by a field name that `is_name` accepts and a
/// colon. Programs that write such a field again create the hidden field (CVE-2024-6923).
///
/// `left` is the number of octets of nested words that may still be read in this message. Nested words are those inside
/// decoded text and those that begin within another word.
pub(crate) fn holds_hidden_field(body: &[u8], left: &mut usize, is_name: &mut dyn FnMut(&[u8]) -> bool) -> bool {
    may_hold_break(body) && hides_field(body, left, is_name)
}

/// The limit of these octets for one message. Each costs far more time than an octet of a plain field.
pub(crate) const MAX_NESTED: usize = 1 << 16;

fn hides_field(body: &[u8], left: &mut usize, is_name: &mut dyn FnMut(&[u8]) -> bool) -> bool {
    let (mut at, mut end) = (0, 0);
    while let Some(word) = EncodedWord::next(body, at) {
        // Programs decode it differently, so it may contain a line break.
        if Charset::of(word.charset()).is_decoded_differently() {
            return is_name(b"From");
        }
        // Programs differ in where a word ends, so another one may begin inside it.
        if word.start < end && hides_within(body.get(word.start..).unwrap_or_default(), left, is_name) {
            return true;
        }
        end = word.end.max(end);
        at = word.start + 2;
    }
    [false, true].into_iter().any(|joined| {
        let Decoded { text, coded } = decode(body, joined, Order::Big);
        let is_named = coded.iter().any(|range| {
            let coded = text.get(range.clone()).unwrap_or_default();
            coded.char_indices().filter(|(_, character)| is_control(*character)).any(|(at, _)| {
                let line = text.as_bytes().get(range.start + at + 1..).unwrap_or_default();
                let length = line.iter().take(MAX_NAME).position(|octet| *octet == b':');
                length.and_then(|length| line.get(..length)).is_some_and(&mut *is_name)
            })
        });
        // A program that reads the field, writes it and reads it again decodes the words in the decoded text.
        is_named || EncodedWord::next(text.as_bytes(), 0).is_some() && hides_within(text.as_bytes(), left, is_name)
    })
}

/// The same for nested words, within the limit. Beyond it the answer is yes, to be safe.
fn hides_within(text: &[u8], left: &mut usize, is_name: &mut dyn FnMut(&[u8]) -> bool) -> bool {
    match left.checked_sub(text.len()) {
        Some(rest) => {
            *left = rest;
            hides_field(text, left, is_name)
        }
        None => is_name(b"From"),
    }
}

/// Longer than any field name that is looked for.
const MAX_NAME: usize = 80;

/// A fast test that is false for nearly all fields: their words are UTF-8 and contain no control, no Unicode line
/// separator, and no `=` that could begin another word.
fn may_hold_break(body: &[u8]) -> bool {
    const START: usize = 8;
    let mut rest = body;
    while let Some(at) = find_octet(rest, b'=') {
        rest = rest.get(at + 1..).unwrap_or_default();
        match rest {
            [b'?', word @ ..] => {
                let start = word.get(..START).unwrap_or_default();
                if start.eq_ignore_ascii_case(b"utf-8?b?") {
                    if base64_may_hold_break(word.get(START..).unwrap_or_default()) {
                        return true;
                    }
                } else if !start.eq_ignore_ascii_case(b"utf-8?q?") {
                    return true;
                }
            }
            // The first digit of `=0D`, `=1C`, `=7F`, `=85` and `=A8`, and `=3D`, which decodes to `=`.
            [b'0' | b'1' | b'7' | b'8' | b'a' | b'A', ..] | [b'3', b'd' | b'D', ..] => return true,
            // `==?=` ends a base64 word. Any other `==` may begin a word.
            [b'=', b'?', b'=', ..] => {}
            [b'=', ..] => return true,
            _ => {}
        }
    }
    false
}

fn base64_may_hold_break(text: &[u8]) -> bool {
    let text = text.split(|octet| *octet == b'?').next().unwrap_or_default();
    base64_octets(text).any(|octet| matches!(octet, 0..=8 | 10..=31 | b'=' | 127 | 0x85 | 0xa8 | 0xa9))
}

/// The controls that programs treat in different ways: C0 without the tab, DEL, and Unicode line breaks.
pub(super) const fn is_control(character: char) -> bool {
    matches!(character, '\0'..='\u{8}' | '\n'..='\u{1f}' | '\u{7f}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// `@`, and the characters that NFKC maps to it.
pub(super) const fn is_at(character: char) -> bool {
    matches!(character, '@' | '\u{ff20}' | '\u{fe6b}')
}
