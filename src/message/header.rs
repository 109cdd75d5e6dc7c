//! Splits the header section into fields, byte by byte, so that repeated fields and similar names are found.

use super::field_names::FieldKind;
use super::field_names::{from_line, is_ftext, is_wsp, kind_of, kind_with_words, odd_kind_of, plain_kind};
use super::lines::{next_break, plain_colon};
use crate::address::MAX_NESTED;
use crate::diagnostic::Reason;
use std::error::Error;
use std::fmt;

/// The longest header section, in bytes. More of a message is not read.
pub const MAX_HEADER_BYTES: usize = 256 * 1024;

/// Why a header section is refused in both modes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Malformed {
    /// A NUL octet.
    Nul,
    /// A CR without LF.
    BareCr,
    /// LF and CRLF line ends in one section.
    LineEndings,
    /// A line that is neither a field nor a continuation.
    Line,
    /// A line with white space only.
    BlankLine,
    /// A character that some programs take for a line end, so that a field could begin after it: VT, FF, FS, GS, RS,
    /// and in UTF-8 U+0085, U+2028 and U+2029.
    LineSeparator,
    /// No end within [`MAX_HEADER_BYTES`].
    TooLarge,
}

impl Malformed {
    /// The same as the reason of a decision.
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self {
            Self::Nul => Reason::MalformedNul,
            Self::BareCr => Reason::MalformedBareCr,
            Self::LineEndings => Reason::MalformedLineEndings,
            Self::Line => Reason::MalformedLine,
            Self::BlankLine => Reason::MalformedBlankLine,
            Self::TooLarge => Reason::MalformedHeaderTooLarge,
            Self::LineSeparator => Reason::MalformedLineSeparator,
        }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason().text())
    }
}

impl Error for Malformed {}

/// One field, as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// The text before the colon, including white space.
    pub name: &'a [u8],
    /// The text after the colon, with its folds, without the last line end.
    pub body: &'a [u8],
    /// The meaning of the name.
    pub kind: FieldKind,
    /// `body` with its last line end, as `mail-parser` wants it.
    pub(super) ended_body: &'a [u8],
}

/// A header section as fields.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeaderSection<'a> {
    /// The fields, in order, up to the place that makes the section malformed.
    pub fields: Vec<Field<'a>>,
    /// The first fault that makes it malformed. In one line, faulty octets come before the form of the line.
    pub malformed: Option<Malformed>,
    /// Whether the closing empty line was found, or the caller said that the message is complete.
    pub terminated: bool,
}

/// Splits the header section of `bytes`, a message or the start of one. `complete` says that the message ends at the
/// end of `bytes`.
///
/// The text after the closing empty line changes neither the result nor the time.
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

/// The same without fields of [`FieldKind::Other`], which no decision depends on.
pub(crate) fn split_known(bytes: &[u8], complete: bool) -> HeaderSection<'_> {
    split(bytes, complete, false)
}

fn split(bytes: &[u8], complete: bool, all: bool) -> HeaderSection<'_> {
    let window = bytes.get(..MAX_HEADER_BYTES).unwrap_or(bytes);
    let mut splitter = Splitter {
        window,
        complete: complete && window.len() == bytes.len(),
        open: Open::Nothing,
        asked: false,
        all,
        nested: MAX_NESTED,
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

/// What a continuation line would continue.
#[derive(Clone, Copy)]
enum Open {
    /// Nothing: no line was read yet.
    Nothing,
    /// A field: the start and end of its name and of its body, and the start of the next line. `words`: it contains a
    /// `?`, so perhaps an encoded-word.
    Field { name: (usize, usize), body: (usize, usize), next: usize, kind: FieldKind, words: bool },
    /// A field without a meaning for decisions and without `?`, as most are: the start and end of its name.
    Other { name: (usize, usize) },
    /// A line without a colon, perhaps a folded name: its start.
    Headless(usize),
}

struct Splitter<'a> {
    window: &'a [u8],
    /// The message ends with the window.
    complete: bool,
    open: Open,
    /// The last line contains a `?`.
    asked: bool,
    /// Fields of [`FieldKind::Other`] are kept too.
    all: bool,
    /// How many octets of nested encoded-words may still be read.
    nested: usize,
    fields: Vec<Field<'a>>,
}

