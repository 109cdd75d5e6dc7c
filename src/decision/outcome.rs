//! Combines findings into one outcome. `decide` and `rejudge` both use it.

use super::{Action, Finding, Verdict};
use crate::address::Identity;
use crate::diagnostic::Reason;
use crate::policy::{OnUnauthorized, SenderPolicy};

/// The outcome for a message as a whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outcome {
    pub(super) verdict: Verdict,
    pub(super) reason: Reason,
    /// The index of the finding that decided, if one did.
    pub(super) decided_by: Option<usize>,
    /// Refused in both modes.
    refused: bool,
}

impl Outcome {
    pub(super) const fn of(verdict: Verdict, reason: Reason) -> Self {
        Self { verdict, reason, decided_by: None, refused: false }
    }

    /// The rules that need no findings: first an inactive user, then a message that is `malformed`.
    pub(super) fn without_findings(policy: &SenderPolicy, malformed: Option<Reason>) -> Option<Self> {
        let outcome = if policy.active() {
            Self::of(Verdict::Ambiguous, malformed?)
        } else {
            Self::of(Verdict::Unauthorized, Reason::UserInactive)
        };
        Some(Self { refused: true, ..outcome })
    }

    /// The rules for findings: the first one with the worst verdict decides. A null reverse-path never decides.
    pub(super) fn of_findings(policy: &SenderPolicy, findings: &[Finding], terminated: bool) -> Self {
        let by = |(index, finding): (usize, &Finding)| Self {
            decided_by: Some(index),
            ..Self::of(finding.verdict, finding.reason)
        };
        if let Some(path) = findings.iter().enumerate().find(|(_, finding)| is_unreadable_path(finding)) {
            return Self { refused: true, ..by(path) };
        }
        if !terminated {
            return Self::of(Verdict::Ambiguous, Reason::HeaderUnterminated);
        }
        if policy.is_unrestricted() {
            return Self::of(Verdict::Authorized, Reason::NoRestrictions);
        }
        let is_null = |finding: &Finding| finding.reason == Reason::NullReversePath;
        let mut worst: Option<(usize, &Finding)> = None;
        let mut found = false;
        for (index, finding) in findings.iter().enumerate().filter(|(_, finding)| !is_null(finding)) {
            // To programs an address in a display-name names no sender.
            found |= finding.identity != Identity::DisplayName;
            if worst.is_none_or(|(_, found)| finding.verdict > found.verdict) {
                worst = Some((index, finding));
            }
        }
        match worst {
            _ if !found && !policy.identities().is_display_name_only() => {
                Self::of(Verdict::Ambiguous, Reason::NoIdentity)
            }
            Some(worst) => by(worst),
            None => Self::of(Verdict::Authorized, Reason::NoAddressInNames),
        }
    }

    /// What happens to the message.
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

/// Whether a reverse-path is invalid or ambiguous. It cannot be relayed as it was judged (RFC 5321 section 4.1.1.2), so
/// it is refused in both modes, also without restrictions, and also if `mail-from` is not checked.
pub(super) fn is_unreadable_path(finding: &Finding) -> bool {
    finding.identity == Identity::MailFrom && finding.verdict == Verdict::Ambiguous
}
