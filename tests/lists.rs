//! Both lists, by the rows of the tables, and properties of any text.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

mod common;

use common::list_tables::{Reader, Reading, domains, fix_all, senders};
use proptest::prelude::*;
use sendergate::diagnostic::{Code, Diagnostic, Severity, Span};
use sendergate::list::{Lints, MAX_LIST_BYTES, parse_domain_list, parse_sender_list};
use std::time::{Duration, Instant};

#[test]
fn domain_lists() {
    common::list_tables::domain_lists();
}

#[test]
fn sender_lists() {
    common::list_tables::sender_lists();
}

#[track_caller]
fn says(read: Reader, text: &str, messages: &[&str]) {
    let said: Vec<String> = read(text).diagnostics.iter().map(ToString::to_string).collect();
    assert_eq!(said, messages, "{text}");
}

#[test]
fn exact_messages() {
    says(domains, "a.com, b.com", &["error: entries are separated by `;`, not by `,` [separator-comma]"]);
    says(domains, "a.com b.com", &["error: entries are separated by `;`, not by white space [separator-space]"]);
    says(domains, ";", &["error: the list holds separators but no entry [no-entry]"]);
    says(domains, "a..com", &["error: `a..com` has two dots in a row, or begins with one [empty-label]"]);
    says(domains, "info@a.com", &["error: `info@a.com` is an address, not a domain [address-in-domains]"]);
    says(
        domains,
        "pay\u{200b}pal.com",
        &["error: the character U+200B, which nobody can see, stands here [invisible-character]"],
    );
    says(
        domains,
        "https://a.com/x",
        &["error: `https://` belongs to a web address [url-scheme]", "error: `/x` belongs to a web address [url-path]"],
    );
    says(
        domains,
        "co.uk;*.com.br",
        &[
            "warning: `co.uk` is a public suffix, below which anybody can have a domain [public-suffix]",
            "warning: `*.com.br` is a public suffix, below which anybody can have a domain [public-suffix]",
        ],
    );
    says(
        senders,
        "Doe, John <j@a.com>",
        &["error: `Doe, John <j@a.com>` has a name beside its address [display-name]"],
    );
    says(senders, "a.com", &["error: `a.com` is a domain, not an address [domain-in-senders]"]);
    says(
        senders,
        "info*@a.com;*@a.com",
        &[
            "error: before the `@` of `info*@a.com`, `*` may only stand in `+*`, as in `info+*@yourCompany.example` [wildcard-local-part]",
            "error: before the `@` of `*@a.com`, `*` may only stand in `+*`, as in `info+*@yourCompany.example` [wildcard-local-part]",
        ],
    );
    says(
        senders,
        "a%b.com+*@a.com",
        &[
            "error: `a%b.com+*@a.com` has `%` or `!` before its `@`: what may route elsewhere is listed address by address [routing-sub-addresses]",
        ],
    );
    says(
        senders,
        "info+x@a.com;Info+*@A.com",
        &["warning: `info+x@a.com` is covered by `Info+*@a.com` already [covered-by-sub-addresses]"],
    );
    let long = "x".repeat(100);
    says(senders, &long, &[&*format!("error: `{}…` has no `@` [at-missing]", "x".repeat(80))]);
}

/// A wrong `*` gets a fix for something similar, which is never safe; without anything similar there is none.
#[test]
fn a_star_is_mended_by_hand() {
    for (typed, corrected) in [
        ("info*@a.com", Some("info+*@a.com")),
        ("info+**@a.com", Some("info+*@a.com")),
        ("info+news*@a.com", Some("info+*@a.com")),
        ("info+a+**@a.com", Some("info+a+*@a.com")),
        ("jörg*@bücher.example", Some("jörg+*@bücher.example")),
        ("<info*@a.com>", Some("<info+*@a.com>")),
        ("*@a.com", None),
        ("+*@a.com", None),
        ("+x*@a.com", None),
        ("*+x@a.com", None),
        ("in*fo@a.com", None),
        ("i*o*@a.com", None),
        ("info.*@a.com", None),
        ("x%b.com*@a.com", None),
        ("x!b.com+*@a.com", None),
    ] {
        let found = senders(typed).diagnostics;
        let star = |it: &&Diagnostic| matches!(it.code, Code::WildcardLocalPart | Code::RoutingSubAddresses);
        let fix = &found.iter().find(star).unwrap().fix;
        assert_eq!(fix.as_ref().and_then(|fix| fix.apply(typed)).as_deref(), corrected, "{typed}");
        assert!(fix.as_ref().is_none_or(|fix| !fix.safe), "{typed}");
    }
    let fix = senders("info+news*@a.com").diagnostics[0].fix.clone().unwrap();
    assert_eq!(fix.title, "write `info+*`");
}

/// An address with many `+` is compared with the entries for each `+`.
#[test]
fn a_long_list_of_sub_addresses_takes_linear_time() {
    let pluses = "+a".repeat(30);
    let text: String = (0..20_000).map(|n| format!("x{pluses}@a{n}.b;x{pluses}+*@a{n}.b;")).collect();
    let start = Instant::now();
    let reading = senders(&text[..text.floor_char_boundary(MAX_LIST_BYTES)]);
    assert!(start.elapsed() < Duration::from_secs(10));
    assert!(reading.entries.len() > 10_000);
}

