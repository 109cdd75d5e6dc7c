//! The form of a user, row by row from the table.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use sendergate::diagnostic::{Severity, UserField};
use sendergate::user::{MAX_NOTE, MAX_USERNAME, UserDraft, validate_user};
use serde_json::{Value, json};

#[test]
fn users() {
    let table: Value = serde_json::from_str(include_str!("data/users.json")).unwrap();
    let mut failures = Vec::new();
    for row in table["rows"].as_array().unwrap() {
        let draft = &row["draft"];
        let text = |field: &str| draft[field].as_str();
        let validation = validate_user(&UserDraft {
            username: text("username"),
            active: draft["active"].as_bool(),
            priority: draft["priority"].as_f64(),
            note: text("note"),
            domains: text("domains"),
            senders: text("senders"),
        });
        let said = validation.diagnostics.iter().map(|found| {
            let field = found.field.unwrap();
            if let Some(span) = found.span {
                assert!(text(field.as_str()).unwrap().get(span.start..span.end).is_some());
                json!([field.as_str(), found.code.as_str(), span.start, span.end])
            } else {
                json!([field.as_str(), found.code.as_str()])
            }
        });
        let said: Vec<Value> = said.collect();
        let errors = validation.diagnostics.iter().any(|found| found.severity() == Severity::Error);
        assert_eq!(errors, validation.user.is_none(), "{row}");
        let mut actual = json!({ "name": row["name"], "source": row["source"], "draft": draft, "diagnostics": said });
        if let Some(user) = validation.user {
            actual["user"] = json!({
                "active": user.active(), "priority": user.priority().number(), "note": user.note(),
                "domains": user.domains(), "senders": user.senders(),
            });
            if let Some(username) = user.username() {
                actual["user"]["username"] = username.into();
            }
            // A canonical user is a draft that gives the same user.
            let again = validate_user(&UserDraft {
                username: user.username(),
                active: Some(user.active()),
                priority: Some(f64::from(user.priority().number())),
                note: Some(user.note()),
                domains: Some(user.domains()),
                senders: Some(user.senders()),
            });
            assert_eq!(again.user, Some(user), "{row}");
        }
        if *row != actual {
            failures.push(format!("expected {row}\n     got {actual}"));
        }
    }
    assert!(failures.is_empty(), "{} rows differ\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn limits() {
    let said = |draft: UserDraft<'_>| -> Vec<String> {
        let draft = UserDraft { domains: Some("a.example"), ..draft };
        validate_user(&draft).diagnostics.iter().map(ToString::to_string).collect()
    };
    let none: [&str; 0] = [];
    let (fits, long) = ("u".repeat(MAX_USERNAME), "u".repeat(MAX_USERNAME + 1));
    assert_eq!(said(UserDraft { username: Some(&fits), ..UserDraft::default() }), none);
    assert_eq!(
        said(UserDraft { username: Some(&long), ..UserDraft::default() }),
        ["error: a username has 1 to 64 characters [username-length]"]
    );
    let (fits, long) = ("ü".repeat(MAX_NOTE), "ü".repeat(MAX_NOTE + 1));
    assert_eq!(said(UserDraft { note: Some(&fits), ..UserDraft::default() }), none);
    assert_eq!(
        said(UserDraft { note: Some(&long), ..UserDraft::default() }),
        ["error: the note is longer than 2000 characters [note-too-long]"]
    );
    for priority in [0.0, 6.0, 2.5, -1.0, f64::NAN, f64::INFINITY, 1e300] {
        assert_eq!(
            said(UserDraft { priority: Some(priority), ..UserDraft::default() }),
            ["error: a priority is a whole number from 1 to 5 [priority-out-of-range]"]
        );
    }
}

/// Without the senders that a domain covers, the draft authorizes the same and says no more.
#[test]
fn covered_senders_can_be_removed() {
    let text = "info@a.example; x@sub.b.example; me@c.example;";
    let draft = UserDraft { domains: Some("a.example;*.b.example"), senders: Some(text), ..UserDraft::default() };
    let validation = validate_user(&draft);
    let mut text = text.to_owned();
    assert_eq!(validation.diagnostics.len(), 2);
    while let Some(found) = validate_user(&UserDraft { senders: Some(&text), ..draft.clone() }).diagnostics.first() {
        assert_eq!((found.code.as_str(), found.field), ("sender-covered", Some(UserField::Senders)));
        text = found.fix.as_ref().unwrap().apply(&text);
    }
    assert_eq!(text, "me@c.example;");
}
