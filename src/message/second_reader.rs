//! The second reader of originator fields: `mail-parser`.

use super::header::Field;
use crate::address::{AddrSpec, FoundAddress};
use mail_parser::parsers::MessageStream;
use mail_parser::{Addr, Address, HeaderValue};
use std::borrow::Cow;

/// How the second reader's addresses compare with those of the first.
pub(super) enum Second {
    /// It found the same addresses, or none.
    Same,
    /// It found different addresses. These are the ones that the first did not find; there may be none.
    Other(Vec<FoundAddress>),
    /// Reading or comparing would take too long.
    Refused,
}

/// `mail-parser` searches the end of an encoded-word after each `=?`. This limits the steps of all searches.
const MAX_STEPS: usize = 1 << 18;

/// The most pairs of addresses that are compared.
const MAX_PAIRS: usize = 1 << 14;

/// Reads the field with the second reader, and compares.
pub(super) fn second_reading(field: &Field<'_>, first: &[FoundAddress]) -> Second {
    let body = ended(field.ended_body);
    let openings = body.windows(2).filter(|pair| *pair == b"=?").count();
    if openings.saturating_mul(body.len()) > MAX_STEPS {
        return Second::Refused;
    }
    let second = compare(&body, first);
    let text = body.strip_suffix(b"\n").unwrap_or_default();
    if matches!(second, Second::Other(_)) && text.contains(&b'\n') {
        // If a fold is between an address in display text and the brackets, `mail-parser` joins the two addresses.
        // Without folds (RFC 5322 section 2.2.3) the field means the same.
        let mut unfolded: Vec<u8> = text.iter().copied().filter(|octet| !matches!(octet, b'\r' | b'\n')).collect();
        unfolded.push(b'\n');
        if let Second::Same = compare(&unfolded, first) {
            return Second::Same;
        }
    }
    second
}

/// `mail-parser` needs a line end.
fn ended(body: &[u8]) -> Cow<'_, [u8]> {
    if body.ends_with(b"\n") { Cow::Borrowed(body) } else { Cow::Owned([body, b"\n"].concat()) }
}

fn compare(body: &[u8], first: &[FoundAddress]) -> Second {
    let value = MessageStream::new(body).parse_address();
    let found = addresses(&value);
    if found.is_empty() {
        return Second::Same;
    }
    // The fast path for nearly every field: the same texts in the same order.
    if found.len() == first.len() && found.iter().zip(first).all(|(second, first)| first.text == *second) {
        return Second::Same;
    }
    if found.len().saturating_mul(first.len()) > MAX_PAIRS {
        return Second::Refused;
    }
    let found: Vec<FoundAddress> = found.iter().map(|text| meaning(text, first)).collect();
    let only_first = first.iter().any(|address| !found.iter().any(|other| is_same(address, other)));
    let mut more: Vec<FoundAddress> = Vec::new();
    for address in found {
        if !first.iter().chain(&more).any(|other| is_same(&address, other)) {
            more.push(address);
        }
    }
    if only_first || !more.is_empty() { Second::Other(more) } else { Second::Same }
}

fn addresses<'a>(value: &'a HeaderValue<'_>) -> Vec<Cow<'a, str>> {
    let mut found = Vec::new();
    if let HeaderValue::Address(Address::List(list)) = value {
        found.extend(list.iter().filter_map(address));
    } else if let HeaderValue::Address(Address::Group(groups)) = value {
        found.extend(groups.iter().flat_map(|group| &group.addresses).filter_map(address));
    }
    found
}

/// An address of the second reader, as the first reader wrote it if both are the same.
fn meaning(text: &str, first: &[FoundAddress]) -> FoundAddress {
    if let Some(same) = first.iter().find(|first| first.text == text) {
        return same.clone();
    }
    // `mail-parser` drops the backslashes of a quoted local-part, and white space next to them.
    if let Some(escaped) = first.iter().find(|first| first.text.contains('\\') && bare(&first.text).eq(bare(text))) {
        return escaped.clone();
    }
    FoundAddress { text: text.to_owned(), spec: AddrSpec::parse(text).ok() }
}

/// Compares canonical forms if both have one, else octets.
fn is_same(one: &FoundAddress, other: &FoundAddress) -> bool {
    match (&one.spec, &other.spec) {
        (Some(one), Some(other)) => one == other,
        _ => one.text == other.text,
    }
}

fn bare(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().filter(|octet| !matches!(octet, b'\\' | b' ' | b'\t'))
}

/// The text of an address, if it has a local-part and a domain.
fn address<'a>(address: &'a Addr<'_>) -> Option<Cow<'a, str>> {
    let text = address.address.as_deref()?;
    let (local_part, domain) = text.rsplit_once('@')?;
    (!local_part.is_empty() && !domain.is_empty()).then_some(Cow::Borrowed(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::{SHORT_OCTETS, fold_short_address, plain_address, read_mailboxes, read_plain};
    use crate::message::split_header;
    use proptest::prelude::*;

    fn agrees(body: &str, found: &[FoundAddress]) -> bool {
        let message = format!("From:{body}\r\n\r\n");
        let section = split_header(message.as_bytes(), false);
        // A line of white space only makes the section malformed before the field is read.
        section.malformed.is_some()
            || matches!(second_reading(&section.fields[0], found), Second::Same)
                && !matches!(MessageStream::new(section.fields[0].ended_body).parse_address(), HeaderValue::Empty)
    }

    #[test]
    fn the_fast_path_reads_nearly_every_field() {
        for body in [
            " info@a.example",
            " Jo Doe <info@a.example>",
            " \"Company, Inc.\" <info@a.example>",
            " =?utf-8?q?J=C3=B6rg_D=2E?= <info@a.example>",
            " =?utf-8?B?SsO2cmc=?=\r\n =?UTF-8?b?SsO2cmc=?=\r\n <info@a.example>",
        ] {
            let found = read_plain(body.as_bytes()).unwrap();
            assert!(found.text == "info@a.example" && agrees(body, &[found]));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn both_readers_agree_with_the_fast_path(
            phrase in r#"[a-c.=?\u{e9}!' \t]{0,6}|([ab.?]{0,2}([ \t]|\r\n |\n\t)(=\?([a-b]|utf-8)\?[qbB]\?[A-Fa-f=_0-9.]{0,5}\?=)?){0,3}|"[a-c.,@<>()=;: \u{e9}\\?]{0,6}""#,
            address in r"[ab.=+?]{1,4}@[ab-]{1,2}\.[cd]|[a-c]@[a-c]\.c",
            before in "[ \t]?",
            after in "[ \t]?",
        ) {
            for body in [format!("{before}{phrase}<{address}>{after}"), format!("{before}{address}{after}")] {
                let short = plain_address(body.as_bytes()).and_then(|address| str::from_utf8(address).ok());
                let short = short.filter(|text| fold_short_address(text.as_bytes(), &mut [0; SHORT_OCTETS]).is_some());
                if let Some(found) = read_plain(body.as_bytes()) {
                    prop_assert!(short.is_none_or(|short| short == found.text), "{}", body);
                    prop_assert!(agrees(&body, &[found]), "{}", body);
                } else {
                    prop_assert_eq!(short, None);
                }
            }
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(body in "[\u{0}-\u{ff}<>@,\"()=?qb\\\\:; \r\n\ta-c.\\[\\]]{0,60}") {
            let field = Field {
                name: b"From",
                body: body.as_bytes(),
                kind: crate::message::FieldKind::Other,
                ended_body: body.as_bytes(),
            };
            let reading = read_mailboxes(body.as_bytes());
            let _ = second_reading(&field, &reading.addresses);
        }
    }
}
