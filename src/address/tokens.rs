//! The tokens of a mailbox list (RFC 5322 section 3.2), for any bytes.

use super::local_part::is_atext;
use super::reading::MailboxProblem;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Atext and octets above 127.
    Atom,
    Dot,
    At,
    /// A quoted-string with its quotes.
    Quoted,
    /// A domain-literal with its brackets.
    Literal,
    /// A comment with its parentheses.
    Comment,
    Less,
    Greater,
    Comma,
    Semicolon,
    Colon,
    /// A quote, parenthesis or bracket that has no other half.
    Half,
    /// A backslash or a control.
    Odd,
}

/// A token and its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
    /// White space or a comment is before it.
    pub(super) gap: bool,
    /// The problem inside it, if any.
    pub(super) flaw: Option<MailboxProblem>,
}

/// Splits a field body into tokens, in linear time.
pub(super) struct Lexer<'a> {
    body: &'a [u8],
    at: usize,
    gap: bool,
    /// From here on no quote, parenthesis or bracket is closed, so the search is not repeated.
    half_quotes: bool,
    half_comments: bool,
    half_literals: bool,
}

impl<'a> Lexer<'a> {
    pub(super) const fn new(body: &'a [u8]) -> Self {
        let (gap, half_quotes, half_comments, half_literals) = (false, false, false, false);
        Self { body, at: 0, gap, half_quotes, half_comments, half_literals }
    }

    fn skip_white_space(&mut self) {
        while let Some(octet) = self.body.get(self.at) {
            match octet {
                b' ' | b'\t' => self.at += 1,
                b'\r' | b'\n' => match fold(self.body, self.at) {
                    Some(next) => self.at = next,
                    None => return,
                },
                _ => return,
            }
            self.gap = true;
        }
    }

    /// The token up to the end of the pair that opens here, or one octet if it is not closed.
    fn pair(&mut self, octet: u8) -> (Kind, usize, Option<MailboxProblem>) {
        let (kind, half) = match octet {
            b'"' => (Kind::Quoted, &mut self.half_quotes),
            b'(' => (Kind::Comment, &mut self.half_comments),
            _ => (Kind::Literal, &mut self.half_literals),
        };
        if !*half {
            if let Some((end, flaw)) = close(self.body, self.at, kind) {
                return (kind, end, flaw);
            }
            *half = true;
        }
        (Kind::Half, self.at + 1, None)
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        self.skip_white_space();
        let start = self.at;
        let octet = *self.body.get(start)?;
        let gap = std::mem::take(&mut self.gap);
        let mut flaw = None;
        let (kind, end) = match octet {
            b'.' => (Kind::Dot, start + 1),
            b'@' => (Kind::At, start + 1),
            b'<' => (Kind::Less, start + 1),
            b'>' => (Kind::Greater, start + 1),
            b',' => (Kind::Comma, start + 1),
            b';' => (Kind::Semicolon, start + 1),
            b':' => (Kind::Colon, start + 1),
            b')' | b']' => (Kind::Half, start + 1),
            b'"' | b'(' | b'[' => {
                let (kind, end, inner) = self.pair(octet);
                flaw = inner;
                self.gap = kind == Kind::Comment;
                (kind, end)
            }
            _ if is_atom(octet) => {
                let rest = self.body.get(start..).unwrap_or_default();
                let length = rest.iter().position(|octet| !is_atom(*octet)).unwrap_or(rest.len());
                (Kind::Atom, start + length)
            }
            _ => (Kind::Odd, start + 1),
        };
        self.at = end;
        Some(Token { kind, start, end, gap, flaw })
    }
}

const fn is_atom(octet: u8) -> bool {
    is_atext(octet) || octet >= 128
}

const fn is_control(octet: u8) -> bool {
    octet < 32 && octet != b'\t' || octet == 127
}

/// The place after a line end that folds or ends the field.
fn fold(body: &[u8], at: usize) -> Option<usize> {
    let next = match body.get(at..)? {
        [b'\r', b'\n', ..] => at + 2,
        [b'\n', ..] => at + 1,
        _ => return None,
    };
    matches!(body.get(next), None | Some(b' ' | b'\t')).then_some(next)
}

/// The place after the end of the pair that opens at `start`, and the problem in between, if any.
fn close(body: &[u8], start: usize, kind: Kind) -> Option<(usize, Option<MailboxProblem>)> {
    let mut at = start + 1;
    let mut depth = 1_usize;
    let mut odd = false;
    let mut previous = 0;
    let mut swallowed = false;
    loop {
        let octet = *body.get(at)?;
        at += 1;
        match octet {
            b'\\' if kind != Kind::Literal => {
                odd |= is_control(*body.get(at)?);
                swallowed |= previous >= 128;
                at += 1;
            }
            b'(' if kind == Kind::Comment => depth += 1,
            b'"' if kind == Kind::Quoted => depth -= 1,
            b')' if kind == Kind::Comment => depth -= 1,
            b']' if kind == Kind::Literal => depth -= 1,
            b'\\' | b'[' | b' ' | b'\t' if kind == Kind::Literal => odd = true,
            b'\r' | b'\n' => match fold(body, at - 1) {
                Some(next) => {
                    at = next;
                    odd |= kind == Kind::Literal;
                }
                None => odd = true,
            },
            _ => odd |= is_control(octet),
        }
        previous = octet;
        if depth == 0 {
            break;
        }
    }
    let flaw = if odd {
        Some(MailboxProblem::Address)
    } else if swallowed && str::from_utf8(body.get(start..at)?).is_err() {
        // A backslash may be the second octet of a character (Shift_JIS, GBK, Big5). Then it escapes nothing, and the
        // next octet ends the string.
        Some(MailboxProblem::InvalidUtf8)
    } else {
        None
    };
    Some((at, flaw))
}

/// Non-ASCII white space, and characters that fold to the specials of an address.
pub(super) const fn looks_like_syntax(character: char) -> bool {
    !character.is_ascii() && character.is_whitespace()
        || matches!(character, '\u{ff20}' | '\u{fe6b}' | '\u{ff1c}' | '\u{ff1e}' | '\u{fe64}' | '\u{fe65}')
        || matches!(character, '\u{ff0c}' | '\u{ff1b}' | '\u{ff1a}' | '\u{fe50}' | '\u{fe54}' | '\u{fe55}')
        || matches!(character, '\u{ff02}' | '\u{ff08}' | '\u{ff09}' | '\u{ff3b}' | '\u{ff3c}' | '\u{ff3d}')
}
