//! Mailbox lists of originator fields (RFC 5322 section 3.4), read strictly: what two programs could read in two
//! ways is a problem, never a guess.

use super::local_part::is_atext;
use super::plain_mailbox::{holds_line_break, read_plain};
use super::tokens::{Kind, Lexer, Token, looks_like_syntax};
use super::{AddrSpec, LocalPart};
use crate::diagnostic::Code;

/// An address that stands in a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundAddress {
    /// As written, without folding white space.
    pub text: String,
    /// What it means; `None` where it is well-formed but no entry can ever match it (an address literal, a single
    /// label, a domain that IDNA refuses).
    pub spec: Option<AddrSpec>,
}

/// Why nobody can say for sure which addresses a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailboxProblem {
    /// `<@relay.example:info@a.com>`.
    SourceRoute,
    /// `=?utf-8?q?info=40a.com?=` where an address is expected.
    EncodedWord,
    /// A quote, comment or bracket without its other half.
    Unbalanced,
    /// `team: a@x.example;`.
    Group,
    /// An address that is not UTF-8.
    InvalidUtf8,
    /// Text around an address that is neither a phrase nor a comment.
    StrayText,
    /// White space, comments or characters inside an address that programs treat differently.
    Address,
    /// No address at all.
    NoAddress,
    /// `"info@a.com"@b.com`: some programs take the quotes off and find the address inside.
    QuotedAt,
    /// A character that some programs take for a line break; or a line break within quotes or a comment, at which some
    /// programs end them, before an `@`.
    LineBreak,
}

/// What the strict reader makes of one field body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailboxReading {
    /// Every address that some program would take from it, in order.
    pub addresses: Vec<FoundAddress>,
    /// How many mailboxes the field holds, an address in display text not counted.
    pub mailboxes: usize,
    /// The first problem, if there is one.
    pub problem: Option<MailboxProblem>,
}

/// Reads the body of an originator field, folding and all.
///
/// ```
/// use sendergate::address::{MailboxProblem, read_mailboxes};
/// let reading = read_mailboxes(b" \"Company, Inc.\" <info@a.example>, Jo (at home) <jo@b.example>");
/// let texts: Vec<&str> = reading.addresses.iter().map(|address| address.text.as_str()).collect();
/// assert_eq!((texts, reading.problem), (vec!["info@a.example", "jo@b.example"], None));
///
/// let reading = read_mailboxes(b"info@a.example <ceo@bank.example> <info@a.example>");
/// assert_eq!(reading.problem, Some(MailboxProblem::StrayText));
/// ```
#[must_use]
pub fn read_mailboxes(body: &[u8]) -> MailboxReading {
    if let Some(found) = read_plain(body) {
        return MailboxReading { addresses: vec![found], mailboxes: 1, problem: None };
    }
    let mut reader = Reader {
        body,
        tokens: Vec::with_capacity(16),
        reading: MailboxReading { addresses: Vec::new(), mailboxes: 0, problem: None },
        words: false,
        folded: false,
    };
    if holds_line_break(body) {
        reader.problem(MailboxProblem::LineBreak);
    }
    reader.run();
    reader.reading
}

/// Where in a list element the reader is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before any angle bracket.
    Before,
    /// Between angle brackets.
    Angle,
    /// After an angle bracket was closed.
    After,
}

struct Reader<'a> {
    body: &'a [u8],
    /// What was read since the last separator or angle bracket.
    tokens: Vec<Token>,
    reading: MailboxReading,
    /// An element was words alone.
    words: bool,
    /// A line break stood within quotes or a comment.
    folded: bool,
}

