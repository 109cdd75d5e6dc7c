//! The shapes of the feature `serde`, which are those of the npm package.
#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use sendergate::address::{AddrSpec, Domain, Identities, Identity, LocalPart};
use sendergate::decision::{Finding, ReversePath, Submission, Was, decide, rejudge};
use sendergate::diagnostic::{Code, Reason};
use sendergate::list::{Lints, parse_domain_list, parse_sender_list};
use sendergate::policy::{PolicyOptions, SenderPolicy};
use sendergate::priority::Level;
use sendergate::user::{UserDraft, validate_user};
use serde_json::{Value, from_value, json, to_value};

fn policy(domains: &str) -> SenderPolicy {
    SenderPolicy::new(&PolicyOptions { domains, ..PolicyOptions::default() }).unwrap()
}

#[test]
fn lists_look_as_in_the_package() {
    assert_eq!(
        to_value(parse_domain_list("*.Bücher.example, b.example", Lints::All)).unwrap(),
        json!({
            "ok": false,
            "entries": [
                {
                    "kind": "subdomains",
                    "ascii": "xn--bcher-kva.example",
                    "unicode": "bücher.example",
                    "span": { "start": 0, "end": 17 },
                },
                { "kind": "domain", "ascii": "b.example", "unicode": "b.example", "span": { "start": 19, "end": 28 } },
            ],
            "diagnostics": [{
                "code": "separator-comma",
                "severity": "error",
                "message": "entries are separated by `;`, not by `,`",
                "params": { "found": "," },
                "span": { "start": 17, "end": 18 },
                "fix": {
                    "title": "write `;`",
                    "edits": [{ "span": { "start": 17, "end": 18 }, "replacement": ";" }],
                    "safe": true,
                },
            }],
            "canonical": "*.xn--bcher-kva.example;b.example",
        })
    );
    assert_eq!(
        to_value(parse_sender_list("News+*@A.example", Lints::All)).unwrap()["entries"],
        json!([{
            "kind": "sub-addresses",
            "address": "News+*@a.example",
            "localPart": "News+*",
            "domain": { "ascii": "a.example", "unicode": "a.example" },
            "span": { "start": 0, "end": 16 },
        }])
    );
}

#[test]
fn a_decision_looks_as_in_the_package() {
    let decision = decide(
        &policy("a.example"),
        &Submission {
            mail_from: ReversePath::Path("jo@www.a.example"),
            header: Some(b"From: info@a.example\r\nX-Priority: 1\r\n\r\n"),
            ..Submission::default()
        },
    );
    assert_eq!(
        to_value(&decision).unwrap(),
        json!({
            "action": "block",
            "verdict": "unauthorized",
            "reason": "not-listed",
            "findings": [
                {
                    "identity": "mail-from",
                    "field": 0,
                    "address": "jo@www.a.example",
                    "verdict": "unauthorized",
                    "reason": "not-listed",
                    "nearMiss": { "list": "domains", "entry": "a.example", "how": "subdomain-of-listed" },
                },
                {
                    "identity": "from",
                    "field": 0,
                    "address": "info@a.example",
                    "verdict": "authorized",
                    "reason": "listed-domain",
                    "rule": { "list": "domains", "entry": "a.example" },
                },
            ],
            "decidedBy": 0,
            "checked": ["mail-from", "from", "sender", "resent-from", "resent-sender"],
            "priority": {
                "effective": 1,
                "user": 3,
                "message": 1,
                "source": "x-priority",
                "conflict": false,
                "capped": false,
                "fields": [
                    { "name": "X-Priority", "value": "1 (Highest)" },
                    { "name": "Importance", "value": "high" },
                    { "name": "X-MSMail-Priority", "value": "High" },
                ],
            },
            "reply": {
                "code": 550,
                "enhancedCode": "5.7.1",
                "text": "sender refused: neither the domain nor the address is listed",
            },
            "alert": "blocked: mail-from `jo@www.a.example`: neither the domain nor the address is listed",
        })
    );
}

#[test]
fn a_user_looks_as_in_the_package() {
    let draft = UserDraft { username: Some("jo"), domains: Some("a.example"), ..UserDraft::default() };
    assert_eq!(
        to_value(validate_user(&draft)).unwrap(),
        json!({
            "ok": true,
            "user": {
                "username": "jo", "active": true, "priority": 3, "note": "", "domains": "a.example", "senders": "",
            },
            "diagnostics": [],
        })
    );
    let refused = to_value(validate_user(&UserDraft { priority: Some(9.0), ..draft })).unwrap();
    assert_eq!((&refused["ok"], &refused["user"]), (&json!(false), &Value::Null));
    assert_eq!(refused["diagnostics"][0]["field"], json!("priority"));
}

/// A log stores findings as JSON, and another policy judges them again.
#[test]
fn findings_come_back() {
    let header = b"From: Jo <jo@a.example>\r\nSender: @x:y@b.example\r\n\r\n";
    let submission = Submission { header: Some(header), mail_from: ReversePath::Null, ..Submission::default() };
    let decision = decide(&policy("a.example"), &submission);
    let written = to_value(&decision).unwrap();
    let findings: Vec<Finding> = from_value(written["findings"].clone()).unwrap();
    assert_eq!(findings, decision.findings);
    let was: Was = from_value(json!({ "reason": written["reason"], "checked": written["checked"] })).unwrap();
    assert_eq!((was.reason, was.checked, was.truncated), (Some(decision.reason), decision.checked, false));
    let again = rejudge(&policy("a.example"), &findings, &was);
    assert_eq!(to_value(&again).unwrap()["reason"], written["reason"]);
}

#[test]
fn texts_and_numbers_are_read_by_their_grammar() {
    assert_eq!(from_value::<Domain>(json!("A.example")).unwrap().as_ascii(), "a.example");
    assert_eq!(from_value::<AddrSpec>(json!("Info@A.example")).unwrap().canonical(), "Info@a.example");
    assert_eq!(from_value::<LocalPart>(json!("\"Info\"")).unwrap().key(), "info");
    assert_eq!(from_value::<Level>(json!(5)).unwrap(), Level::VERY_LOW);
    assert_eq!(from_value::<Identities>(json!(["from", "sender"])).unwrap().iter().count(), 2);
    assert!(from_value::<Identities>(json!([])).unwrap().is_empty());
    for code in Code::ALL {
        assert_eq!(from_value::<Code>(to_value(code).unwrap()).unwrap(), *code);
    }
    for reason in Reason::ALL {
        assert_eq!(from_value::<Reason>(json!(reason.to_string())).unwrap(), *reason);
    }

    let refused = |result: Result<(), serde_json::Error>| result.unwrap_err().to_string();
    assert_eq!(
        refused(from_value::<Domain>(json!("a.example.")).map(drop)),
        "the domain ends in a dot [trailing-dot, octets 9..10]"
    );
    assert_eq!(refused(from_value::<Level>(json!(6)).map(drop)), "`6` is no priority, a whole number from 1 to 5");
    assert_eq!(refused(from_value::<Reason>(json!("no")).map(drop)), "`no` is no reason");
    assert!(
        refused(from_value::<Identity>(json!("From")).map(drop))
            .starts_with("`From` is no identity; write mail-from, ")
    );
}