#[test]
fn a_list_over_the_limit_is_told_alone() {
    for read in [domains as Reader, senders] {
        let text = format!("{}ü", ";,".repeat(MAX_LIST_BYTES / 2));
        let reading = read(&text);
        assert_eq!(reading.diagnostics.len(), 1);
        assert_eq!(reading.diagnostics[0].to_string(), "error: the list is longer than 1048576 bytes [list-too-long]");
        assert_eq!(reading.diagnostics[0].span, Some(Span::new(MAX_LIST_BYTES, MAX_LIST_BYTES + 2)));
        assert!(!reading.ok && reading.entries.is_empty());
    }
}

/// No fix makes an empty list, which could authorize every sender.
#[test]
fn no_safe_fix_empties_a_list() {
    for text in ["\u{200b}", "“”", "<>", ";\0", " \u{feff}; ", "\u{200b};\u{200b}", "@"] {
        for read in [domains as Reader, senders] {
            let reading = read(text);
            assert!(!reading.ok, "{text:?}");
            assert!(reading.diagnostics.iter().all(|it| it.fix.as_ref().is_none_or(|fix| !fix.safe)), "{text:?}");
            assert_eq!(fix_all(read, text), text);
        }
    }
    assert_eq!(fix_all(domains, "a.com;\u{200b}"), "a.com;");
}

/// `fix_all` finishes every list of a person, however long; one that is made to need a round for every few bytes stays as it is.
#[test]
fn fixing_is_bounded() {
    let long: String = (0..8_000).map(|n| format!("https://{n:x}.a.example/ , ")).collect();
    let fixed = fix_all(domains, &long);
    assert_eq!((domains(&fixed).ok, domains(&fixed).entries.len()), (true, 8_000));
    let made = "'@".repeat(16_384);
    assert_eq!(fix_all(domains, &made), made);
    common::checks::fixes(&"'@".repeat(400));
    let over = "a.com, ".repeat(MAX_LIST_BYTES / 7 + 1);
    assert_eq!(fix_all(domains, &over), over);
}

/// 32 KiB of each piece in one text. If any check took quadratic time, one of them would take minutes.
#[test]
fn no_text_takes_quadratic_time() {
    for piece in [
        "a",
        "a.",
        ".",
        "a,",
        "a ",
        ", ",
        ";",
        "*",
        "*\u{200b}",
        "\u{200b}",
        "a\u{200b}",
        "。",
        "。\u{200b}",
        "@",
        "a@",
        "\"",
        "\"\\",
        "\"a;",
        "<",
        "x <",
        "<a>",
        "(",
        "(x) ",
        "a (x) ",
        "a. ",
        ".a ",
        "a @b ",
        "http://",
        "/",
        "ü",
        "ü.",
        "xn--a.",
        "-",
        "_",
        "a_b.",
        "\u{fffd}",
        "a\n",
        "a\u{3000}",
        "；",
        "a.com;",
        "ü.com;",
        "*.a.com;",
        "a@a.com;",
        "x<a@a.com>,",
    ] {
        let text = piece.repeat(32_768 / piece.len());
        for read in [domains as Reader, senders] {
            let start = Instant::now();
            let reading = read(&text);
            assert!(start.elapsed() < Duration::from_secs(10), "{piece:?}");
            assert_eq!(reading.ok, reading.diagnostics.iter().all(|it| it.severity() != Severity::Error));
        }
    }
}

/// Typos are found in lists of up to a thousand domains, however far apart they are.
#[test]
fn typos_in_long_lists() {
    let names: Vec<String> =
        (0..998).map(|n| format!("{}name.example", "abcdefgh".repeat(1 + n % 6) + &n.to_string())).collect();
    let text = format!("mycompany.example;{};mycompnay.example;mycompanny.example", names.join(";"));
    let said: Vec<String> =
        domains(&text.replacen("abcdefgh0name.example;", "", 1)).diagnostics.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "warning: `mycompnay.example` looks like a typo for `mycompany.example` [near-duplicate]",
            "warning: `mycompanny.example` looks like a typo for `mycompany.example` [near-duplicate]",
        ]
    );
    assert!(domains(&text).diagnostics.is_empty());
}

#[test]
fn long_lists() {
    let valid: String = (0..100_000).map(|n| format!("{n:x}.a.b;")).collect();
    assert_eq!(domains(&valid).entries.len(), 100_000);
    assert_eq!(senders(&valid.replace(".a", "@a")).entries.len(), 100_000);
    let lines = valid.replace(';', "\n");
    let reading = domains(&lines);
    assert_eq!((reading.entries.len(), reading.diagnostics.len()), (100_000, 99_999));
    let same = "a.com;".repeat(100_000);
    let reading = domains(&same);
    assert_eq!((reading.entries.len(), reading.diagnostics.len()), (1, 99_999));
    // More diagnostics than anybody reads: one line gives the number of the others, and the list is still refused.
    let reading = domains(&"a,".repeat(200_000));
    assert_eq!(reading.diagnostics.len(), (1 << 17) + 1);
    assert_eq!(reading.diagnostics.last().unwrap().code.as_str(), "more-problems");
    assert!(!reading.ok);
}

