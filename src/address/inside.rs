//! Reads the inside of comments and quotes as programs do that end them elsewhere or do not know them.

use super::addr_spec::AddrSpec;
use super::local_part::is_atext;
use super::reading::FoundAddress;
use super::strict::read_address;
use super::tokens::Token;

/// Addresses in a comment, or in quotes before an `@`. A program without comments or quotes finds them.
pub(super) fn addresses_inside(body: &[u8], token: Token, found: &mut Vec<FoundAddress>) {
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

/// Whether the text contains a dot followed by a character of a domain.
#[inline(never)]
pub(super) fn contains_dot_then_atom(text: &[u8]) -> bool {
    text.windows(2).any(is_dot_then_atom)
}

/// A dot followed by a character of a domain.
fn is_dot_then_atom(pair: &[u8]) -> bool {
    matches!(pair, [b'.', next] if is_atext(*next) || *next >= 128)
}

/// Whether the inside has a comma and a domain. A program that ends a comment or quotes elsewhere may take that domain
/// for an author's (OpenDMARC).
pub(super) fn contains_comma_and_domain(inside: &[u8]) -> bool {
    holds_any(inside, b",") && contains_dot_then_atom(inside)
}

/// Whether the text contains an octet of the set. One shared loop, since inlined copies make the module larger.
#[inline(never)]
pub(super) fn holds_any(text: &[u8], set: &[u8]) -> bool {
    text.iter().any(|octet| set.contains(octet))
}

/// Whether a word of a comment begins with a dot.
pub(super) fn begins_with_dot(inside: &[u8]) -> bool {
    let after_gap =
        |three: &[u8]| matches!(three, [gap, rest @ ..] if !is_atext(*gap) && *gap != b'.' && is_dot_then_atom(rest));
    inside.get(..2).is_some_and(is_dot_then_atom) || inside.windows(3).any(after_gap)
}

/// Whether every program keeps the quotes. Some lose them when they fold a long quoted-string at white space (Python's
/// `email` before 3.13).
pub(super) fn keeps_its_quotes(inside: &[u8]) -> bool {
    let is_space = |octet: &u8| matches!(octet, b' ' | b'\t');
    let at_ends = inside.first().is_some_and(is_space) || inside.last().is_some_and(is_space);
    let spaces = inside.windows(2).any(|pair| pair.iter().all(is_space));
    !at_ends && !spaces && (inside.len() <= 60 || !inside.iter().any(is_space))
}

/// Whether a line is so long that servers break it at any place (RFC 5322 section 2.1.1). The longest name before the
/// body is `Apparently-From:`, 16 octets.
pub(super) fn has_long_line(body: &[u8]) -> bool {
    const MOST: usize = 998 - 16;
    body.len() > MOST && body.split(|octet| *octet == b'\n').any(|line| line.len() > MOST)
}

/// Splits `name <address>` inside quotes, if the address is valid and the name has no other `@`.
pub(super) fn mailbox_inside(inside: &[u8]) -> (&[u8], Option<FoundAddress>) {
    let parts = inside.strip_suffix(b">").and_then(|rest| {
        let (name, address) = rest.split_at_checked(rest.iter().position(|octet| *octet == b'<')?)?;
        let is_name = !name.iter().any(|octet| matches!(octet, b'@' | b'>'));
        Some((name, read_address(address.get(1..)?).ok()?)).filter(|_| is_name)
    });
    match parts {
        Some((name, address)) => (name.trim_ascii_end(), Some(address)),
        None => (inside, None),
    }
}
