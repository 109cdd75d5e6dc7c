//! Splits the header section into fields, by bytes, so that duplicates and near-fields are seen.

use crate::address::octets::{self, EACH, HIGH};
use crate::address::{Identity, holds_hidden_field};
use crate::priority::PrioritySource;

/// At most this many bytes of a message are looked at.
pub const MAX_HEADER_BYTES: usize = 256 * 1024;

/// Why a header section is refused in both modes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// A NUL octet.
    Nul,
    /// A CR that no LF follows.
    BareCr,
    /// LF and CRLF line ends in one section.
    LineEndings,
    /// A line that is neither a field nor a continuation.
    Line,
    /// A line of white space alone.
    BlankLine,
    /// What some programs take for a line end, so that a field could begin behind it: VT, FF, FS, GS, RS, and in UTF-8
    /// U+0085, U+2028 and U+2029.
    LineSeparator,
    /// No end within [`MAX_HEADER_BYTES`].
    TooLarge,
}

/// What the name of a field means to this crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// A field that names a sender.
    Originator(Identity),
    /// A field that names a sender beside another one, and does not stand in for it: `Apparently-From`.
    Beside(Identity),
    /// A name that some programs would take for that of a field that names a sender: white space before the colon,
    /// a leading space on the first line, a folded name, a comment or other bytes in it, or the `From ` line of an mbox
    /// file.
    Obscured(Identity),
    /// A field that states a priority.
    Priority(PrioritySource),
    /// `DKIM-Signature` (RFC 6376 section 3.5).
    Signature,
    /// Any other field.
    Other,
}

/// One field, as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// What stands before the colon, white space before the colon included.
    pub name: &'a [u8],
    /// What stands after the colon, folding included, without the last line end.
    pub body: &'a [u8],
    /// What the name means.
    pub kind: FieldKind,
    /// `body` with its last line end, as `mail-parser` wants it.
    pub(super) ended_body: &'a [u8],
}

/// A header section that was split.
#[derive(Clone, Debug)]
pub struct HeaderSection<'a> {
    /// The fields, in order, up to what makes it malformed.
    pub fields: Vec<Field<'a>>,
    /// The first thing that makes it malformed. Of one line, its octets come first, its shape comes last.
    pub malformed: Option<Malformed>,
    /// Whether its closing empty line was there, or the caller said that there is none to come.
    pub terminated: bool,
}

/// Splits `bytes`, a message or a prefix of one. `complete` says that the message ends where `bytes` ends.
///
/// Whatever follows the closing empty line has no influence, neither on the answer nor on the time it takes.
///
/// ```
/// use sendergate::message::{Malformed, split_header};
/// let section = split_header(b"From: info@a.example\r\nSubject: one\r\n two\r\n\r\nbody", false);
/// assert!(section.terminated && section.malformed.is_none());
/// assert_eq!(section.fields[1].body, b" one\r\n two");
///
/// let section = split_header(b"From: info@a.example\r\nSubject: one\r", false);
/// assert!(!section.terminated && section.malformed.is_none());
///
/// let section = split_header(b"From: info@a.example\r\nthis is no field\r\n\r\n", false);
/// assert_eq!(section.malformed, Some(Malformed::Line));
/// ```
#[must_use]
pub fn split_header(bytes: &[u8], complete: bool) -> HeaderSection<'_> {
    split(bytes, complete, true)
}

/// The same without the fields whose kind is [`FieldKind::Other`], which take no part in a decision.
pub(crate) fn split_known(bytes: &[u8], complete: bool) -> HeaderSection<'_> {
    split(bytes, complete, false)
}

fn split(bytes: &[u8], complete: bool, all: bool) -> HeaderSection<'_> {
    let window = bytes.get(..MAX_HEADER_BYTES).unwrap_or(bytes);
    let mut splitter = Splitter {
        window,
        complete: complete && window.len() == bytes.len(),
        crlf: None,
        open: Open::Nothing,
        words: false,
        all,
        fields: Vec::with_capacity(if all { 24 } else { 4 }),
    };
    let (malformed, terminated) = match splitter.run() {
        Ok(false) if window.len() == MAX_HEADER_BYTES => (Some(Malformed::TooLarge), false),
        Ok(terminated) => (None, terminated),
        Err(malformed) => (Some(malformed), false),
    };
    splitter.close();
    HeaderSection { fields: splitter.fields, malformed, terminated }
}

