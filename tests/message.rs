//! The readers of a message's header section, by tables: `tests/data/{header_sections,mailboxes,originators,
//! priority_fields}.json`. An input is a string of UTF-8, or, where it is none, `{"base64": "…"}`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::wildcard_enum_match_arm)]

mod common;

use proptest::prelude::*;
use sendergate::address::{AddrSpec, FoundAddress, Identity, read_mailboxes};
use sendergate::message::{
    FieldKind, MAX_HEADER_BYTES, Malformed, Reading, read_originators, read_priority_fields, split_header,
};
use std::time::{Duration, Instant};

#[test]
fn header_sections() {
    common::message_tables::header_sections();
}

#[test]
fn what_a_submission_agent_changes() {
    common::completing::run().assert(90);
}

#[test]
fn what_a_log_shows() {
    common::facts::run().assert(60);
}

#[test]
fn mailboxes() {
    common::message_tables::mailboxes();
}

#[test]
fn originators() {
    common::message_tables::originators();
}

#[test]
fn priority_fields() {
    common::message_tables::priority_fields();
}

#[test]
fn the_limit_is_where_it_is_said_to_be() {
    let padded = |length: usize| {
        let mut message = b"From: a@b.example\r\nX: ".to_vec();
        message.resize(length - 4, b'x');
        message.extend_from_slice(b"\r\n\r\n");
        message
    };
    assert!(split_header(&padded(MAX_HEADER_BYTES), false).terminated);
    for complete in [false, true] {
        let message = padded(MAX_HEADER_BYTES + 1);
        let section = split_header(&message, complete);
        assert_eq!((section.malformed, section.terminated), (Some(Malformed::TooLarge), false));
    }
    let mut body = padded(MAX_HEADER_BYTES);
    body.extend_from_slice(b"\0\r\r\nFrom: evil@c.example\n\r\n");
    assert!(split_header(&body, false).terminated);
    assert_eq!(split_header(&body, false).fields.len(), 2);
}

#[test]
fn a_field_that_is_slow_to_read_twice_is_ambiguous() {
    let words = "=?aa?q?x ".repeat(200);
    let message = format!("From: {words}<info@a.example>\r\n\r\n");
    let section = split_header(message.as_bytes(), false);
    let readings = read_originators(&section);
    assert!(matches!(&readings[0].reading, Reading::Ambiguous(_, found) if found[0].text == "info@a.example"));
}

#[test]
fn nothing_takes_more_than_linear_time() {
    for pattern in ["(", "\"", "[", "<", "@", "a@b ", "=?", "=?a?q? ", "=?a?q?\"", "\\", ",", "a.", "(@", "?=", ":"] {
        let body = pattern.repeat(MAX_HEADER_BYTES / pattern.len());
        let _ = read_mailboxes(body.as_bytes());
        let _ = read_mailboxes(format!("{body} a@b.example").as_bytes());
        let section = format!("From: {body}\r\n\r\n");
        let _ = read_originators(&split_header(section.as_bytes(), false));
    }
}

#[test]
fn words_within_words_are_looked_at_up_to_a_bound_for_the_whole_section() {
    let field = format!("X-Note: =?utf-8?q?=3D?=?utf-8?q?{}?=\r\n", "x".repeat(20_000));
    let kinds = |count: usize| {
        let message = [field.repeat(count), "From: a@a.example\r\n\r\n".to_owned()].concat();
        let section = split_header(message.as_bytes(), false);
        section.fields.iter().map(|field| field.kind).collect::<Vec<_>>()
    };
    let from = FieldKind::Originator(Identity::From);
    assert_eq!(kinds(1), [FieldKind::Other, from]);
    // Fields that are not read may contain anything.
    assert_eq!(kinds(2), [FieldKind::Other, FieldKind::Obscured(Identity::From), from]);
    // Many short ones took a minute for one message.
    let field = format!("X-Note: {}\r\n", "=??q?".repeat(20));
    let message = field.repeat(MAX_HEADER_BYTES / field.len());
    let start = Instant::now();
    assert!(split_header(message.as_bytes(), true).terminated);
    assert!(start.elapsed() < Duration::from_secs(10));
}

/// The addresses that a program without grammar would find: address characters around an `@`, outside quoted-strings.
fn look_alikes(body: &[u8]) -> Vec<String> {
    let mut open = Vec::new();
    let (mut quoted, mut escaped, mut comment) = (false, false, 0);
    for octet in body {
        match octet {
            _ if escaped => escaped = false,
            b'\\' if quoted || comment > 0 => escaped = true,
            b'"' if comment == 0 => quoted = !quoted,
            b'(' if !quoted => comment += 1,
            b')' if !quoted => comment -= 1,
            _ => {}
        }
        open.push(if quoted || escaped || *octet == b'"' { b'"' } else { *octet });
    }
    let is_part = |octet: &u8| *octet > 32 && *octet != 127 && !b"()<>[]:;\\,\"".contains(octet);
    open.split(|octet| !is_part(octet))
        .filter(|run| run.contains(&b'@') && run[0] != b'@')
        .map(|run| String::from_utf8_lossy(run).trim_end_matches('.').to_owned())
        .collect()
}

