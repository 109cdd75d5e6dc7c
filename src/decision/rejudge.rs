//! Judges kept findings by another policy: what a gate would decide today about a message of the past.

use super::findings::{found, path_finding};
use super::outcome::{Outcome, is_unreadable_path};
use super::{Action, Finding, Verdict};
use crate::address::{AddrSpec, Identities, Identity};
use crate::diagnostic::Reason;
use crate::policy::SenderPolicy;

/// Other facts of the decision that the findings are from.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default))]
pub struct Was {
    /// The reason of the decision.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub reason: Option<Reason>,
    /// The identities that were checked.
    pub checked: Identities,
    /// Some findings were not kept.
    pub truncated: bool,
}

impl Default for Was {
    /// The default identities were checked, and all findings were kept.
    fn default() -> Self {
        Self { reason: None, checked: Identities::USUAL, truncated: false }
    }
}

/// The decision of a policy on kept findings.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "camelCase"))]
pub struct Rejudgement {
    /// The worst verdict.
    pub verdict: Verdict,
    /// What would happen to the message.
    pub action: Action,
    /// The reason.
    pub reason: Reason,
    /// The findings of the identities that the policy checks, judged again.
    pub findings: Vec<Finding>,
    /// The index of the finding that decided, if one did.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub decided_by: Option<usize>,
    /// The identities that the policy checks but that were not checked then. Their verdict could be worse than this
    /// one. Empty if they could change nothing: for an inactive user or a malformed message.
    pub unknown: Identities,
}

/// Judges kept findings again, by the rules of [`decide`](super::decide).
///
/// If all findings were kept and `unknown` is empty, the answer is that of [`decide`](super::decide) for the same
/// message, with three exceptions:
/// - An ambiguous finding stays ambiguous, even if the policy covers all its candidates.
/// - If two readers found different addresses in a field, and the former policy covered all of them, each address is
///   judged separately. One that is not covered now is unauthorized; the field is not ambiguous.
/// - If a field could not be read and was authorized because both lists were empty, the cause was not kept. It is
///   ambiguous, with the reason [`Reason::NotKept`].
///
/// So this authorizes nothing that [`decide`](super::decide) would not authorize. If findings were not kept, it
/// authorizes only a message without restrictions, then and now.
///
/// ```
/// use sendergate::decision::{Submission, Verdict, Was, decide, rejudge};
/// use sendergate::policy::{PolicyOptions, SenderPolicy};
/// let open = SenderPolicy::new(&PolicyOptions::default()).unwrap();
/// let header = Some(b"From: info@a.example\r\n\r\n".as_slice());
/// let then = decide(&open, &Submission { header, ..Submission::default() });
///
/// let policy = SenderPolicy::new(&PolicyOptions { domains: "b.example", ..PolicyOptions::default() }).unwrap();
/// let was = Was { reason: Some(then.reason), checked: then.checked, truncated: false };
/// assert_eq!(rejudge(&policy, &then.findings, &was).verdict, Verdict::Unauthorized);
/// ```
#[must_use]
pub fn rejudge(policy: &SenderPolicy, findings: &[Finding], was: &Was) -> Rejudgement {
    let malformed = was.reason.filter(|reason| reason.is_malformed());
    if let Some(outcome) = Outcome::without_findings(policy, malformed) {
        return answer(policy, &outcome, Vec::new(), Identities::NONE);
    }
    // With these reasons the message was not read.
    let unread = matches!(was.reason, Some(Reason::UserInactive | Reason::EngineFault));
    let checked = if unread { Identities::NONE } else { was.checked };
    let findings: Vec<Finding> = findings
        .iter()
        .filter(|finding| policy.identities().contains(finding.identity) || is_unreadable_path(finding))
        .map(|finding| judged_again(policy, finding))
        .collect();
    let terminated = was.reason != Some(Reason::HeaderUnterminated);
    let mut outcome = Outcome::of_findings(policy, &findings, terminated);
    let was_open = was.reason == Some(Reason::NoRestrictions) && policy.is_unrestricted();
    let rests_on_what_is_kept = outcome.verdict == Verdict::Authorized || outcome.reason == Reason::NoIdentity;
    if (was.truncated || unread) && rests_on_what_is_kept && !was_open {
        outcome = Outcome::of(Verdict::Ambiguous, Reason::NotKept);
    }
    answer(policy, &outcome, findings, policy.identities().except(checked))
}

fn answer(policy: &SenderPolicy, outcome: &Outcome, findings: Vec<Finding>, unknown: Identities) -> Rejudgement {
    Rejudgement {
        verdict: outcome.verdict,
        action: outcome.action(policy),
        reason: outcome.reason,
        findings,
        decided_by: outcome.decided_by,
        unknown,
    }
}

/// Judges an address again. A finding that could not be read stays the same, unless there are no restrictions now.
fn judged_again(policy: &SenderPolicy, kept: &Finding) -> Finding {
    let again = |verdict, reason| Finding { verdict, reason, rule: None, near_miss: None, ..kept.clone() };
    let is_null = kept.reason == Reason::NullReversePath && kept.identity == Identity::MailFrom;
    match &kept.address {
        None if is_null => again(Verdict::Authorized, Reason::NullReversePath),
        _ if is_unreadable_path(kept) => again(kept.verdict, kept.reason),
        _ if kept.verdict == Verdict::Ambiguous && !policy.is_unrestricted() => again(kept.verdict, kept.reason),
        Some(address) => {
            Finding { identity: kept.identity, field: kept.field, of: kept.of, ..address_again(policy, kept, address) }
        }
        None if policy.is_unrestricted() => again(Verdict::Authorized, Reason::NoRestrictions),
        None => again(Verdict::Ambiguous, Reason::NotKept),
    }
}

/// Judges an address that was found in a header field. If it does not parse here, no entry can match it.
fn address_again(policy: &SenderPolicy, kept: &Finding, address: &str) -> Finding {
    if kept.identity != Identity::MailFrom && AddrSpec::parse(address).is_err() {
        return found(kept.identity, kept.field, address.to_owned(), policy.judge(None));
    }
    path_finding(policy, address)
}