/// What a continuation would continue.
#[derive(Clone, Copy)]
enum Open {
    /// The first line is still to come.
    Nothing,
    /// A field: where its name begins and ends, where its body begins and ends, and where its line end ends.
    /// `words`: an `=?` stands in it.
    Field { name: (usize, usize), body: (usize, usize), next: usize, kind: FieldKind, words: bool },
    /// A line without a colon, from that place on: perhaps a folded name.
    Headless(usize),
}

struct Splitter<'a> {
    window: &'a [u8],
    /// Nothing follows the window.
    complete: bool,
    /// The line end of the first line.
    crlf: Option<bool>,
    open: Open,
    /// An `=?` stands in the line that was looked at last.
    words: bool,
    /// Fields that mean nothing here are kept too.
    all: bool,
    fields: Vec<Field<'a>>,
}

impl<'a> Splitter<'a> {
    /// Goes over the lines; says whether the section was closed.
    fn run(&mut self) -> Result<bool, Malformed> {
        let mut start = 0;
        loop {
            // What nearly every line is: its name is looked at once, and its line end is sought behind it.
            let colon = plain_colon(self.window, start);
            let Some((end, next)) = self.line_end(colon.map_or(start, |(colon, _)| colon))? else { break };
            if *self.crlf.get_or_insert(next - end == 2) != (next - end == 2) {
                return Err(Malformed::LineEndings);
            }
            if start == end {
                return Ok(true);
            }
            match colon {
                Some((colon, comment)) => {
                    self.close();
                    let name = self.slice(start, colon);
                    let kind = if comment || may_obscure(name) { spelled_kind(name) } else { known_kind(name) };
                    let words = self.words;
                    self.open = Open::Field { name: (start, colon), body: (colon + 1, end), next, kind, words };
                }
                None => self.line(start, end, next)?,
            }
            start = next;
        }
        self.unended_line(start)?;
        if self.complete && matches!(self.open, Open::Headless(_)) {
            return Err(Malformed::Line);
        }
        Ok(self.complete)
    }

    /// The line that begins at `start`: where its text ends and where the next one begins.
    fn line_end(&mut self, start: usize) -> Result<Option<(usize, usize)>, Malformed> {
        self.words = false;
        match next_break(self.window, start, &mut self.words) {
            None => Ok(None),
            Some((at, b'\n')) => Ok(Some((at, at + 1))),
            Some((at, b'\r')) => match self.window.get(at + 1) {
                Some(b'\n') => Ok(Some((at, at + 2))),
                None if !self.complete => Ok(None),
                _ => Err(Malformed::BareCr),
            },
            Some((_, 0)) => Err(Malformed::Nul),
            Some(_) => Err(Malformed::LineSeparator),
        }
    }

    /// The rest of the window. Where more bytes may come, it is read as far as it goes and not judged.
    fn unended_line(&mut self, start: usize) -> Result<(), Malformed> {
        let length = self.window.len();
        let line = self.slice(start, length);
        if self.complete {
            return if line.is_empty() { Ok(()) } else { self.line(start, length, length) };
        }
        let end = length - usize::from(line.last() == Some(&b'\r'));
        if let (Open::Field { body, next, words, .. }, Some(b' ' | b'\t')) = (&mut self.open, line.first()) {
            (body.1, *next) = (end, length);
            *words |= self.words;
            return Ok(());
        }
        if line.contains(&b':') {
            // A wrong shape stays wrong, but an octet further on may be what is named first.
            let _ = self.line(start, end, length);
        }
        Ok(())
    }

    /// A line that is not empty.
    fn line(&mut self, start: usize, end: usize, next_line: usize) -> Result<(), Malformed> {
        let line = self.slice(start, end);
        if line.first().is_some_and(is_wsp) {
            if line.iter().all(is_wsp) {
                return Err(Malformed::BlankLine);
            }
            match &mut self.open {
                Open::Field { body, next, words, .. } => {
                    (body.1, *next) = (end, next_line);
                    *words |= self.words;
                    return Ok(());
                }
                Open::Headless(first) => {
                    let first = *first;
                    return self.field(first, start, end, next_line);
                }
                // Some programs skip the space and read a field.
                Open::Nothing => {}
            }
        }
        self.close();
        self.field(start, start, end, next_line)
    }