impl<'a> Splitter<'a> {
    /// Reads the lines. Returns whether the section was closed.
    fn run(&mut self) -> Result<bool, Malformed> {
        let mut start = 0;
        // The line end of the first line.
        let mut crlf = None;
        loop {
            // The fast path for nearly every line: read the name once, then search the line end after it.
            let colon = plain_colon(self.window, start);
            let Some((end, next)) = self.line_end(colon.unwrap_or(start))? else { break };
            if *crlf.get_or_insert(next - end == 2) != (next - end == 2) {
                return Err(Malformed::LineEndings);
            }
            if start == end {
                return Ok(true);
            }
            match colon {
                Some(colon) => {
                    if matches!(self.open, Open::Field { .. } | Open::Headless(_)) {
                        self.close();
                    }
                    let name = self.slice(start, colon);
                    let kind = plain_kind(name);
                    let words = self.asked;
                    self.open = if kind == FieldKind::Other && !words && !self.all {
                        Open::Other { name: (start, colon) }
                    } else {
                        Open::Field { name: (start, colon), body: (colon + 1, end), next, kind, words }
                    };
                }
                None if self.continues(start, end, next) => {}
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

    /// The end of the text of the line at `start`, and the start of the next line.
    fn line_end(&mut self, start: usize) -> Result<Option<(usize, usize)>, Malformed> {
        let (found, asked) = next_break(self.window, start);
        self.asked = asked;
        match found {
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

    /// Reads the rest of the window. If more bytes may follow, it is not judged.
    fn unended_line(&mut self, start: usize) -> Result<(), Malformed> {
        let length = self.window.len();
        let line = self.slice(start, length);
        if self.complete {
            return if line.is_empty() { Ok(()) } else { self.line(start, length, length) };
        }
        let end = length - usize::from(line.last() == Some(&b'\r'));
        if line.first().is_some_and(is_wsp) && self.goes_on(end, length) {
            return Ok(());
        }
        if line.contains(&b':') {
            // The form of the line is wrong already, but a later faulty octet would be reported first.
            let _ = self.line(start, end, length);
        }
        Ok(())
    }

    /// Reads a plain continuation line: one white space, then text.
    #[inline(always)]
    fn continues(&mut self, start: usize, end: usize, next: usize) -> bool {
        matches!(self.slice(start, end), [b' ' | b'\t', b'!'..=b'~', ..]) && self.goes_on(end, next)
    }

    /// Continues the open field, if there is one.
    fn goes_on(&mut self, end: usize, next: usize) -> bool {
        match &mut self.open {
            Open::Field { body, next: line, words, .. } => {
                (body.1, *line) = (end, next);
                *words |= self.asked;
            }
            Open::Other { name } if self.asked => {
                let (name, kind) = (*name, FieldKind::Other);
                self.open = Open::Field { name, body: (name.1 + 1, end), next, kind, words: true };
            }
            Open::Other { .. } => {}
            Open::Nothing | Open::Headless(_) => return false,
        }
        true
    }

    /// Reads a line that is not empty.
    fn line(&mut self, start: usize, end: usize, next_line: usize) -> Result<(), Malformed> {
        let line = self.slice(start, end);
        if line.first().is_some_and(is_wsp) {
            if line.iter().all(is_wsp) {
                return Err(Malformed::BlankLine);
            }
            if self.goes_on(end, next_line) {
                return Ok(());
            }
            if let Open::Headless(first) = self.open {
                return self.field(first, start, end, next_line);
            }
            // Some programs skip the white space and read a field.
        }
        self.close();
        self.field(start, start, end, next_line)
    }

    /// Opens the field whose name begins at `first`. Its colon is searched from `start`.
    #[cold]
    fn field(&mut self, first: usize, start: usize, end: usize, next: usize) -> Result<(), Malformed> {
        let line = self.slice(start, end);
        let from_line = from_line(line).filter(|_| first == start);
        let colon = match from_line {
            Some(length) => length - 1,
            None => {
                let Some(colon) = line.iter().position(|octet| *octet == b':') else {
                    // The name may continue in the next line.
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
        let words = self.asked;
        self.open = Open::Field { name, body, next, kind: kind.ok_or(Malformed::Line)?, words };
        Ok(())
    }

    /// Ends the open field.
    fn close(&mut self) {
        let Open::Field { name, body, next, mut kind, words } = self.open else {
            self.open = Open::Nothing;
            return;
        };
        if words {
            kind = kind_with_words(kind, self.slice(body.0, body.1), &mut self.nested);
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
