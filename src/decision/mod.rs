//! Decides whether a message may be sent: the verdict, the action, and the reply to the SMTP client.

mod answer;
mod findings;
mod outcome;
mod rejudge;

pub use answer::SmtpReply;
pub use rejudge::{Rejudgement, Was, rejudge};

use crate::address::{Identities, Identity};
use crate::diagnostic::Reason;
use crate::message::{HeaderSection, Malformed, read_priority_fields, split_known};
use crate::named::named;
use crate::policy::{NearMiss, Rule, SenderPolicy};
use crate::priority::{PriorityFields, PriorityResolution, resolve};
use findings::{find, path_finding};
use outcome::Outcome;

/// What is known about a message or an address. A greater verdict is a worse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// The user may send as this sender.
    Authorized,
    /// The user may not send as this sender.
    Unauthorized,
    /// The sender is uncertain: two programs could read different ones.
    Ambiguous,
}

impl Verdict {
    /// All values.
    pub const ALL: &'static [Self] = &[Self::Authorized, Self::Unauthorized, Self::Ambiguous];

    /// The name in JSON and in messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authorized => "authorized",
            Self::Unauthorized => "unauthorized",
            Self::Ambiguous => "ambiguous",
        }
    }
}

/// What happens to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// It is sent.
    Send,
    /// It is sent, and an alert is raised.
    SendAndAlert,
    /// It is not sent, and an alert is raised.
    Block,
}

impl Action {
    /// All values.
    pub const ALL: &'static [Self] = &[Self::Send, Self::SendAndAlert, Self::Block];

    /// The name in JSON and in messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::SendAndAlert => "send-and-alert",
            Self::Block => "block",
        }
    }
}

/// The reverse-path of an envelope (RFC 5321 section 4.1.1.2), without its angle brackets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReversePath<'a> {
    /// There is no envelope.
    #[default]
    Absent,
    /// `<>`.
    Null,
    /// An address.
    Path(&'a str),
}

/// A fault that a scanner found in the body, which programs read differently (RFC 5321 section 2.3.8, RFC 5322 section
/// 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BodyFault {
    /// A NUL octet.
    Nul,
    /// A CR without LF.
    BareCr,
    /// An LF without CR in a message with CRLF line ends.
    BareLf,
    /// Line ends of both kinds, in any order.
    LineEndings,
}

impl BodyFault {
    /// All values.
    pub const ALL: &'static [Self] = &[Self::Nul, Self::BareCr, Self::BareLf, Self::LineEndings];

    /// The name in JSON and in messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nul => "nul",
            Self::BareCr => "bare-cr",
            Self::BareLf => "bare-lf",
            Self::LineEndings => "line-endings",
        }
    }

    /// The reason of a header section with the same fault. LF among CRLF counts as mixed line ends.
    const fn reason(self) -> Reason {
        match self {
            Self::Nul => Reason::MalformedNul,
            Self::BareCr => Reason::MalformedBareCr,
            Self::BareLf | Self::LineEndings => Reason::MalformedLineEndings,
        }
    }
}

named!(Verdict: "verdict", Action: "action", BodyFault: "fault of a body");

/// One message to decide. Later releases add fields, so end a literal with `..Submission::default()`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Submission<'a> {
    /// The reverse-path. An empty text is the null reverse-path.
    pub mail_from: ReversePath<'a>,
    /// The raw message, or its start with the whole header section. `None`: only the reverse-path is judged.
    pub header: Option<&'a [u8]>,
    /// The message ends at the end of `header`.
    pub header_complete: bool,
    /// The envelope's MT-PRIORITY, −9 to 9 (RFC 6710).
    pub mt_priority: Option<i32>,
    /// The fault of the body, if any. A gate that learns it later decides the same submission again with it.
    pub body_fault: Option<BodyFault>,
}

/// The verdict on one address of one identity, or on an identity that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "camelCase"))]
pub struct Finding {
    /// The identity.
    pub identity: Identity,
    /// The number of its field among those of the identity, from 0.
    pub field: usize,
    /// For a display-name: the field of the name, `From` or `Sender`.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub of: Option<Identity>,
    /// The address as written; `None` for a null reverse-path, or if it could not be read.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub address: Option<String>,
    /// If ambiguous: every address that some program would find.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Vec::is_empty"))]
    pub candidates: Vec<String>,
    /// The verdict.
    pub verdict: Verdict,
    /// The reason.
    pub reason: Reason,
    /// The entry that authorized it.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub rule: Option<Rule>,
    /// The entry that it nearly matched.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub near_miss: Option<NearMiss>,
}