    /// A field whose name begins at `first`, its colon sought from `start` on.
    #[cold]
    fn field(&mut self, first: usize, start: usize, end: usize, next: usize) -> Result<(), Malformed> {
        let line = self.slice(start, end);
        let from_line = from_line(line).filter(|_| first == start);
        let colon = match from_line {
            Some(length) => length - 1,
            None => {
                let Some(colon) = line.iter().position(|octet| *octet == b':') else {
                    // Perhaps the name goes on in the next line.
                    self.open = Open::Headless(first);
                    return match self.window.get(next) {
                        Some(octet) if !is_wsp(octet) => Err(Malformed::Line),
                        _ => Ok(()),
                    };
                };
                colon
            }
        };
        let body = (start + colon + 1, end);
        let name = (first, if from_line.is_some() { body.0 } else { start + colon });
        let written = self.slice(name.0, name.1);
        let is_plain = from_line.is_none() && written.iter().all(|octet| is_ftext(*octet));
        let kind = if is_plain { kind_of(written) } else { odd_kind_of(written) };
        let words = self.words;
        self.open = Open::Field { name, body, next, kind: kind.ok_or(Malformed::Line)?, words };
        Ok(())
    }

    /// Nothing more belongs to the open field.
    fn close(&mut self) {
        let Open::Field { name, body, next, mut kind, words } = self.open else {
            self.open = Open::Nothing;
            return;
        };
        if words {
            kind = kind_with_words(kind, self.slice(body.0, body.1));
        }
        if self.all || kind != FieldKind::Other {
            self.fields.push(Field {
                name: self.slice(name.0, name.1),
                body: self.slice(body.0, body.1),
                kind,
                ended_body: self.slice(body.0, next),
            });
        }
        self.open = Open::Nothing;
    }

    fn slice(&self, start: usize, end: usize) -> &'a [u8] {
        self.window.get(start..end).unwrap_or_default()
    }
}

/// The next NUL, LF, CR or other line separator from `from` on. Sixteen octets at a time: this is where the time of a
/// long header goes.
fn next_break(window: &[u8], from: usize, words: &mut bool) -> Option<(usize, u8)> {
    let mut at = from;
    while let Some(chunk) = window.get(at..).and_then(<[u8]>::first_chunk::<16>) {
        let pair = u128::from_le_bytes(*chunk);
        let halves = [pair as u64, (pair >> 64) as u64];
        // Those below 32, a tab among them, and `?`.
        let mut stops = halves.map(|word| {
            let low = word & !HIGH;
            !((octets::from(low, 32) & octets::differ(low, b'?')) | word) & HIGH
        });
        if (halves[0] | halves[1]) & HIGH != 0 {
            // 0xc2 and 0xe2, with which the separators of UTF-8 begin.
            for (stop, word) in stops.iter_mut().zip(halves) {
                *stop |= !octets::differ((word & !HIGH) | (0x20 * EACH), 0x62) & word & HIGH;
            }
        }
        if stops != [0, 0] {
            for (place, mut stops) in stops.into_iter().enumerate() {
                while stops != 0 {
                    let found = at + 8 * place + stops.trailing_zeros() as usize / 8;
                    if let Some(octet) = break_at(window, found, words) {
                        return Some((found, octet));
                    }
                    stops &= stops - 1;
                }
            }
        }
        at += 16;
    }
    let rest = window.get(at..)?.len();
    (at..at + rest).find_map(|found| Some((found, break_at(window, found, words)?)))
}

/// The octet at a place where a line ends, or where some program could see the end of one. Notes whether an `=?` ends
/// there.
#[inline]
fn break_at(window: &[u8], at: usize, words: &mut bool) -> Option<u8> {
    let rest = window.get(at..)?;
    let octet = *rest.first()?;
    let is_break = match octet {
        0 | b'\n' | b'\r' | 0x0b | 0x0c | 0x1c..=0x1e => true,
        b'?' => {
            *words |= at.checked_sub(1).and_then(|before| window.get(before)) == Some(&b'=');
            false
        }
        0xc2 => rest.get(1) == Some(&0x85),
        0xe2 => matches!(rest, [_, 0x80, 0xa8 | 0xa9, ..]),
        _ => false,
    };
    is_break.then_some(octet)
}

/// The colon of a line that begins at `start` with a name of ftext and a colon, and whether a comment begins in the name.
fn plain_colon(window: &[u8], start: usize) -> Option<(usize, bool)> {
    let mut at = start;
    let mut comment = 0;
    while let Some(chunk) = window.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*chunk);
        let low = word & !HIGH;
        let is_ftext = octets::from(low, 33) & !octets::from(low, 127) & octets::differ(low, b':');
        let stop = (!is_ftext | word) & HIGH;
        let opens = !octets::differ(low, b'(') & HIGH;
        if stop != 0 {
            // What stands before the first stop.
            comment |= opens & (stop & stop.wrapping_neg()).wrapping_sub(1);
            let bit = stop.trailing_zeros() & !7;
            let colon = at + bit as usize / 8;
            return ((word >> bit) as u8 == b':' && colon > start).then_some((colon, comment != 0));
        }
        comment |= opens;
        at += 8;
    }
    let rest = window.get(at..)?;
    let stop = rest.iter().position(|octet| *octet == b':' || !is_ftext(*octet))?;
    let comment = comment != 0 || rest.iter().take(stop).any(|octet| *octet == b'(');
    (rest.get(stop) == Some(&b':') && at + stop > start).then_some((at + stop, comment))
}

