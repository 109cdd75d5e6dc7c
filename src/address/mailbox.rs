//! Mailbox lists of originator fields (RFC 5322 section 3.4), read strictly: a field that programs could read in two
//! ways is a problem, never a guess.

use super::element::{addr_spec, collect, holds_encoded_word, is_stray};
use super::encoded_word::all_whole;
use super::hidden::{Hidden, read_encoded_words};
use super::inside::{
    addresses_inside, begins_with_dot, contains_comma_and_domain, contains_dot_then_atom, has_long_line, holds_any,
    keeps_its_quotes, mailbox_inside,
};
use super::loose::read_loose;
use super::quick::mailbox::read_plain;
use super::reading::{FoundAddress, MAX_FIELD_OCTETS, MailboxProblem, MailboxReading};
use super::strict::read_address;
use super::tokens::{Kind, Lexer, Token};

/// Reads the body of an originator field, with its folds.
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
    let whole = |addresses, loose| MailboxReading { addresses, mailboxes: 1, problem: None, loose };
    if let Some(found) = read_plain(body) {
        return whole(vec![found], None);
    }
    let strict = Reader::read(body);
    match strict.problem {
        Some(problem) if problem.is_grammar() => match read_loose(body) {
            Some((found, loose)) => whole(vec![found], Some(loose)),
            None => strict,
        },
        _ => strict,
    }
}

/// The reader's place in a list element.
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
    /// The tokens since the last separator or angle bracket.
    tokens: Vec<Token>,
    reading: MailboxReading,
    /// An element was only words.
    words: bool,
    /// Facts about the whole field.
    field: Facts,
    /// The encoded-words of the field decode to an `@`.
    hidden_at: bool,
    /// This list element has a comment.
    commented: bool,
    /// For some programs a comment of this list element ends earlier, and the rest looks like the rest of a domain.
    goes_on: Option<MailboxProblem>,
    /// The name of this list element is quoted and contains an `@`.
    quoted: bool,
}

/// Facts about the quotes and comments of a field.
#[derive(Default)]
struct Facts {
    /// A comment.
    comment: bool,
    /// A comment that programs end in different places.
    odd_comment: bool,
    /// A comment with an `@`.
    comment_at: bool,
    /// Quotes with an `@`.
    quoted_at: bool,
    /// Quotes that programs end in different places.
    odd_quotes: bool,
    /// A line break in quotes or a comment.
    fold: bool,
}

impl<'a> Reader<'a> {
    fn read(body: &'a [u8]) -> MailboxReading {
        let mut reader = Self {
            body: body.get(..MAX_FIELD_OCTETS).unwrap_or(body),
            tokens: Vec::with_capacity(16),
            reading: MailboxReading { addresses: Vec::new(), mailboxes: 0, problem: None, loose: None },
            words: false,
            field: Facts::default(),
            hidden_at: false,
            commented: false,
            goes_on: None,
            quoted: false,
        };
        if body.len() > MAX_FIELD_OCTETS || has_long_line(body) {
            reader.problem(MailboxProblem::TooLong);
        }
        let Hidden { addresses, problem, holds_at, .. } = read_encoded_words(reader.body);
        reader.hidden_at = holds_at;
        if let Some(problem) = problem {
            reader.problem(problem);
        } else if !all_whole(reader.body) {
            reader.problem(MailboxProblem::EncodedWord);
        }
        reader.run();
        reader.judge_field();
        reader.reading.addresses.extend(addresses);
        reader.reading
    }

