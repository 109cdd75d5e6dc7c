//! The decision table: a policy, a submission, and the decision.

use super::invariants::{decide_checked, reverse_path};
use super::{Report, header, policy, rows, table, text};
use sendergate::address::Identity;
use sendergate::decision::{BodyFault, Decision, Finding, ReversePath, Submission, decide, explain};
use sendergate::policy::Rule;
use serde_json::{Value, json};
use std::collections::HashMap;

pub(crate) const TABLE: &str = include_str!("../data/decisions.json");

fn rule(rule: &Rule) -> String {
    format!("{}:{}", rule.list.as_str(), rule.entry)
}

fn body_fault(name: &str) -> BodyFault {
    *BodyFault::ALL.iter().find(|fault| fault.as_str() == name).expect("a fault")
}

/// A finding with the keys of the table.
pub(crate) fn finding(finding: &Finding) -> Value {
    json!({
        "identity": finding.identity.as_str(),
        "field": finding.field,
        "of": finding.of.map(Identity::as_str),
        "address": finding.address,
        "candidates": finding.candidates,
        "verdict": finding.verdict.as_str(),
        "reason": finding.reason.as_str(),
        "rule": finding.rule.as_ref().map(rule),
        "nearMiss": finding.near_miss.as_ref().map(|near| format!("{}:{}", near.how.as_str(), rule(&near.rule))),
    })
}

/// A decision with the keys of the table.
fn decision(decision: &Decision) -> Value {
    let (p, reply) = (&decision.priority, decision.reply());
    json!({
        "action": decision.action.as_str(),
        "verdict": decision.verdict.as_str(),
        "reason": decision.reason.as_str(),
        "decidedBy": decision.decided_by,
        "findings": decision.findings.iter().map(finding).collect::<Vec<_>>(),
        "checked": decision.checked.iter().map(Identity::as_str).collect::<Vec<_>>(),
        "reply": [reply.code, reply.enhanced_code],
        "replyText": reply.text,
        "alert": decision.alert,
        "priority": {
            "effective": p.effective.number(),
            "user": p.user.number(),
            "message": p.message.map(|level| level.number()),
            "source": p.source.as_str(),
            "conflict": p.conflict,
            "capped": p.capped,
            "fields": p.fields().iter().map(|(name, value)| json!([name, value])).collect::<Vec<_>>(),
        },
    })
}

/// Compares the expected keys at every depth.
pub(crate) fn differences(at: &str, expected: &Value, got: &Value, out: &mut Vec<String>) {
    match (expected, got) {
        (Value::Object(expected), Value::Object(_)) => {
            for (key, expected) in expected {
                differences(&format!("{at}.{key}"), expected, &got[key], out);
            }
        }
        (Value::Array(expected), Value::Array(got)) if expected.len() == got.len() => {
            for (index, (expected, got)) in expected.iter().zip(got).enumerate() {
                differences(&format!("{at}[{index}]"), expected, got, out);
            }
        }
        (Value::Bool(there), Value::Null | Value::String(_)) if *there == got.is_string() => {}
        _ if expected == got => {}
        _ => out.push(format!("{at} is {got}, not {expected}")),
    }
}

pub(crate) fn run() -> Report {
    let table = table(TABLE);
    let mut report = Report::new("decisions.json");
    let mut replies = HashMap::new();
    for row in rows(&table) {
        report.checked();
        let (name, header, policy) = (text(row, "name"), header(row), policy(&row["policy"]));
        let submission = Submission {
            mail_from: reverse_path(row),
            header: header.as_deref(),
            header_complete: row["headerComplete"].as_bool().unwrap_or(false),
            mt_priority: row["mtPriority"].as_i64().map(|value| i32::try_from(value).unwrap()),
            body_fault: row["bodyFault"].as_str().map(body_fault),
        };
        let (decided, broken) = decide_checked(&policy, &submission);
        for rule in broken {
            report.fail(name, rule);
        }
        let mut expected = row["expect"].clone();
        let holds = expected.as_object_mut().unwrap().remove("alertHolds");
        if let Some(part) = holds.as_ref().and_then(Value::as_str) {
            let alert = decided.alert.as_deref().unwrap_or_default();
            report.expect(name, alert.contains(part), || format!("the alert is {alert:?}"));
        }
        let mut differing = Vec::new();
        differences("", &expected, &decision(&decided), &mut differing);
        for difference in differing {
            report.fail(name, format!("{difference}: {decided:?}"));
        }
        // The reply depends only on action and reason: it contains nothing of a message.
        let said = replies.entry((decided.action.as_str(), decided.reason.as_str())).or_insert_with(|| decided.reply());
        report.expect(name, *said == decided.reply(), || {
            format!("another reply for the same reason: {:?}", decided.reply())
        });
        agree(&mut report, name, &submission, row);
    }
    report
}

/// `authorizes`, `explain`, and `decide` for a reverse-path alone, agree on one address.
fn agree(report: &mut Report, name: &str, submission: &Submission<'_>, row: &Value) {
    let ReversePath::Path(address) = submission.mail_from else { return };
    let mut lists = row["policy"].clone();
    lists.as_object_mut().unwrap().remove("identities");
    let policy = policy(&lists);
    if address.is_empty() {
        return;
    }
    let alone = Submission { mail_from: ReversePath::Path(address), ..Submission::default() };
    let decided = decide(&policy, &alone).verdict;
    let explained = explain(&policy, address).verdict;
    let fast = policy.authorizes(address);
    report.expect(name, explained == decided && fast == (decided == sendergate::decision::Verdict::Authorized), || {
        format!("{address}: decided {decided:?}, explained {explained:?}, authorizes {fast}")
    });
}