const KINDS: [(&[u8], FieldKind); 9] = [
    (b"From", FieldKind::Originator(Identity::From)),
    (b"Sender", FieldKind::Originator(Identity::Sender)),
    (b"Resent-From", FieldKind::Originator(Identity::ResentFrom)),
    (b"Resent-Sender", FieldKind::Originator(Identity::ResentSender)),
    (b"X-Priority", FieldKind::Priority(PrioritySource::XPriority)),
    (b"Priority", FieldKind::Priority(PrioritySource::Priority)),
    (b"Importance", FieldKind::Priority(PrioritySource::Importance)),
    (b"X-MSMail-Priority", FieldKind::Priority(PrioritySource::XMsMailPriority)),
    (b"Apparently-From", FieldKind::Beside(Identity::From)),
];

/// What stands for `word` in a table, in any case of its letters. One loop for all words: they weigh much unrolled.
pub(super) fn look_up<T: Copy>(table: &[(&[u8], T)], word: &[u8]) -> Option<T> {
    table.iter().find(|(known, _)| word.len() == known.len() && is_same_word(word, known)).map(|(_, value)| *value)
}

#[inline(never)]
fn is_same_word(one: &[u8], other: &[u8]) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// The kind of a name of ftext (RFC 5322 section 3.6.8); `None` for no name at all.
fn kind_of(name: &[u8]) -> Option<FieldKind> {
    if name.is_empty() { None } else { Some(spelled_kind(name)) }
}

/// The same for one that is not empty.
fn known_kind(name: &[u8]) -> FieldKind {
    let Some(first) = name.first() else { return FieldKind::Other };
    // The length and the first letter tell nearly all other names from these.
    // No other field begins so and is as long.
    if name.len() == 14 && first | 0x20 == b'd' && name.get(1).is_some_and(|octet| octet | 0x20 == b'k') {
        return FieldKind::Signature;
    }
    let could_be = matches!(
        (name.len(), first | 0x20),
        (4, b'f') | (6, b's') | (8, b'p') | (10, b'i' | b'x') | (11 | 13, b'r') | (15, b'a') | (17, b'x')
    );
    if could_be { look_up(&KINDS, name).unwrap_or(FieldKind::Other) } else { FieldKind::Other }
}

/// The kind of a name of ftext that may hold more than letters, digits and hyphens: some programs leave out comments, and
/// specials at its ends.
#[cold]
fn spelled_kind(name: &[u8]) -> FieldKind {
    let known = known_kind(name);
    if known != FieldKind::Other {
        return known;
    }
    let mut depth = 0_usize;
    let spelled = name.iter().filter(|octet| {
        match octet {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => return depth == 0 && octet.is_ascii_alphanumeric(),
        }
        false
    });
    match obscures(spelled) {
        Some(identity) => FieldKind::Obscured(identity),
        // A program that reads on in the comment finds the name behind it.
        None if depth > 0 => FieldKind::Obscured(Identity::From),
        None => FieldKind::Other,
    }
}

/// The kind of a field with encoded-words in its body: one that hides a field that names a sender is obscured.
#[cold]
fn kind_with_words(kind: FieldKind, body: &[u8]) -> FieldKind {
    if !matches!(kind, FieldKind::Other | FieldKind::Priority(_) | FieldKind::Signature) {
        return kind;
    }
    let mut hidden = None;
    holds_hidden_field(body, &mut |name| {
        hidden = obscures(name.iter().filter(|octet| octet.is_ascii_alphabetic()));
        hidden.is_some()
    });
    hidden.map_or(kind, FieldKind::Obscured)
}

/// Whether a name without a comment could spell one of those names: by its ends, which few other names have.
fn may_obscure(name: &[u8]) -> bool {
    let (Some(first), Some(last)) = (name.first(), name.last()) else { return false };
    matches!(first | 0x20, b'a' | b'f' | b'r' | b's') && matches!(last | 0x20, b'm' | b'r')
        || !first.is_ascii_alphanumeric()
        || !last.is_ascii_alphanumeric()
}