    fn run(&mut self) {
        let mut place = Place::Before;
        for token in Lexer::new(self.body) {
            if let Some(flaw) = token.flaw {
                self.problem(flaw);
            }
            match (token.kind, place) {
                (Kind::Comment, _) => {
                    if place == Place::Angle {
                        self.problem(MailboxProblem::Address);
                    }
                    self.comment(token);
                }
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
                    self.angle(token.gap);
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
                (Kind::Quoted, _) => {
                    self.quotes(token);
                    self.tokens.push(token);
                }
                (Kind::Atom | Kind::Dot | Kind::At | Kind::Literal, _) => self.tokens.push(token),
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

    /// Judges a comment. A program without comments reads its inside as part of the field.
    fn comment(&mut self, token: Token) {
        let inside = self.body.get(token.start + 1..token.end - 1).unwrap_or_default();
        self.commented = true;
        self.field.comment = true;
        self.field.odd_comment |= holds_any(inside, b"\\()<>\"\r\n");
        let fold = inside.contains(&b'\n');
        self.field.fold |= fold;
        // Some programs end the comment earlier, and some see no comment. To both, a word that begins with a dot
        // continues the domain before it.
        let end = inside.iter().position(|octet| *octet == b')').unwrap_or(inside.len());
        let rest = inside.get(end..).unwrap_or_default();
        let goes_on = contains_dot_then_atom(rest) || begins_with_dot(inside);
        if fold || goes_on {
            self.goes_on = Some(if fold { MailboxProblem::LineBreak } else { MailboxProblem::AtInComment });
        }
        if holds_any(inside, b"\\()") && contains_comma_and_domain(inside) {
            self.problem(MailboxProblem::AtInComment);
        }
        let in_brackets = holds_any(inside, b"<>");
        if in_brackets && contains_dot_then_atom(inside) {
            self.problem(if fold { MailboxProblem::LineBreak } else { MailboxProblem::AtInComment });
        }
        if !inside.contains(&b'@') {
            return;
        }
        match read_address(trim(inside)) {
            Ok(found) => {
                self.field.comment_at = true;
                self.reading.addresses.push(found);
            }
            Err(_) => {
                self.problem(if fold { MailboxProblem::LineBreak } else { MailboxProblem::AtInComment });
                addresses_inside(self.body, token, &mut self.reading.addresses);
            }
        }
    }

    /// Judges a quoted-string. A program that ends it elsewhere reads its inside as part of the field.
    fn quotes(&mut self, token: Token) {
        let inside = self.body.get(token.start + 1..token.end - 1).unwrap_or_default();
        self.field.odd_quotes |= holds_any(inside, b"\\\r\n");
        self.field.fold |= inside.contains(&b'\n');
        if inside.contains(&b'\\') && contains_comma_and_domain(inside) {
            self.problem(MailboxProblem::AtInQuotes);
        }
        if self.has_at(token) {
            self.field.quoted_at = true;
            // `"Jo <jo@a.example>" <jo@a.example>`: some programs find the quoted address too, so it must be covered.
            let (name, address) = mailbox_inside(inside);
            self.reading.addresses.extend(address);
            let inside = name;
            let is_odd = holds_any(inside, b"<>,;:()\t") || str::from_utf8(inside).is_err();
            self.field.odd_quotes |= is_odd || !keeps_its_quotes(inside);
        }
    }

    /// Whether a quoted name of this element contains an `@`.
    fn quotes_at(&self) -> bool {
        self.tokens.iter().any(|token| token.kind == Kind::Quoted && self.has_at(*token))
    }

    /// Whether quotes contain an `@`. If encoded-words decode to an `@`, it may belong to any quotes, so all count.
    fn has_at(&self, token: Token) -> bool {
        self.hidden_at || self.body.get(token.start..token.end).is_some_and(|it| it.contains(&b'@'))
    }

    /// Judges what depends on the whole field.
    fn judge_field(&mut self) {
        let Facts { comment, odd_comment, comment_at, quoted_at, odd_quotes, fold } = self.field;
        let several = || self.body.iter().filter(|octet| **octet == b'@').count() > 1;
        if fold && (quoted_at || comment_at) {
            self.problem(MailboxProblem::LineBreak);
        }
        if quoted_at && (comment || odd_quotes) {
            self.problem(MailboxProblem::AtInQuotes);
        }
        if odd_comment && several() || comment && self.hidden_at {
            self.problem(MailboxProblem::AtInComment);
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

    /// The tokens are not part of a mailbox list. Keeps every address that some program would find in them.
    fn flush(&mut self, problem: MailboxProblem) {
        self.problem(problem);
        collect(self.body, &self.tokens, &mut self.reading.addresses);
        self.tokens.clear();
    }

    /// Ends a list element.
    fn element(&mut self, place: Place) {
        if !self.tokens.is_empty() {
            if place == Place::After {
                self.problem(MailboxProblem::StrayText);
                collect(self.body, &self.tokens, &mut self.reading.addresses);
            } else if self.tokens.iter().any(|token| token.kind == Kind::At) {
                match addr_spec(self.body, &self.tokens) {
                    Ok(found) => {
                        if let Some(problem) = self.goes_on {
                            self.problem(problem);
                        }
                        self.mailbox(found);
                    }
                    Err(problem) => {
                        let stray = problem == MailboxProblem::Address && self.tokens.windows(2).any(is_stray);
                        self.problem(if stray { MailboxProblem::StrayText } else { problem });
                        collect(self.body, &self.tokens, &mut self.reading.addresses);
                    }
                }
            } else if holds_encoded_word(self.body, &self.tokens) {
                self.problem(MailboxProblem::EncodedWord);
            } else {
                self.words = true;
            }
        }
        if place == Place::Before && self.quotes_at() {
            self.problem(MailboxProblem::AtInQuotes);
        }
        (self.commented, self.quoted, self.goes_on) = (false, false, None);
        self.tokens.clear();
    }

    fn mailbox(&mut self, found: FoundAddress) {
        self.reading.addresses.push(found);
        self.reading.mailboxes += 1;
    }

    /// Judges the tokens between angle brackets.
    fn angle(&mut self, gap: bool) {
        if self.tokens.is_empty() {
            self.problem(MailboxProblem::NoAddress);
            return;
        }
        match addr_spec(self.body, &self.tokens) {
            Ok(found) => {
                // `"info@a.example" < jo@b.example >`
                if self.quoted && (gap || self.tokens.first().is_some_and(|first| first.gap)) {
                    self.problem(MailboxProblem::AtInQuotes);
                }
                self.mailbox(found);
                self.tokens.clear();
            }
            Err(problem) => {
                let coded = holds_encoded_word(self.body, &self.tokens);
                self.flush(if coded { MailboxProblem::EncodedWord } else { problem });
            }
        }
    }

    /// Judges the tokens before an angle bracket: words, or an address as the name, which counts as found.
    fn phrase(&mut self) {
        if self.tokens.iter().any(|token| token.kind == Kind::Literal) {
            self.problem(MailboxProblem::StrayText);
        }
        self.quoted = self.quotes_at();
        if self.quoted && self.tokens.len() != 1 {
            self.problem(MailboxProblem::AtInQuotes);
        }
        if !self.tokens.iter().any(|token| token.kind == Kind::At) {
            return;
        }
        match addr_spec(self.body, &self.tokens) {
            Ok(found) if !self.commented => self.reading.addresses.push(found),
            Ok(_) => self.flush(MailboxProblem::AtInName),
            Err(MailboxProblem::Address) => self.flush(MailboxProblem::AtInName),
            Err(problem) => self.flush(problem),
        }
    }
}

fn trim(text: &[u8]) -> &[u8] {
    text.trim_ascii()
}
