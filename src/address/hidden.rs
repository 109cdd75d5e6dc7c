//! What the encoded-words of an originator field hide from a reader that does not decode them: programs decode first and
//! parse then, and programs write the decoded text into a header again.

use super::charset::Charset;
use super::encoded_word::{Decoded, EncodedWord, Way, decode};
use super::{AddrSpec, FoundAddress, MailboxProblem};

/// More words of one field are not looked at, those counted that words decode to: honest ones hold up to 75 octets
/// (RFC 2047 section 2), a field up to 2,000.
const MAX_WORDS: usize = 100;

/// What was found in the encoded-words of a text.
pub(super) struct Hidden {
    /// The addresses that they decode to; each must be covered.
    pub(super) addresses: Vec<FoundAddress>,
    /// What makes the field ambiguous.
    pub(super) problem: Option<MailboxProblem>,
    /// They hold an `@`, or what looks like one.
    pub(super) holds_at: bool,
    /// How many were looked at.
    words: usize,
}

/// Looks into every encoded-word of a text, broken ones too.
pub(super) fn look(text: &[u8]) -> Hidden {
    let mut hidden = Hidden { addresses: Vec::new(), problem: None, holds_at: false, words: 0 };
    hidden.look(text);
    hidden
}

impl Hidden {
    fn problem(&mut self, problem: MailboxProblem) {
        self.problem.get_or_insert(problem);
    }

    fn look(&mut self, text: &[u8]) {
        let Some(first) = EncodedWord::next(text, 0) else { return };
        let (mut count, mut wide, mut at) = (0, false, first.start);
        // Every `=?` is looked at, those within other words too: programs differ in where a word ends.
        while let Some(word) = EncodedWord::next(text, at) {
            count += 1;
            self.words += 1;
            if self.words > MAX_WORDS {
                return self.problem(MailboxProblem::EncodedWord);
            }
            match Charset::of(word.charset()) {
                Charset::Transforming => return self.problem(MailboxProblem::EncodedWord),
                Charset::Wide(_) => wide = true,
                _ => {}
            }
            if word.start + 2 < word.end
                && EncodedWord::next(text, word.start + 2).is_some_and(|it| it.start < word.end)
            {
                for way in Way::all(false, wide) {
                    self.judge(&decode(text.get(word.start..word.end).unwrap_or_default(), way));
                }
            }
            at = word.start + 2;
        }
        for way in Way::all(count > 1, wide) {
            self.judge(&decode(text, way));
        }
    }

    fn judge(&mut self, decoded: &Decoded) {
        let coded = || decoded.text.iter().zip(&decoded.coded).enumerate().filter(|(_, (_, coded))| **coded);
        if coded().any(|(_, (character, _))| is_control(*character)) {
            self.problem(MailboxProblem::EncodedControl);
        }
        for (at, (character, _)) in coded() {
            self.holds_at |= is_at(*character);
            if *character == '@' {
                self.address(&decoded.text, at);
            }
        }
        let mut pairs = decoded.text.windows(2).zip(decoded.coded.windows(2));
        if pairs.any(|(pair, coded)| pair == ['=', '?'] && coded.contains(&true)) {
            let text: String = decoded.text.iter().collect();
            self.look(text.as_bytes());
        }
    }

    /// What programs take for an address around an `@`: obsolete syntax has white space beside an `@` and a dot
    /// (RFC 5322 section 4.4).
    fn address(&mut self, text: &[char], at: usize) {
        let (before, after) = text.split_at_checked(at).unwrap_or_default();
        let local_part = run(before.iter().rev());
        let domain = run(after.iter().skip(1));
        let local_part: String = local_part.chars().rev().collect();
        let named = domain.trim_matches('.');
        if local_part.is_empty() || !named.contains('.') {
            return;
        }
        let written = [&*local_part, "@", &domain].concat();
        match AddrSpec::parse(&written) {
            Ok(spec) if !self.addresses.iter().any(|found| found.text == written) => {
                self.addresses.push(FoundAddress { text: written, spec: Some(spec) });
            }
            Ok(_) => {}
            Err(_) => {
                self.addresses.push(FoundAddress { text: written, spec: None });
                self.problem(MailboxProblem::EncodedWord);
            }
        }
    }
}

/// The characters of an address, up to one that parts it from what stands beside it.
fn run<'a>(characters: impl Iterator<Item = &'a char>) -> String {
    let mut out = String::new();
    let mut gap = false;
    for character in characters {
        match character {
            _ if character.is_whitespace() => {
                gap = true;
                continue;
            }
            '(' | ')' | '<' | '>' | '[' | ']' | ':' | ';' | '@' | ',' | '"' => break,
            // White space parts words, but for that next to an `@` or a dot.
            _ if gap && *character != '.' && !out.is_empty() && !out.ends_with('.') => break,
            _ => out.push(*character),
        }
        gap = false;
    }
    out
}

/// The controls that programs take for something else: C0 without the tab, DEL, and line breaks of Unicode.
pub(super) const fn is_control(character: char) -> bool {
    matches!(character, '\0'..='\u{8}' | '\n'..='\u{1f}' | '\u{7f}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// An `@`, and what folds to one (NFKC).
pub(super) const fn is_at(character: char) -> bool {
    matches!(character, '@' | '\u{ff20}' | '\u{fe6b}')
}
