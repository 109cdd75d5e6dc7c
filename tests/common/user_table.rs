//! The form of a user, row by row.

use sendergate::diagnostic::Severity;
use sendergate::user::{UserDraft, validate_user};
use serde_json::{Value, json};

pub(crate) fn users() {
    let table: Value = serde_json::from_str(include_str!("../data/users.json")).unwrap();
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
