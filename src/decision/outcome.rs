//! How what was found becomes one answer: written once, for messages that pass and for findings that were kept.

use super::{Action, Finding, Verdict};
use crate::diagnostic::Reason;
use crate::policy::{OnUnauthorized, SenderPolicy};

/// What is true of a message as a whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outcome {
    pub(super) verdict: Verdict,
    pub(super) reason: Reason,
    /// Which finding decided, where one did.
    pub(super) decided_by: Option<usize>,
    /// Refused in both modes.
    refused: bool,
}

impl Outcome {
    pub(super) const fn of(verdict: Verdict, reason: Reason) -> Self {
        Self { verdict, reason, decided_by: None, refused: false }
    }

    /// The rules that come before anything is looked for: an inactive user, then a message that is `malformed`.
    pub(super) fn without_findings(policy: &SenderPolicy, malformed: Option<Reason>) -> Option<Self> {
        let outcome = if policy.active() {
            Self::of(Verdict::Ambiguous, malformed?)
        } else {
            Self::of(Verdict::Unauthorized, Reason::UserInactive)
        };
        Some(Self { refused: true, ..outcome })
    }

    /// The rules that come after: the first of the worst decides, and a null reverse-path decides nothing.
    pub(super) fn of_findings(policy: &SenderPolicy, findings: &[Finding], terminated: bool) -> Self {
        if !terminated {
            return Self::of(Verdict::Ambiguous, Reason::HeaderUnterminated);
        }
        if policy.is_unrestricted() {
            return Self::of(Verdict::Authorized, Reason::NoRestrictions);
        }
        let is_null = |finding: &Finding| finding.reason == Reason::NullReversePath;
        let mut worst: Option<(usize, &Finding)> = None;
        for (index, finding) in findings.iter().enumerate().filter(|(_, finding)| !is_null(finding)) {
            if worst.is_none_or(|(_, found)| finding.verdict > found.verdict) {
                worst = Some((index, finding));
            }
        }
        match worst {
            None => Self::of(Verdict::Ambiguous, Reason::NoIdentity),
            Some((index, finding)) => Self { decided_by: Some(index), ..Self::of(finding.verdict, finding.reason) },
        }
    }

    /// What is done with the message.
    pub(super) const fn action(&self, policy: &SenderPolicy) -> Action {
        match self.verdict {
            _ if self.refused => Action::Block,
            Verdict::Authorized => Action::Send,
            Verdict::Unauthorized | Verdict::Ambiguous => match policy.on_unauthorized() {
                OnUnauthorized::Alert => Action::SendAndAlert,
                OnUnauthorized::Block => Action::Block,
            },
        }
    }
}