fn octets() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(&[
            "From", "Sender", "Resent-From", ":", " ", "\r\n", "\n", "\r", "\0", "\t", "<", ">", "@", ",", ";", "\"",
            "(", ")", "\\", ".", "[", "]", "a", "b.example", "info@a.example", "=?utf-8?q?", "?=", "é", "X-Priority: 1",
        ][..]).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..4),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_octets_are_split_and_read(octets in octets(), complete: bool) {
        let section = split_header(&octets, complete);
        prop_assert!(!section.terminated || section.malformed.is_none());
        let _ = read_priority_fields(&section);
        for field in read_originators(&section) {
            if let Reading::Agreed(found) | Reading::Differing(found) = &field.reading {
                prop_assert!(!found.is_empty());
            }
        }
        let reading = read_mailboxes(&octets);
        prop_assert!(reading.problem.is_some() || reading.mailboxes > 0 && !reading.addresses.is_empty());
    }

    #[test]
    fn nothing_outside_quotes_that_looks_like_an_address_goes_unjudged(octets in octets(), first in "|ceo@bank.example[ ,<]?") {
        let mut body = first.into_bytes();
        body.extend_from_slice(&octets);
        let reading = read_mailboxes(&body);
        if reading.problem.is_none() {
            for address in look_alikes(&body) {
                // A longer text on the left has the same domain; a meaningless address is never authorized.
                let judged = reading.addresses.iter().any(|found| match found.spec {
                    Some(_) => found.text.ends_with(&address),
                    None => found.text.contains(&address),
                });
                prop_assert!(judged || AddrSpec::parse(&address).is_err(), "{} in {:?}", address, body.escape_ascii().to_string());
            }
        }
    }

    #[test]
    fn what_a_prefix_says_for_sure_the_whole_says_too(octets in octets(), cut in any::<prop::sample::Index>()) {
        let whole = split_header(&octets, false);
        let prefix = split_header(&octets[..cut.index(octets.len() + 1)], false);
        if prefix.malformed.is_some() || prefix.terminated {
            prop_assert_eq!((prefix.malformed, prefix.terminated), (whole.malformed, whole.terminated));
            prop_assert!(!prefix.terminated || prefix.fields == whole.fields);
        }
    }

    #[test]
    fn a_prefix_is_never_terminated_nor_malformed(body in "[ a-z<>@.\"]{1,20}", lf: bool, rest in "[\\PC--[\u{2028}\u{2029}]]{0,9}") {
        let message = format!("From: {body}\r\nX: y\r\n {rest}z\r\nResent-From:a@b.example\r\n\r\n");
        let message = if lf { message.replace("\r\n", "\n") } else { message };
        let whole = split_header(message.as_bytes(), false);
        prop_assert!(whole.terminated && whole.fields.len() == 3);
        for end in 0..message.len() {
            let section = split_header(&message.as_bytes()[..end], false);
            prop_assert!(!section.terminated && section.malformed.is_none(), "{}", end);
        }
        let longer = [message.as_bytes(), body.as_bytes(), b"\0\r\rFrom: x@y.example"].concat();
        prop_assert_eq!(split_header(&longer, false).fields, whole.fields);
    }

    #[test]
    fn a_mailbox_is_read_as_it_was_written(
        name in "\"[a-z ,.;:<>()]{0,9}\"|\"[a-z.@]{0,9}\"|\"[a-z@]{1,4} [a-z@]{1,4}\"|[a-z]{1,6}( [A-Z][a-z]{1,4}\\.?)?|=\\?utf-8\\?q\\?[a-z_=C3]{0,6}\\?=|",
        local in "[a-z0-9+_-]{1,8}(\\.[a-z]{1,3})?|\"[a-z ]{1,6}\"",
        domain in "[a-z]{1,6}\\.(example|com)",
        comment in "|\\([a-z ,;:<>]{0,6}\\)",
        fold in "| |\r\n |\t",
    ) {
        let address = format!("{local}@{domain}");
        // A comment may not be next to a quoted name with an `@`.
        let comment = if name.contains('@') { "" } else { &comment };
        let body = format!(" {name}{fold}<{address}>{fold}{comment}");
        let reading = read_mailboxes(body.as_bytes());
        prop_assert_eq!(reading.problem, None);
        prop_assert_eq!(reading.addresses, vec![FoundAddress { spec: AddrSpec::parse(&address).ok(), text: address.clone() }]);
        let message = format!("From:{body}\r\n\r\n");
        let readings = read_originators(&split_header(message.as_bytes(), false));
        prop_assert!(matches!(readings[0].reading, Reading::Agreed(_)), "{:?}", readings);
    }
}
