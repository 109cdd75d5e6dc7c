//! The traits of the types: `Display`, `FromStr`, `Error` and others.

use sendergate::UnknownName;
use sendergate::address::{AddrSpec, Domain, GrammarError, Identity, LocalPart, MailboxProblem, PathProblem};
use sendergate::decision::{Action, BodyFault, ReversePath, Submission, Verdict, decide};
use sendergate::diagnostic::{Code, Reason, Severity, Span, UserField};
use sendergate::list::{DomainKind, Lints, ListKind, SenderKind, parse_domain_list, parse_sender_list};
use sendergate::message::{Completion, CompletionError, Malformed};
use sendergate::policy::{How, OnUnauthorized, PolicyOptions, SenderPolicy};
use sendergate::priority::{Level, PrioritySource};
use std::error::Error;
use std::fmt::{Debug, Display};
use std::str::FromStr;

#[track_caller]
fn named<T>(all: &[T])
where
    T: Copy + Debug + Display + PartialEq + AsRef<str> + FromStr<Err = UnknownName>,
{
    assert!(!all.is_empty());
    for one in all {
        assert_eq!(one.as_ref(), one.to_string());
        assert_eq!(one.as_ref().parse::<T>().as_ref(), Ok(one));
        assert!(one.as_ref().to_uppercase().parse::<T>().is_err());
        let width = one.as_ref().len() + 2;
        assert_eq!(format!("{one:>width$}"), format!("  {one}"));
    }
}

#[test]
fn names_are_written_and_read_back() {
    named(Code::ALL);
    named(Reason::ALL);
    named(Severity::ALL);
    named(UserField::ALL);
    named(&Identity::ALL);
    named(Verdict::ALL);
    named(Action::ALL);
    named(BodyFault::ALL);
    named(PrioritySource::ALL);
    named(How::ALL);
    named(ListKind::ALL);
    named(DomainKind::ALL);
    named(SenderKind::ALL);
    named(OnUnauthorized::ALL);
}

#[test]
fn texts_are_parsed_and_written() {
    let domain: Domain = "Bücher.example".parse().unwrap();
    assert_eq!((domain.as_ref(), &*domain.to_string()), ("xn--bcher-kva.example", "xn--bcher-kva.example"));
    let address = AddrSpec::try_from("Info@A.example").unwrap();
    assert_eq!((&*address.to_string(), &*format!("{address:>16}")), ("Info@a.example", "  Info@a.example"));
    let local_part: LocalPart = "\"Info\"".parse().unwrap();
    assert_eq!((local_part.as_ref(), &*local_part.to_string()), ("\"Info\"", "\"Info\""));
    for number in 1..=5_u8 {
        let level = Level::try_from(number).unwrap();
        assert_eq!((level.to_string().parse(), u8::from(level)), (Ok(level), number));
    }
    for text in ["", "0", "6", "01", "+1", "1 "] {
        assert!(text.parse::<Level>().is_err(), "{text:?}");
    }
    let list = parse_domain_list("*.A.example;b.example", Lints::Errors);
    let written: Vec<String> = list.entries.iter().map(ToString::to_string).collect();
    assert_eq!(written.join(";"), list.canonical);
    let list = parse_sender_list("News+*@A.example;\"a b\"@b.example", Lints::Errors);
    let written: Vec<String> = list.entries.iter().map(ToString::to_string).collect();
    assert_eq!(written.join(";"), list.canonical);
    assert_eq!(Span::from(1..3).to_string(), "1..3");
}

#[track_caller]
fn thrown(error: impl Error + Send + Sync + 'static, expected: &str) {
    let error: Box<dyn Error + Send + Sync> = error.into();
    assert_eq!(error.to_string(), expected);
}

#[test]
fn errors_say_what_is_wrong_where_and_what_to_do() {
    let domain = |text| Domain::parse(text).unwrap_err();
    thrown(domain("a..example"), "the domain has two dots in a row, or begins with one [empty-label, octets 1..3]");
    thrown(domain("a_b.example"), "the domain contains `_`, which no mail domain may have [underscore, octets 1..2]");
    let long = "a".repeat(64) + ".example";
    thrown(domain(&long), "the label is longer than the 63 octets a label may have [label-too-long, octets 0..64]");
    thrown("x@".parse::<AddrSpec>().unwrap_err(), "a domain is missing [empty-domain, octets 2..2]");
    thrown("no".parse::<Action>().unwrap_err(), "`no` is no action; write send, send-and-alert or block");
    thrown("no".parse::<Code>().unwrap_err(), "`no` is no code of a diagnostic");
    thrown(Level::try_from(6).unwrap_err(), "`6` is no priority, a whole number from 1 to 5");
    thrown(PathProblem::SourceRoute, Reason::SourceRoute.text());
    thrown(Malformed::BareCr, Reason::MalformedBareCr.text());
    assert_eq!(MailboxProblem::Group.to_string(), Reason::GroupSyntax.text());
    let completion = |host, id, seconds| Completion::new(host, id, seconds, None).unwrap_err();
    thrown(completion("a b", "1@a.example", 0), "`host` is neither a domain nor an address literal");
    thrown(completion("a", "1", 0), "`message_id` is no msg-id; write `left@right` without its angle brackets");
    assert_eq!(completion("a", "1@a", i64::MAX), CompletionError::Date);
    thrown(CompletionError::Date, "`seconds` is before 1900 or after 9999");
    let options = PolicyOptions { domains: "a.example.", ..PolicyOptions::default() };
    thrown(
        SenderPolicy::new(&options).unwrap_err(),
        "the policy does not parse\nerror: `a.example.` ends in a dot [trailing-dot]",
    );
}

/// No code of a grammar error has braces in its message, because its parameters may be unknown there.
#[test]
fn grammar_errors_leave_no_braces() {
    let texts = [
        "", "a", "a.", ".a.b", "a..b", "-a.b", "a_b.c", "a b.c", "xn--a.b", "1.2.3.4", "@a.b", "a@", "a@b@c.d",
        "a.@b.c", "\"a@b.c",
    ];
    for text in texts {
        let errors: Vec<GrammarError> =
            [Domain::parse(text).err(), AddrSpec::parse(text).err(), LocalPart::parse(text).err()]
                .into_iter()
                .flatten()
                .collect();
        assert!(!errors.is_empty(), "{text}");
        for error in errors {
            assert!(!error.to_string().contains(['{', '}']), "{error}");
        }
    }
}

#[test]
fn replies_are_lines_of_smtp() {
    let policy = SenderPolicy::new(&PolicyOptions { domains: "a.example", ..PolicyOptions::default() }).unwrap();
    let reply =
        |path| decide(&policy, &Submission { mail_from: ReversePath::Path(path), ..Submission::default() }).reply();
    assert_eq!(reply("jo@a.example").to_string(), "250 2.0.0 accepted");
    assert_eq!(
        reply("jo@b.example").to_string(),
        "550 5.7.1 sender refused: neither the domain nor the address is listed"
    );
}