/// The identity whose field's name letters spell, hyphens left out.
fn obscures<'n>(letters: impl Iterator<Item = &'n u8>) -> Option<Identity> {
    let mut spelled = [0; 16];
    let mut count = 0;
    for letter in letters {
        // A longer name spells none of them.
        *spelled.get_mut(count)? = letter.to_ascii_lowercase();
        count += 1;
    }
    let spelled = spelled.get(..count)?;
    KINDS.into_iter().find_map(|(known, kind)| {
        let (FieldKind::Originator(identity) | FieldKind::Beside(identity)) = kind else { return None };
        let letters = known.iter().filter(|octet| **octet != b'-').map(u8::to_ascii_lowercase);
        letters.eq(spelled.iter().copied()).then_some(identity)
    })
}

/// The kind of a name that holds other octets than ftext; `None` where that makes it no field.
#[cold]
fn odd_kind_of(name: &[u8]) -> Option<FieldKind> {
    if let Some(identity) = obscures(name.iter().filter(|octet| octet.is_ascii_alphabetic())) {
        return Some(FieldKind::Obscured(identity));
    }
    // White space before the colon is obsolete syntax (RFC 5322 section 4.5).
    let trimmed = name.trim_ascii_end();
    let only_wsp = name.get(trimmed.len()..).unwrap_or_default().iter().all(is_wsp);
    if only_wsp && trimmed.iter().all(|octet| is_ftext(*octet)) { kind_of(trimmed) } else { None }
}

/// The length of `From ` or `>From ` with which the first line of an mbox entry begins (RFC 4155).
fn from_line(line: &[u8]) -> Option<usize> {
    let quoted = usize::from(line.first() == Some(&b'>'));
    let prefix = line.get(quoted..quoted + 5)?;
    // `From :` is a field whose name is obscured; its body begins after the colon.
    let is_field = line.get(quoted + 4..)?.trim_ascii_start().first() == Some(&b':');
    (prefix.eq_ignore_ascii_case(b"From ") && !is_field).then_some(quoted + 5)
}

const fn is_wsp(octet: &u8) -> bool {
    matches!(octet, b' ' | b'\t')
}

const fn is_ftext(octet: u8) -> bool {
    matches!(octet, 33..=126)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_colon_and_a_line_end_are_found_whatever_stands_before_them(
            octets in proptest::collection::vec(prop_oneof![0_u8..=255, 0x30_u8..=0x5b, 8_u8..=14, 0x7e_u8..=0x8e, Just(b':'), Just(b'='), Just(b'?'), 0x61_u8..=0x7a, Just(0xc2), Just(0xe2), Just(0x80), Just(0xa8), Just(0x85), 28_u8..=31], 0..40),
            start in 0_usize..20,
        ) {
            let start = start.min(octets.len());
            let rest = &octets[start..];
            let found = (0..rest.len()).find(|at| {
                matches!(&rest[*at..], [0 | 10..=13 | 28..=30, ..] | [0xc2, 0x85, ..] | [0xe2, 0x80, 0xa8 | 0xa9, ..])
            });
            let mut words = false;
            prop_assert_eq!(next_break(&octets, start, &mut words), found.map(|at| (start + at, rest[at])));
            let passed = &octets[start..start + found.unwrap_or(rest.len())];
            let in_it = passed.windows(2).any(|pair| pair == b"=?");
            prop_assert!(words == in_it || passed.first() == Some(&b'?') && words);
            let stop = rest.iter().position(|octet| *octet == b':' || !is_ftext(*octet));
            let colon = stop.filter(|stop| *stop > 0 && rest[*stop] == b':');
            let colon = colon.map(|stop| (start + stop, rest[..stop].contains(&b'(')));
            prop_assert_eq!(plain_colon(&octets, start), colon);
        }

        #[test]
        fn a_name_means_the_same_on_every_way(
            name in "[-]?(From|sender|Resent-From|Resentsender|Apparently-From|Fr-om|F-R-O-M|[a-fmorsF-]{1,8})[-]{0,2}|[-(x)>.]{0,3}From[-()>.]{0,2}",
        ) {
            let line = [name.as_bytes(), b": a@a.example"].concat();
            let ended = [line.as_slice(), b"\r\n\r\n"].concat();
            let (quick, slow) = (split_header(&ended, false), split_header(&line, true));
            prop_assert_eq!(quick.fields.first().map(|field| field.kind), slow.fields.first().map(|field| field.kind), "{}", name);
        }
    }
}
