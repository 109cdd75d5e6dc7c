//! Findings that were kept, judged again by another policy: what a gate would say today of a message of the past.

use super::findings::{found, path_finding};
use super::outcome::{Outcome, is_unreadable_path};
use super::{Action, Finding, Verdict};
use crate::address::{AddrSpec, Identities, Identity};
use crate::diagnostic::Reason;
use crate::policy::SenderPolicy;

/// What else was said of a message when its findings were made.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default))]
pub struct Was {
    /// The reason of the decision.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub reason: Option<Reason>,
    /// The identities that were looked at.
    pub checked: Identities,
    /// Findings were left out.
    pub truncated: bool,
}

impl Default for Was {
    /// All identities of a policy that says nothing of them were looked at, and all findings are there.
    fn default() -> Self {
        Self { reason: None, checked: Identities::USUAL, truncated: false }
    }
}

/// What a policy makes of findings that were kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "camelCase"))]
pub struct Rejudgement {
    /// What is true.
    pub verdict: Verdict,
    /// What would be done.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// The findings of the identities that the policy checks, judged again.
    pub findings: Vec<Finding>,
    /// Which of them decided, where one did.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub decided_by: Option<usize>,
    /// The identities that the policy checks and nobody looked at then: what stands there could be worse than what is
    /// said here. None where it could change nothing: of an inactive user, of a malformed message.
    pub unknown: Identities,
}

/// Judges findings that were kept again, in the order of [`decide`](super::decide).
///
/// Where the findings are all there and nothing is unknown, the answer is that of [`decide`](super::decide) on the same
/// message, but for these:
/// - What was ambiguous stays so, though the policy may cover all its candidates.
/// - Of a field in which two readers find different addresses, which the former policy all covered, each address is
///   judged by itself: one that is not covered now is unauthorized, and not the field ambiguous.
/// - Of a field that could not be read and was let through, since both lists were empty, nobody knows why any more: it
///   is ambiguous, with the reason [`Reason::NotKept`].
///
/// So nothing is authorized here that [`decide`](super::decide) would not authorize. Where findings were left out, only
/// what was authorized without restrictions and is so again is authorized.
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
    // Then nothing of the message was read.
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

/// An address is judged anew; what could not be read stays what it was, unless there are no restrictions now.
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

/// What stood in a header field was read there, however odd: at worst no entry can name it.
fn address_again(policy: &SenderPolicy, kept: &Finding, address: &str) -> Finding {
    if kept.identity != Identity::MailFrom && AddrSpec::parse(address).is_err() {
        return found(kept.identity, kept.field, address.to_owned(), policy.judge(None));
    }
    path_finding(policy, address)
}
