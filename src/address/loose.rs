//! Names that break the grammar, but that every program reads alike: `Company, Inc. <info@a.example>`.

use super::hidden::{is_at, is_control, read_encoded_words};
use super::inside::{contains_comma_and_domain, has_long_line, holds_any};
use super::reading::{FoundAddress, LooseName, MAX_FIELD_OCTETS};
use super::strict::read_address;
use crate::diagnostic::Span;

/// Reads a field that ends in one valid `<addr-spec>`, or is one valid addr-spec followed by `;`, if no program can
/// find another address in it.
pub(super) fn read_loose(body: &[u8]) -> Option<(FoundAddress, LooseName)> {
    if body.len() > MAX_FIELD_OCTETS || has_long_line(body) || !is_harmless(body) {
        return None;
    }
    let (mut text, start) = trimmed(body);
    let mut semicolon = None;
    if let Some(rest) = text.strip_suffix(b";") {
        semicolon = Some(start + rest.len());
        text = rest;
    }
    let Some(inner) = text.strip_suffix(b">") else {
        semicolon?;
        return Some((read_address(text).ok()?, LooseName { name: None, semicolon }));
    };
    let open = inner.iter().position(|octet| *octet == b'<')?;
    let (name, address) = inner.split_at_checked(open)?;
    let address = address.get(1..)?;
    // A second `<` makes the address invalid. Quotes and parentheses in the name are sent in quotes.
    let odd = holds_any(name, b"\"()") && !is_one_quoted_string(name.trim_ascii());
    if name.contains(&b'>') || !is_balanced(name) || odd && contains_comma_and_domain(name) {
        return None;
    }
    let address = read_address(address).ok()?;
    let (name, offset) = trimmed(name);
    let name = (!name.is_empty() && !is_one_quoted_string(name))
        .then(|| Span::new(start + offset, start + offset + name.len()));
    Some((address, LooseName { name, semicolon }))
}

/// Whether there is one `@` and no control, in the text and in broken encoded-words.
fn is_harmless(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    let mut unfolded = text.chars().filter(|character| !matches!(character, '\r' | '\n')).peekable();
    if unfolded.clone().filter(|character| is_at(*character)).count() != 1 || unfolded.any(is_control) {
        return false;
    }
    let hidden = read_encoded_words(body);
    hidden.addresses.is_empty() && !hidden.holds_at && hidden.problem.is_none() && !hides_at_in_broken_words(body)
}

/// Whether the text after an `=?`, read as quoted-printable, contains an `@` or a control.
fn hides_at_in_broken_words(body: &[u8]) -> bool {
    let Some(start) = body.windows(2).position(|pair| pair == b"=?") else { return false };
    let rest = body.get(start..).unwrap_or_default();
    rest.windows(3).any(|code| {
        let [b'=', high, low] = code else { return false };
        let digits = [*high, *low].map(|digit| char::from(digit).to_digit(16));
        matches!(digits, [Some(high), Some(low)] if matches!(high << 4 | low, 0..=8 | 10..=31 | 0x40 | 127))
    })
}

/// Whether quotes and parentheses are balanced, and no backslash can escape one of them.
fn is_balanced(name: &[u8]) -> bool {
    let (mut quoted, mut depth) = (false, 0_usize);
    let mut previous = 0;
    for octet in name {
        match octet {
            b'"' | b'(' | b')' | b'\\' if previous == b'\\' => return false,
            b'"' => quoted = !quoted,
            b'(' if !quoted => depth += 1,
            b')' if !quoted => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return false,
            },
            _ => {}
        }
        // After an octet above 127 a backslash may be the second octet of a character (Shift_JIS).
        if *octet == b'\\' && previous >= 128 {
            return false;
        }
        previous = *octet;
    }
    !quoted && depth == 0 && previous != b'\\'
}

fn is_one_quoted_string(name: &[u8]) -> bool {
    matches!(name, [b'"', inner @ .., b'"'] if !inner.contains(&b'"') && !inner.contains(&b'\\'))
}

/// The text without surrounding white space, and the length of the white space before it.
fn trimmed(text: &[u8]) -> (&[u8], usize) {
    let start = text.len() - text.trim_ascii_start().len();
    (text.trim_ascii(), start)
}
