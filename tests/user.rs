//! The form of a user, by the rows of the table.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

mod common;

use sendergate::diagnostic::UserField;
use sendergate::user::{MAX_NOTE, MAX_USERNAME, UserDraft, validate_user};

#[test]
fn users() {
    common::user_table::users();
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

/// Without the senders that a domain covers, the draft authorizes the same and has no warning.
#[test]
fn covered_senders_can_be_removed() {
    let text = "info@a.example; x@sub.b.example; me@c.example;";
    let draft = UserDraft { domains: Some("a.example;*.b.example"), senders: Some(text), ..UserDraft::default() };
    let validation = validate_user(&draft);
    let mut text = text.to_owned();
    assert_eq!(validation.diagnostics.len(), 2);
    while let Some(found) = validate_user(&UserDraft { senders: Some(&text), ..draft.clone() }).diagnostics.first() {
        assert_eq!((found.code.as_str(), found.field), ("sender-covered", Some(UserField::Senders)));
        text = found.fix.as_ref().unwrap().apply(&text).unwrap();
    }
    assert_eq!(text, "me@c.example;");
}
