//! Whether a message may leave: the verdict, the action, the answer to the SMTP client.

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

/// What is true of a message or of an address. The greater is the worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// The sender may be used.
    Authorized,
    /// The sender may not be used.
    Unauthorized,
    /// Nobody can say for sure who the sender is.
    Ambiguous,
}

impl Verdict {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Authorized, Self::Unauthorized, Self::Ambiguous];

    /// The name used outside.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authorized => "authorized",
            Self::Unauthorized => "unauthorized",
            Self::Ambiguous => "ambiguous",
        }
    }
}

/// What is done with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// It leaves.
    Send,
    /// It leaves, and an alert is raised.
    SendAndAlert,
    /// It does not leave, and an alert is raised.
    Block,
}

impl Action {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Send, Self::SendAndAlert, Self::Block];

    /// The name used outside.
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

/// What a scanner of the body found that no two programs read alike (RFC 5321 section 2.3.8, RFC 5322 section 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BodyFault {
    /// A NUL octet.
    Nul,
    /// A CR that no LF follows.
    BareCr,
    /// An LF without its CR in a message whose lines end with CRLF.
    BareLf,
    /// Line ends of both kinds, whichever was the first.
    LineEndings,
}

impl BodyFault {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Nul, Self::BareCr, Self::BareLf, Self::LineEndings];

    /// The name used outside.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nul => "nul",
            Self::BareCr => "bare-cr",
            Self::BareLf => "bare-lf",
            Self::LineEndings => "line-endings",
        }
    }

    /// The same as of a header section that has it. LF among CRLF is what mixed line ends are.
    const fn reason(self) -> Reason {
        match self {
            Self::Nul => Reason::MalformedNul,
            Self::BareCr => Reason::MalformedBareCr,
            Self::BareLf | Self::LineEndings => Reason::MalformedLineEndings,
        }
    }
}

named!(Verdict: "verdict", Action: "action", BodyFault: "fault of a body");

/// One message on its way out. Later releases add fields: end a literal with `..Submission::default()`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Submission<'a> {
    /// The reverse-path. An empty one is null.
    pub mail_from: ReversePath<'a>,
    /// The raw message, or a prefix that holds its header section. Absent: only the reverse-path is judged.
    pub header: Option<&'a [u8]>,
    /// The message ends where `header` ends.
    pub header_complete: bool,
    /// The envelope's MT-PRIORITY, −9 to 9 (RFC 6710).
    pub mt_priority: Option<i32>,
    /// What is wrong with the body, which is known only after it has passed: the same submission decided again with it.
    pub body_fault: Option<BodyFault>,
}

/// What was found for one address of one identity, or for an identity that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "camelCase"))]
pub struct Finding {
    /// The identity.
    pub identity: Identity,
    /// Which occurrence of its field, from 0.
    pub field: usize,
    /// Of a display-name: whose, `From`'s or `Sender`'s.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub of: Option<Identity>,
    /// The address as written; absent for a null reverse-path or where none could be read.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub address: Option<String>,
    /// Where ambiguous, every address that some reader would take.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Vec::is_empty"))]
    pub candidates: Vec<String>,
    /// What is true of it.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
    /// The entry that authorized it.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub rule: Option<Rule>,
    /// The entry that it nearly matched.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub near_miss: Option<NearMiss>,
}

/// Whether a message may leave, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decision {
    /// What is done.
    pub action: Action,
    /// What is true.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
    /// Everything that was judged, in the order of [`Identity::ALL`], then of the message.
    pub findings: Vec<Finding>,
    /// Which finding decided, where one did.
    pub decided_by: Option<usize>,
    /// The identities that were looked at, found or not: none of them where the user is inactive or the message
    /// malformed, and the reverse-path alone where there is no header.
    pub checked: Identities,
    /// The level the message leaves with.
    pub priority: PriorityResolution,
    /// One line for the Alert Center, unless the action is [`Action::Send`].
    pub alert: Option<String>,
}

impl Decision {
    /// What to answer the SMTP client.
    #[must_use]
    pub fn reply(&self) -> SmtpReply {
        SmtpReply::to(self.action, self.reason)
    }
}

/// Decides whether a message may leave. Total: there is an answer to every input.
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

/// [`decide`] for a caller that handed over only the beginning of a message: `None` where there is `more` of it, and
/// the header section goes on.
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

/// One address explained, as [`decide`] would judge it: for a form's preview. Its identity is said to be `from`.
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

/// The rules in their order.
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