/// Parts of lists, right and wrong.
fn typed() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("a.com"),
        Just("b.example"),
        Just("info@a.com"),
        Just("info+x@a.com"),
        Just("info+*@a.com"),
        Just("+*"),
        Just("%"),
        Just("*.a.com"),
        Just("*"),
        Just(";"),
        Just("; "),
        Just(", "),
        Just(","),
        Just(" "),
        Just("\n"),
        Just("；"),
        Just("\u{37e}"),
        Just("、"),
        Just("."),
        Just(".."),
        Just("@"),
        Just("＠"),
        Just("。"),
        Just("\u{200b}"),
        Just("\u{202e}"),
        Just("\u{fffd}"),
        Just("\0"),
        Just("\u{a0}"),
        Just("\""),
        Just("\\"),
        Just("'"),
        Just("<"),
        Just(">"),
        Just("("),
        Just(")"),
        Just("["),
        Just("]"),
        Just("https://"),
        Just("mailto:"),
        Just("/x"),
        Just(":25"),
        Just("?q"),
        Just("www."),
        Just("co.uk"),
        Just("gmail.com"),
        Just("gmial.com"),
        Just("Info Desk "),
        Just("Doe, John "),
        Just("<j@a.com>"),
        Just("bücher.example"),
        Just("xn--bcher-kva.example"),
        Just("xn--a"),
        Just("раypal"),
        Just("😀"),
        Just("-"),
        Just("_"),
        Just("192.0.2.1"),
        Just("::1"),
        Just("localhost"),
        Just("com"),
        Just("a"),
        Just("ü"),
        Just("example.com"),
        Just("exmaple.com"),
        Just("\"a;b\"@x.com"),
        Just("A.com"),
        Just("a\u{301}"),
        Just("\u{200d}"),
        Just("//"),
        Just("@@"),
    ];
    prop::collection::vec(piece, 0..9).prop_map(|pieces| pieces.concat())
}

fn holds(read: Reader, text: &str) -> Result<(), TestCaseError> {
    let reading = read(text);
    let mut last = 0;
    for diagnostic in &reading.diagnostics {
        let span = diagnostic.span.unwrap();
        prop_assert!(text.get(span.start..span.end).is_some(), "{:?}", diagnostic);
        prop_assert!(span.start >= last, "out of order: {:?}", reading.diagnostics);
        last = span.start;
        let Some(fix) = &diagnostic.fix else { continue };
        let mut end = 0;
        for edit in &fix.edits {
            prop_assert!(text.get(edit.span.start..edit.span.end).is_some() && edit.span.start >= end, "{:?}", fix);
            end = edit.span.end;
        }
        // A fix alone removes its diagnostic. If that changes the meaning of the text around it, the same code may appear
        // again, but not with the same message in the same place.
        let applied = fix.apply(text).unwrap();
        let corrected = read(&applied).diagnostics;
        let count = |all: &[Diagnostic]| all.iter().filter(|it| it.code == diagnostic.code).count();
        let stays = |it: &Diagnostic| {
            it.code == diagnostic.code && it.params().eq(diagnostic.params()) && it.span.unwrap().start == span.start
        };
        let gone = count(&corrected) < count(&reading.diagnostics) || !corrected.iter().any(stays);
        prop_assert!(gone, "{:?} {:?}", diagnostic, applied);
    }
    for (_, span) in &reading.entries {
        prop_assert!(text.get(span.start..span.end).is_some());
    }
    let again = read(&reading.canonical);
    prop_assert!(again.ok, "{:?}", again.diagnostics);
    prop_assert_eq!(&again.canonical, &reading.canonical);
    let forms = |reading: &Reading| reading.entries.iter().map(|(form, _)| form.clone()).collect::<Vec<_>>();
    prop_assert_eq!(forms(&again), forms(&reading));
    common::checks::fixes(text);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_domain_list_keeps_its_promises(text in typed()) {
        holds(domains, &text)?;
    }

    #[test]
    fn any_sender_list_keeps_its_promises(text in typed()) {
        holds(senders, &text)?;
    }

    #[test]
    fn errors_alone_are_the_errors_of_all(text in typed()) {
        let (all, errors) = (parse_domain_list(&text, Lints::All), parse_domain_list(&text, Lints::Errors));
        prop_assert_eq!(all.canonical, errors.canonical);
        let of_all: Vec<_> = all.diagnostics.into_iter().filter(|it| it.severity() == Severity::Error).collect();
        prop_assert_eq!(of_all, errors.diagnostics);
        let (all, errors) = (parse_sender_list(&text, Lints::All), parse_sender_list(&text, Lints::Errors));
        prop_assert_eq!(all.canonical, errors.canonical);
        let of_all: Vec<_> = all.diagnostics.into_iter().filter(|it| it.severity() == Severity::Error).collect();
        prop_assert_eq!(of_all, errors.diagnostics);
    }
}
