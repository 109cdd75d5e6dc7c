//! The invariants of every decision.

use sendergate::address::Identity;
use sendergate::decision::{Action, Decision, Finding, ReversePath, Submission, Verdict, decide};
use sendergate::diagnostic::Reason;
use sendergate::policy::{OnUnauthorized, SenderPolicy};
use serde_json::Value;

/// The reverse-path of a row: absent, `null`, or a text.
pub(crate) fn reverse_path(row: &Value) -> ReversePath<'_> {
    match row.get("mailFrom") {
        None => ReversePath::Absent,
        Some(Value::Null) => ReversePath::Null,
        Some(path) => ReversePath::Path(path.as_str().expect("a reverse-path is a text or null")),
    }
}

/// Decides, and returns the invariants that the decision breaks.
pub(crate) fn decide_checked(policy: &SenderPolicy, submission: &Submission<'_>) -> (Decision, Vec<String>) {
    let decision = decide(policy, submission);
    let broken = broken(policy, submission, &decision);
    (decision, broken)
}

/// The invariants that `decision` breaks by itself.
pub(crate) fn broken(policy: &SenderPolicy, submission: &Submission<'_>, decision: &Decision) -> Vec<String> {
    let mut broken = Vec::new();
    let mut must = |holds: bool, what: &str| {
        if !holds {
            broken.push(format!("{what}: {decision:?}"));
        }
    };
    let Decision { action, verdict, reason, ref findings, decided_by, ref alert, checked, .. } = *decision;
    let reply = decision.reply();

    let refused = reason == Reason::UserInactive || reason.as_str().starts_with("malformed-");
    must((action == Action::Send) == (verdict == Verdict::Authorized), "only the authorized is sent without an alert");
    let unreadable = |f: &Finding| f.identity == Identity::MailFrom && f.verdict == Verdict::Ambiguous;
    let no_path = findings.iter().any(unreadable);
    if verdict != Verdict::Authorized {
        let expected = match policy.on_unauthorized() {
            OnUnauthorized::Alert if !refused && !no_path => Action::SendAndAlert,
            OnUnauthorized::Alert | OnUnauthorized::Block => Action::Block,
        };
        must(action == expected, "the mode decides what is done");
    }
    must(alert.is_some() == (action != Action::Send), "an alert, unless it is simply sent");
    must(alert.as_ref().is_none_or(|line| !line.chars().any(char::is_control)), "an alert is one line");

    must(reply.text.bytes().all(|byte| (0x20..=0x7e).contains(&byte)), "a reply is printable ASCII");
    must(reply.text.len() + reply.enhanced_code.len() + 5 <= 400, "a reply has at most 400 octets");
    must(!reply.text.contains('@'), "a reply holds no address");
    let code = match (action, reason) {
        (Action::Send | Action::SendAndAlert, _) => (250, "2."),
        (Action::Block, Reason::MalformedHeaderTooLarge) => (552, "5.3.4"),
        (Action::Block, _) if reason.as_str().starts_with("malformed-") => (554, "5.6.0"),
        (Action::Block, _) => (550, "5.7.1"),
    };
    must(reply.code == code.0 && reply.enhanced_code.starts_with(code.1), "the code of the reply");

    let order: Vec<_> = findings.iter().map(|finding| (finding.identity, finding.field)).collect();
    must(order.is_sorted(), "findings in the order of the identities, then of the message");
    must(!no_path || verdict == Verdict::Ambiguous, "a reverse-path that nobody can read is refused");
    must(findings.iter().all(|f| checked.contains(f.identity) || unreadable(f)), "only checked identities are judged");
    let named = |f: &Finding| matches!(f.of, Some(Identity::From | Identity::Sender));
    must(findings.iter().all(|f| named(f) == (f.identity == Identity::DisplayName)), "a display-name is somebody's");
    let read = !refused && submission.header.is_some();
    let looked_at =
        |identity| policy.identities().contains(identity) && !refused && (read || identity == Identity::MailFrom);
    let is_right = |identity| checked.contains(identity) == looked_at(identity);
    must(Identity::ALL.into_iter().all(is_right), "what was looked at is told");
    if let Some(index) = decided_by {
        let Some(decider) = findings.get(index) else { return vec![format!("decidedBy points nowhere: {decision:?}")] };
        must(
            decider.verdict == verdict && decider.reason == reason,
            "the decision is that of the finding that decided",
        );
        must(findings.iter().all(|f| f.verdict <= verdict), "the worst verdict decides");
        let first = findings.iter().position(|f| f.verdict == verdict && f.reason != Reason::NullReversePath);
        must(first == Some(index), "ties go to the first");
    }
    for finding in findings {
        let listed = matches!(finding.reason, Reason::ListedDomain | Reason::ListedSender);
        must(finding.rule.is_some() == listed, "a rule names the entry that authorized");
        let free = matches!(finding.reason, Reason::NoRestrictions | Reason::NullReversePath);
        must((finding.verdict == Verdict::Authorized) == (listed || free), "a verdict follows from its reason");
        must(finding.near_miss.is_none() || finding.reason == Reason::NotListed, "a near miss is of the not listed");
        must(finding.candidates.is_empty() || finding.address.is_none(), "candidates stand where no address is sure");
    }

    let p = &decision.priority;
    must(p.effective >= policy.max_priority(), "nothing passes the cap");
    must(p.capped == (p.effective > p.user.higher(p.message.unwrap_or(p.user))), "capped says that the cap lowered it");
    must(p.capped || p.effective == p.user.higher(p.message.unwrap_or(p.user)), "the higher of the two");
    if submission.header.is_none() {
        must(findings.iter().all(|f| f.identity.as_str() == "mail-from"), "without a header only mail-from is judged");
    }
    broken
}
