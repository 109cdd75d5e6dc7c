//! Addresses in display-names. To a program they are text; to a person they look like the sender.

use super::addr_spec::AddrSpec;
use super::charset::Order;
use super::encoded_word::decode;
use super::hidden::is_at;
use super::reading::FoundAddress;
use super::reading::MAX_FIELD_OCTETS;
use super::tokens::{Kind, Lexer, Token};
use crate::diagnostic::is_invisible;

/// The addresses (a local-part, an `@`, a domain with a dot) in the display-names of an originator field. Encoded-words
/// are decoded (RFC 2047), quotes and invisible characters removed, and characters that look like `@` or a dot count as
/// such.
///
/// ```
/// use sendergate::address::addresses_in_names;
/// let found = addresses_in_names(b" \"CEO ceo\xef\xbc\xa0bank.example\" <info@a.example>");
/// assert_eq!(found[0].text, "ceo@bank.example");
/// assert!(addresses_in_names(b" \"Sales @ Own\" <info@a.example>").is_empty());
/// ```
#[must_use]
pub fn addresses_in_names(body: &[u8]) -> Vec<FoundAddress> {
    let body = body.get(..MAX_FIELD_OCTETS).unwrap_or(body);
    let mut found: Vec<FoundAddress> = Vec::new();
    let mut name: Vec<u8> = Vec::new();
    let mut in_brackets = false;
    for token in Lexer::new(body) {
        match token.kind {
            Kind::Less => {
                look(&name, &mut found);
                name.clear();
                in_brackets = true;
            }
            Kind::Greater => in_brackets = false,
            Kind::Comment => name.push(b' '),
            _ if in_brackets => {}
            // A person who reads the name does not see an unquoted comma as a separator.
            _ => push(body, token, &mut name),
        }
    }
    found
}

/// A word of a name, without quotes and their backslashes.
fn push(body: &[u8], token: Token, name: &mut Vec<u8>) {
    let written = body.get(token.start..token.end).unwrap_or_default();
    if token.gap {
        name.push(b' ');
    }
    if token.kind != Kind::Quoted {
        return name.extend_from_slice(written);
    }
    let mut escaped = false;
    for octet in written.get(1..written.len().saturating_sub(1)).unwrap_or_default() {
        escaped = *octet == b'\\' && !escaped;
        if !escaped {
            name.push(*octet);
        }
    }
}

fn look(name: &[u8], found: &mut Vec<FoundAddress>) {
    for (joined, order) in [(false, Order::Big), (true, Order::Big), (false, Order::Little), (true, Order::Little)] {
        let shown = |character: char| match character {
            _ if is_at(character) => Some('@'),
            '\u{e0040}' => Some('@'),
            '\u{3002}' | '\u{ff0e}' | '\u{ff61}' | '\u{fe52}' | '\u{2024}' => Some('.'),
            _ if character.is_whitespace() => Some(' '),
            _ if is_invisible(character) => None,
            _ => Some(character),
        };
        let text: Vec<char> = decode(name, joined, order).text.chars().filter_map(shown).collect();
        for (at, _) in text.iter().enumerate().filter(|(_, character)| **character == '@') {
            let Some(address) = address_around(&text, at) else { continue };
            if !found.iter().any(|other| other.text == address) {
                found.push(FoundAddress { spec: AddrSpec::parse(&address).ok(), text: address });
            }
        }
    }
}

/// The text around an `@` that a person reads as an address, also with a space on either side.
fn address_around(text: &[char], at: usize) -> Option<String> {
    let (before, after) = text.split_at_checked(at)?;
    let is_local = |character: &char| is_letter(*character) || is_atext_or_dot(*character);
    let is_domain = |character: &char| {
        is_letter(*character) || matches!(character, '.' | '-' | '_' | '0'..='9' | 'a'..='z' | 'A'..='Z')
    };
    let local: String = before.iter().rev().skip_while(|it| **it == ' ').take_while(|it| is_local(it)).collect();
    let local: String = local.chars().rev().collect();
    let domain: String = after.iter().skip(1).skip_while(|it| **it == ' ').take_while(|it| is_domain(it)).collect();
    let local = local.trim_matches(['\'', '`', '.', '*', '_']);
    let domain = domain.trim_matches(['.', '-', '_']);
    (!local.is_empty() && domain.contains('.')).then(|| [local, "@", domain].concat())
}

fn is_atext_or_dot(character: char) -> bool {
    character == '.' || u8::try_from(character).is_ok_and(super::local_part::is_atext)
}

/// A non-ASCII character that is not punctuation around an address.
const fn is_letter(character: char) -> bool {
    !matches!(character,
        '\0'..='\u{7f}' | '\u{a0}' | '\u{ab}' | '\u{bb}' | '\u{2000}'..='\u{206f}' | '\u{3000}'..='\u{303f}'
        | '\u{ff00}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' | '\u{ff3b}'..='\u{ff40}' | '\u{ff5b}'..='\u{ff65}')
}
