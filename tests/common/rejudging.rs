//! Judging stored findings again: the table `tests/data/rejudge.json`, and properties of every message.

use super::decisions::{differences, finding};
use super::{Report, policy, rows, table, text};
use sendergate::address::{Identities, Identity};
use sendergate::decision::{Finding, Rejudgement, Submission, Verdict, Was, decide, rejudge};
use sendergate::diagnostic::Reason;
use sendergate::policy::SenderPolicy;
use serde_json::{Value, json};

pub(crate) const TABLE: &str = include_str!("../data/rejudge.json");

fn named<T: Copy>(all: &[T], name: fn(T) -> &'static str, value: &Value) -> T {
    *all.iter().find(|one| Some(name(**one)) == value.as_str()).unwrap_or_else(|| panic!("no such name: {value}"))
}

/// A finding as a log stores it.
fn kept(value: &Value) -> Finding {
    Finding {
        identity: named(&Identity::ALL, Identity::as_str, &value["identity"]),
        field: usize::try_from(value["field"].as_u64().unwrap_or(0)).unwrap(),
        of: value["of"].as_str().map(|_| named(&Identity::ALL, Identity::as_str, &value["of"])),
        address: value["address"].as_str().map(str::to_owned),
        candidates: value["candidates"]
            .as_array()
            .map_or(Vec::new(), |all| all.iter().map(|one| one.as_str().unwrap().to_owned()).collect()),
        verdict: named(Verdict::ALL, Verdict::as_str, &value["verdict"]),
        reason: named(Reason::ALL, Reason::as_str, &value["reason"]),
        rule: None,
        near_miss: None,
    }
}

fn was(value: &Value) -> Was {
    let all = |names: &Vec<Value>| {
        let members: Vec<Identity> = names.iter().map(|name| named(&Identity::ALL, Identity::as_str, name)).collect();
        Identities::new(&members).unwrap_or_else(|| Identities::USUAL.except(Identities::USUAL))
    };
    Was {
        reason: value["reason"].as_str().map(|_| named(Reason::ALL, Reason::as_str, &value["reason"])),
        checked: value["checked"].as_array().map_or(Identities::USUAL, all),
        truncated: value["truncated"].as_bool().unwrap_or(false),
    }
}

fn written(again: &Rejudgement) -> Value {
    json!({
        "verdict": again.verdict.as_str(),
        "action": again.action.as_str(),
        "reason": again.reason.as_str(),
        "decidedBy": again.decided_by,
        "findings": again.findings.iter().map(finding).collect::<Vec<_>>(),
        "unknown": again.unknown.iter().map(Identity::as_str).collect::<Vec<_>>(),
    })
}

pub(crate) fn run() -> Report {
    let table = table(TABLE);
    let mut report = Report::new("rejudge.json");
    for row in rows(&table) {
        report.checked();
        let findings: Vec<Finding> = row["findings"].as_array().unwrap().iter().map(kept).collect();
        let again = rejudge(&policy(&row["policy"]), &findings, &was(&row["was"]));
        let mut differing = Vec::new();
        differences("", &row["expect"], &written(&again), &mut differing);
        for difference in differing {
            report.fail(text(row, "name"), format!("{difference}: {again:?}"));
        }
    }
    report
}

/// Judges the findings of `then` again with `now`: the result is as `now` decides on the message, or stricter where documented.
pub(crate) fn rejudged(then: &SenderPolicy, now: &SenderPolicy, submission: &Submission<'_>) {
    let first = decide(then, submission);
    let was = Was { reason: Some(first.reason), checked: first.checked, truncated: false };
    let again = rejudge(now, &first.findings, &was);
    let anew = decide(now, submission);
    let said = || format!("{again:?}\ninstead of {anew:?}\nof {first:?}");
    if again.unknown.is_empty() {
        assert!(again.verdict != Verdict::Authorized || anew.verdict == Verdict::Authorized, "{}", said());
        let all_but_these = (again.verdict, again.action, again.reason) == (anew.verdict, anew.action, anew.reason)
            && again.decided_by == anew.decided_by
            && again.findings == anew.findings;
        assert!(all_but_these || may_differ(&first.findings, &again, &anew.findings), "{}", said());
    }
    // A second time with the same policy changes nothing.
    let same = Was { reason: Some(again.reason), ..was };
    if again.reason != Reason::UserInactive && again.reason != Reason::NotKept {
        assert_eq!(rejudge(now, &again.findings, &same).findings, again.findings);
    }
    // Without some findings, nothing becomes authorized that was not, or that is not with all findings.
    let kept: Vec<Finding> = first.findings.iter().step_by(2).cloned().collect();
    let truncated = rejudge(now, &kept, &Was { truncated: true, ..was });
    assert!(
        truncated.verdict != Verdict::Authorized || first.verdict == Verdict::Authorized,
        "{truncated:?} {}",
        said()
    );
    assert!(
        truncated.verdict != Verdict::Authorized || anew.verdict == Verdict::Authorized,
        "{truncated:?} {}",
        said()
    );
}

/// The three differences that `rejudge` documents.
fn may_differ(then: &[Finding], again: &Rejudgement, anew: &[Finding]) -> bool {
    let stays = |finding: &Finding| finding.verdict == Verdict::Ambiguous;
    let let_through = |finding: &Finding| finding.reason == Reason::NoRestrictions && finding.address.is_none();
    then.iter().any(stays)
        || then.iter().any(let_through) && again.verdict == Verdict::Ambiguous
        || anew.iter().any(stays) && again.verdict != Verdict::Authorized
}