/// The decision on one message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decision {
    /// What happens to the message.
    pub action: Action,
    /// The worst verdict.
    pub verdict: Verdict,
    /// The reason.
    pub reason: Reason,
    /// All findings, in the order of [`Identity::ALL`], then of the message.
    pub findings: Vec<Finding>,
    /// The index of the finding that decided, if one did.
    pub decided_by: Option<usize>,
    /// The identities that were checked, whether found or not. None if the user is inactive or the message malformed;
    /// only the reverse-path if there is no header.
    pub checked: Identities,
    /// The level of the message.
    pub priority: PriorityResolution,
    /// One line for the Alert Center; `None` for [`Action::Send`].
    pub alert: Option<String>,
}

impl Decision {
    /// The reply to the SMTP client.
    #[must_use]
    pub fn reply(&self) -> SmtpReply {
        SmtpReply::to(self.action, self.reason)
    }
}

/// Decides whether a message may be sent. Every input gets an answer.
///
/// ```
/// use sendergate::decision::{Action, ReversePath, Submission, decide};
/// use sendergate::policy::{PolicyOptions, SenderPolicy};
/// let policy = SenderPolicy::new(&PolicyOptions { domains: "a.example", ..PolicyOptions::default() }).unwrap();
/// let decision = decide(&policy, &Submission {
///     mail_from: ReversePath::Path("bounce@a.example"),
///     header: Some(b"From: Info <info@a.example>\r\nX-Priority: 1\r\n\r\n"),
///     ..Submission::default()
/// });
/// assert_eq!(decision.action, Action::Send);
/// assert_eq!(decision.priority.effective.number(), 1);
/// ```
#[must_use]
pub fn decide(policy: &SenderPolicy, submission: &Submission<'_>) -> Decision {
    let section = submission.header.map(|header| split_known(header, submission.header_complete));
    decide_section(policy, submission, section.as_ref())
}

/// [`decide`] for a caller with only the start of a message. `None` if there is `more` of the message and the header
/// section is not complete.
#[must_use]
pub fn decide_prefix(policy: &SenderPolicy, submission: &Submission<'_>, more: bool) -> Option<Decision> {
    let section = submission.header.map(|header| split_known(header, submission.header_complete && !more));
    let goes_on = section.as_ref().is_some_and(|section| !section.terminated && section.malformed.is_none());
    (!more || !goes_on).then(|| decide_section(policy, submission, section.as_ref()))
}

fn decide_section(policy: &SenderPolicy, submission: &Submission<'_>, section: Option<&HeaderSection<'_>>) -> Decision {
    let fields = section.map_or(PriorityFields::default(), read_priority_fields);
    let priority = resolve(policy.priority(), policy.max_priority(), &fields, submission.mt_priority);
    let (outcome, findings, checked) = judge(policy, submission, section);
    let (action, decided_by) = (outcome.action(policy), outcome.decided_by);
    Decision {
        action,
        verdict: outcome.verdict,
        reason: outcome.reason,
        decided_by,
        checked,
        priority,
        alert: answer::alert(action, outcome.reason, decided_by.and_then(|index| findings.get(index))),
        findings,
    }
}

/// Judges one address as [`decide`] would, for a preview in a form. The identity of the finding is `from`.
#[must_use]
pub fn explain(policy: &SenderPolicy, address: &str) -> Finding {
    let mut finding = path_finding(policy, address);
    finding.identity = Identity::From;
    if !policy.active() {
        let (verdict, reason) = (Verdict::Unauthorized, Reason::UserInactive);
        finding = Finding { verdict, reason, rule: None, near_miss: None, ..finding };
    }
    finding
}

/// Applies the rules in their order.
fn judge(
    policy: &SenderPolicy,
    submission: &Submission<'_>,
    section: Option<&HeaderSection<'_>>,
) -> (Outcome, Vec<Finding>, Identities) {
    let of_header = section.and_then(|section| section.malformed).map(Malformed::reason);
    let malformed = of_header.or(submission.body_fault.map(BodyFault::reason));
    if let Some(outcome) = Outcome::without_findings(policy, malformed) {
        return (outcome, Vec::new(), Identities::NONE);
    }
    let checked = match section {
        Some(_) => policy.identities(),
        None => policy.identities().without_fields(),
    };
    let findings = find(policy, submission, section);
    let terminated = section.is_none_or(|section| section.terminated);
    (Outcome::of_findings(policy, &findings, terminated), findings, checked)
}