impl Reader<'_> {
    fn run(&mut self) {
        let mut place = Place::Before;
        for token in Lexer::new(self.body) {
            if let Some(flaw) = token.flaw {
                self.problem(flaw);
            }
            self.folding(token);
            match (token.kind, place) {
                (Kind::Comment, Place::Angle) => {
                    self.problem(MailboxProblem::Address);
                    addresses_inside(self.body, token, &mut self.reading.addresses);
                }
                (Kind::Comment, _) => addresses_inside(self.body, token, &mut self.reading.addresses),
                (Kind::Less, _) => {
                    match place {
                        Place::Before => self.phrase(),
                        Place::Angle => self.flush(MailboxProblem::Address),
                        Place::After => self.flush(MailboxProblem::StrayText),
                    }
                    self.tokens.clear();
                    place = Place::Angle;
                }
                (Kind::Greater, Place::Angle) => {
                    self.angle();
                    place = Place::After;
                }
                (Kind::Greater, _) => self.flush(MailboxProblem::Unbalanced),
                (Kind::Comma, Place::Angle) => self.flush(self.route_or(MailboxProblem::Address)),
                (Kind::Semicolon, Place::Angle) => self.flush(MailboxProblem::Address),
                (Kind::Colon, Place::Angle) => self.flush(self.route_or(MailboxProblem::Address)),
                (Kind::Colon, _) => self.flush(self.route_or(MailboxProblem::Group)),
                (Kind::Comma | Kind::Semicolon, _) => {
                    if token.kind == Kind::Semicolon {
                        self.problem(MailboxProblem::Group);
                    }
                    self.element(place);
                    place = Place::Before;
                }
                (Kind::Half | Kind::Odd, _) => {
                    self.problem(if token.kind == Kind::Half {
                        MailboxProblem::Unbalanced
                    } else {
                        MailboxProblem::Address
                    });
                    self.tokens.push(token);
                }
                (Kind::Atom | Kind::Dot | Kind::At | Kind::Quoted | Kind::Literal, _) => self.tokens.push(token),
            }
        }
        match place {
            Place::Angle => self.flush(MailboxProblem::Unbalanced),
            Place::Before | Place::After => self.element(place),
        }
        if self.reading.mailboxes == 0 {
            self.problem(MailboxProblem::NoAddress);
        } else if self.words {
            self.problem(MailboxProblem::StrayText);
        }
    }

    /// Python's `parseaddr` ends quotes and comments at a line break, and so finds addresses in the rest of them, and
    /// in quotes and comments that follow.
    fn folding(&mut self, token: Token) {
        if !matches!(token.kind, Kind::Quoted | Kind::Comment) {
            return;
        }
        let mut octets = self.body.get(token.start..token.end).unwrap_or_default();
        if !self.folded {
            let Some(end) = octets.iter().position(|octet| *octet == b'\n') else { return };
            self.folded = true;
            octets = octets.get(end..).unwrap_or_default();
        }
        if octets.contains(&b'@') {
            self.problem(MailboxProblem::LineBreak);
        }
    }

    fn problem(&mut self, problem: MailboxProblem) {
        self.reading.problem.get_or_insert(problem);
    }

    /// A source route begins with an `@` (RFC 5322 section 4.4).
    fn route_or(&self, problem: MailboxProblem) -> MailboxProblem {
        match self.tokens.first() {
            Some(token) if token.kind == Kind::At => MailboxProblem::SourceRoute,
            _ => problem,
        }
    }

    /// What was read is no part of a mailbox list: whatever some program would take from it is kept.
    fn flush(&mut self, problem: MailboxProblem) {
        self.problem(problem);
        self.collect();
        self.tokens.clear();
    }

    /// The end of a list element.
    fn element(&mut self, place: Place) {
        if !self.tokens.is_empty() {
            if place == Place::After {
                self.problem(MailboxProblem::StrayText);
                self.collect();
            } else if self.tokens.iter().any(|token| token.kind == Kind::At) {
                match self.addr_spec(&self.tokens) {
                    Ok(found) => self.mailbox(found),
                    Err(problem) => {
                        let stray = problem == MailboxProblem::Address && self.tokens.windows(2).any(is_stray);
                        self.problem(if stray { MailboxProblem::StrayText } else { problem });
                        self.collect();
                    }
                }
            } else if self.tokens.iter().any(|token| self.holds_encoded_word(token.start, token.end)) {
                self.problem(MailboxProblem::EncodedWord);
            } else {
                self.words = true;
            }
        }
        self.tokens.clear();
    }

    fn mailbox(&mut self, found: FoundAddress) {
        self.reading.addresses.push(found);
        self.reading.mailboxes += 1;
    }

    /// What stood between angle brackets.
    fn angle(&mut self) {
        if self.tokens.is_empty() {
            self.problem(MailboxProblem::NoAddress);
            return;
        }
        match self.addr_spec(&self.tokens) {
            Ok(found) => {
                self.mailbox(found);
                self.tokens.clear();
            }
            Err(problem) => {
                let coded = self.tokens.iter().any(|token| self.holds_encoded_word(token.start, token.end));
                self.flush(if coded { MailboxProblem::EncodedWord } else { problem });
            }
        }
    }

    /// What stood before an angle bracket: words, and addresses written as words, which count as found.
    fn phrase(&mut self) {
        if self.tokens.iter().any(|token| token.kind == Kind::Literal) {
            self.problem(MailboxProblem::StrayText);
        }
        if !self.tokens.iter().any(|token| token.kind == Kind::At) {
            return;
        }
        let tokens = std::mem::take(&mut self.tokens);
        for run in tokens.chunk_by(|_, next| !next.gap) {
            if run.iter().any(|token| token.kind == Kind::At) {
                match self.addr_spec(run) {
                    Ok(found) => self.reading.addresses.push(found),
                    Err(problem) => {
                        self.problem(problem);
                        self.tokens.clear();
                        self.tokens.extend_from_slice(run);
                        self.collect();
                    }
                }
            }
        }
        self.tokens = tokens;
    }

    /// An addr-spec without anything between its parts (RFC 5322 section 3.4.1, not its obsolete form).
    fn addr_spec(&self, tokens: &[Token]) -> Result<FoundAddress, MailboxProblem> {
        const NOT: MailboxProblem = MailboxProblem::Address;
        let at = tokens.iter().position(|token| token.kind == Kind::At).ok_or(NOT)?;
        let (local_part, rest) = tokens.split_at_checked(at).ok_or(NOT)?;
        let domain = rest.get(1..).unwrap_or_default();
        let (Some(first), Some(last)) = (local_part.first(), domain.last()) else { return Err(NOT) };
        if tokens.iter().skip(1).any(|token| token.gap) {
            return Err(NOT);
        }
        // The root's dot is grammar elsewhere, and is no name that an entry could have.
        let labels =
            domain.split_last().filter(|(last, _)| last.kind == Kind::Dot).map_or(domain, |(_, labels)| labels);
        let is_local_part = is_dotted(local_part) || matches!(local_part, [one] if one.kind == Kind::Quoted);
        if !is_local_part || !(is_dotted(labels) || matches!(domain, [one] if one.kind == Kind::Literal)) {
            return Err(NOT);
        }
        if self.holds_encoded_word(first.start, last.end) {
            return Err(MailboxProblem::EncodedWord);
        }
        if first.kind == Kind::Quoted
            && self.body.get(first.start..first.end).is_some_and(|quoted| quoted.contains(&b'@'))
        {
            return Err(MailboxProblem::QuotedAt);
        }
        let octets = self.body.get(first.start..last.end).unwrap_or_default();
        let text = str::from_utf8(octets).map_err(|_| MailboxProblem::InvalidUtf8)?;
        if !text.is_ascii() && text.chars().any(looks_like_syntax) {
            return Err(NOT);
        }
        let spec = AddrSpec::parse(text).ok();
        if spec.is_none() {
            let local_part = self.body.get(first.start..tokens.get(at).map_or(0, |at| at.start)).unwrap_or_default();
            match LocalPart::parse(str::from_utf8(local_part).unwrap_or_default()) {
                // Long ones are well-formed in a message (RFC 5322), and no entry can be one.
                Err(error) if error.code != Code::LocalPartTooLong => return Err(NOT),
                _ => {}
            }
        }
        Ok(FoundAddress { text: text.to_owned(), spec })
    }

    fn holds_encoded_word(&self, start: usize, end: usize) -> bool {
        let octets = self.body.get(start..end).unwrap_or_default();
        octets.windows(2).any(|pair| matches!(pair, b"=?" | b"?="))
    }

    /// Every address that some program would take from the tokens: one around each `@`, white space and comments
    /// next to an `@` or a dot left out, as obsolete syntax has it (RFC 5322 section 4.4).
    fn collect(&mut self) {
        for (at, token) in self.tokens.iter().enumerate() {
            if token.kind != Kind::At {
                continue;
            }
            let (before, after) = self.tokens.split_at_checked(at).unwrap_or_default();
            let reaches = |pair: &[Token]| matches!(pair, [one, next] if joins(one, next));
            let mut start = at;
            while start > 0 && self.tokens.get(start - 1..=start).is_some_and(reaches) && before_at(before, start) {
                start -= 1;
            }
            let mut length = 1;
            while after.get(length - 1..=length).is_some_and(reaches) && after.get(length).is_some_and(is_part) {
                length += 1;
            }
            if start == at || length == 1 {
                continue;
            }
            let mut octets = Vec::new();
            for part in self.tokens.get(start..at + length).unwrap_or_default() {
                octets.extend_from_slice(self.body.get(part.start..part.end).unwrap_or_default());
                if part.kind == Kind::Quoted {
                    addresses_inside(self.body, *part, &mut self.reading.addresses);
                }
            }
            let spec = str::from_utf8(&octets).ok().and_then(|text| AddrSpec::parse(text).ok());
            self.reading.addresses.push(FoundAddress { text: String::from_utf8_lossy(&octets).into_owned(), spec });
        }
    }
}

