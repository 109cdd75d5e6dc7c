//! Reads the tokens of one element of a mailbox list: an address, or the addresses that some program would find.

use super::addr_spec::AddrSpec;
use super::inside::addresses_inside;
use super::reading::{FoundAddress, MailboxProblem};
use super::strict::read_address;
use super::tokens::{Kind, Token};

/// An addr-spec without white space or comments between its parts (RFC 5322 section 3.4.1, not the obsolete form).
pub(super) fn addr_spec(body: &[u8], tokens: &[Token]) -> Result<FoundAddress, MailboxProblem> {
    const NOT: MailboxProblem = MailboxProblem::Address;
    let at = tokens.iter().position(|token| token.kind == Kind::At).ok_or(NOT)?;
    let (local_part, rest) = tokens.split_at_checked(at).ok_or(NOT)?;
    let domain = rest.get(1..).unwrap_or_default();
    let (Some(first), Some(last)) = (local_part.first(), domain.last()) else { return Err(NOT) };
    if tokens.iter().skip(1).any(|token| token.gap) {
        return Err(NOT);
    }
    // A final dot is read, since other programs accept it. No entry can match such a domain.
    let labels = domain.split_last().filter(|(last, _)| last.kind == Kind::Dot).map_or(domain, |(_, labels)| labels);
    let is_local_part = is_dotted(local_part) || matches!(local_part, [one] if one.kind == Kind::Quoted);
    if !is_local_part || !(is_dotted(labels) || matches!(domain, [one] if one.kind == Kind::Literal)) {
        return Err(NOT);
    }
    read_address(body.get(first.start..last.end).unwrap_or_default())
}

/// Whether a token contains an encoded-word, or one end of it.
pub(super) fn holds_encoded_word(body: &[u8], tokens: &[Token]) -> bool {
    let octets = |token: &Token| body.get(token.start..token.end).unwrap_or_default();
    tokens.iter().any(|token| octets(token).windows(2).any(|pair| matches!(pair, b"=?" | b"?=")))
}

/// Every address that some program would find in the tokens: one around each `@`. White space and comments next to an
/// `@` or a dot are ignored, as in obsolete syntax (RFC 5322 section 4.4).
pub(super) fn collect(body: &[u8], tokens: &[Token], found: &mut Vec<FoundAddress>) {
    for (at, token) in tokens.iter().enumerate() {
        if token.kind != Kind::At {
            continue;
        }
        let (before, after) = tokens.split_at_checked(at).unwrap_or_default();
        let reaches = |pair: &[Token]| matches!(pair, [one, next] if joins(one, next));
        let mut start = at;
        while start > 0 && tokens.get(start - 1..=start).is_some_and(reaches) && before_at(before, start) {
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
        for part in tokens.get(start..at + length).unwrap_or_default() {
            octets.extend_from_slice(body.get(part.start..part.end).unwrap_or_default());
            if part.kind == Kind::Quoted {
                addresses_inside(body, *part, found);
            }
        }
        let spec = str::from_utf8(&octets).ok().and_then(|text| AddrSpec::parse(text).ok());
        found.push(FoundAddress { text: String::from_utf8_lossy(&octets).into_owned(), spec });
    }
}

/// Atoms with single dots between them.
fn is_dotted(tokens: &[Token]) -> bool {
    tokens.len() % 2 == 1
        && tokens.iter().enumerate().all(|(at, token)| token.kind == if at % 2 == 0 { Kind::Atom } else { Kind::Dot })
}

/// Whether a gap separates two words, so that not even obsolete syntax joins them.
pub(super) fn is_stray(pair: &[Token]) -> bool {
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