/// Addresses that stand in a comment, or in quotes before an `@`, as a word: a program that does not know those takes them.
fn addresses_inside(body: &[u8], token: Token, found: &mut Vec<FoundAddress>) {
    let inside = body.get(token.start..token.end).unwrap_or_default();
    let is_part = |octet: &u8| *octet == b'.' || *octet >= 128 || is_atext(*octet);
    for (at, _) in inside.iter().enumerate().filter(|(_, octet)| **octet == b'@') {
        let (before, after) = inside.split_at_checked(at).unwrap_or_default();
        let start = before.iter().rposition(|octet| !is_part(octet)).map_or(0, |last| last + 1);
        let after = after.get(1..).unwrap_or_default();
        let length = after.iter().position(|octet| !is_part(octet)).unwrap_or(after.len());
        let Ok(text) = str::from_utf8(inside.get(start..at + 1 + length).unwrap_or_default()) else { continue };
        let text = text.trim_end_matches('.');
        if let Ok(spec) = AddrSpec::parse(text) {
            found.push(FoundAddress { text: text.to_owned(), spec: Some(spec) });
        }
    }
}

/// Atoms with single dots between them.
fn is_dotted(tokens: &[Token]) -> bool {
    tokens.len() % 2 == 1
        && tokens.iter().enumerate().all(|(at, token)| token.kind == if at % 2 == 0 { Kind::Atom } else { Kind::Dot })
}

/// Whether a gap parts two words that no obsolete syntax joins.
fn is_stray(pair: &[Token]) -> bool {
    matches!(pair, [one, next] if !joins(one, next))
}

fn joins(one: &Token, next: &Token) -> bool {
    !next.gap || matches!(one.kind, Kind::At | Kind::Dot) || matches!(next.kind, Kind::At | Kind::Dot)
}

fn is_part(token: &Token) -> bool {
    matches!(token.kind, Kind::Atom | Kind::Dot | Kind::Quoted | Kind::Literal)
}

fn before_at(before: &[Token], start: usize) -> bool {
    before.get(start - 1).is_some_and(is_part)
}
