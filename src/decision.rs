//! Whether a message may leave: the verdict, the action, the answer to the SMTP client.

mod answer;

pub use answer::SmtpReply;

use crate::address::{FoundAddress, Identity, PathProblem, read_reverse_path};
use crate::diagnostic::Reason;
use crate::message::{
    HeaderSection, Malformed, Read, Reading, for_each_originator, read_field, read_priority_fields, split_known,
};
use crate::policy::{Judgement, NearMiss, OnUnauthorized, Rule, SenderPolicy};
use crate::priority::{PriorityFields, PriorityResolution, resolve};

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

/// One message on its way out.
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
}

/// What was found for one address of one identity, or for an identity that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The identity.
    pub identity: Identity,
    /// Which occurrence of its field, from 0.
    pub field: usize,
    /// The address as written; absent for a null reverse-path or where none could be read.
    pub address: Option<String>,
    /// Where ambiguous, every address that some reader would take.
    pub candidates: Vec<String>,
    /// What is true of it.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
    /// The entry that authorized it.
    pub rule: Option<Rule>,
    /// The entry that it nearly matched.
    pub near_miss: Option<NearMiss>,
}

/// Whether a message may leave, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// The level the message leaves with.
    pub priority: PriorityResolution,
    /// What to answer the SMTP client.
    pub reply: SmtpReply,
    /// One line for the Alert Center, unless the action is [`Action::Send`].
    pub alert: Option<String>,
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
    let (outcome, findings) = judge(policy, submission, section);
    let action = match outcome.verdict {
        _ if outcome.refused => Action::Block,
        Verdict::Authorized => Action::Send,
        Verdict::Unauthorized | Verdict::Ambiguous => match policy.on_unauthorized() {
            OnUnauthorized::Alert => Action::SendAndAlert,
            OnUnauthorized::Block => Action::Block,
        },
    };
    let decided_by = outcome.decided_by;
    Decision {
        action,
        verdict: outcome.verdict,
        reason: outcome.reason,
        decided_by,
        priority,
        reply: SmtpReply::to(action, outcome.reason),
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

struct Outcome {
    verdict: Verdict,
    reason: Reason,
    decided_by: Option<usize>,
    /// Refused in both modes.
    refused: bool,
}

impl Outcome {
    const fn of(verdict: Verdict, reason: Reason) -> Self {
        Self { verdict, reason, decided_by: None, refused: false }
    }
}

/// The rules in their order.
fn judge(
    policy: &SenderPolicy,
    submission: &Submission<'_>,
    section: Option<&HeaderSection<'_>>,
) -> (Outcome, Vec<Finding>) {
    if !policy.active() {
        let outcome = Outcome::of(Verdict::Unauthorized, Reason::UserInactive);
        return (Outcome { refused: true, ..outcome }, Vec::new());
    }
    if let Some(malformed) = section.and_then(|section| section.malformed) {
        let outcome = Outcome::of(Verdict::Ambiguous, malformed_reason(malformed));
        return (Outcome { refused: true, ..outcome }, Vec::new());
    }
    let findings = find(policy, submission, section);
    if section.is_some_and(|section| !section.terminated) {
        return (Outcome::of(Verdict::Ambiguous, Reason::HeaderUnterminated), findings);
    }
    if policy.is_unrestricted() {
        return (Outcome::of(Verdict::Authorized, Reason::NoRestrictions), findings);
    }
    let is_null = |finding: &Finding| finding.reason == Reason::NullReversePath;
    // The first of the worst; a null reverse-path decides nothing.
    let mut worst: Option<(usize, &Finding)> = None;
    for (index, finding) in findings.iter().enumerate().filter(|(_, finding)| !is_null(finding)) {
        if worst.is_none_or(|(_, found)| finding.verdict > found.verdict) {
            worst = Some((index, finding));
        }
    }
    let outcome = match worst {
        None => Outcome::of(Verdict::Ambiguous, Reason::NoIdentity),
        Some((index, finding)) => Outcome { decided_by: Some(index), ..Outcome::of(finding.verdict, finding.reason) },
    };
    (outcome, findings)
}

fn find(policy: &SenderPolicy, submission: &Submission<'_>, section: Option<&HeaderSection<'_>>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if policy.identities().contains(Identity::MailFrom) {
        match submission.mail_from {
            ReversePath::Absent => {}
            ReversePath::Null | ReversePath::Path("") => findings.push(Finding {
                identity: Identity::MailFrom,
                field: 0,
                address: None,
                candidates: Vec::new(),
                verdict: Verdict::Authorized,
                reason: Reason::NullReversePath,
                rule: None,
                near_miss: None,
            }),
            ReversePath::Path(path) => findings.push(path_finding(policy, path)),
        }
    }
    if let Some(section) = section {
        for_each_originator(section, policy.identities(), &mut |identity, field, read| match read {
            Read::Plain(address, plain) => match policy.judge_short(address).zip(str::from_utf8(address).ok()) {
                Some((judgement, text)) => findings.push(found(identity, field, text.to_owned(), judgement)),
                None => field_findings(policy, identity, field, read_field(identity, plain), &mut findings),
            },
            Read::Any(reading) => field_findings(policy, identity, field, reading, &mut findings),
        });
    }
    findings
}

fn path_finding(policy: &SenderPolicy, path: &str) -> Finding {
    if let Some(judgement) = policy.judge_short(path.as_bytes()) {
        return found(Identity::MailFrom, 0, path.to_owned(), judgement);
    }
    match read_reverse_path(path) {
        Ok(address) => judged(policy, Identity::MailFrom, 0, address),
        Err(problem) => {
            let reason = match problem {
                PathProblem::SourceRoute => Reason::SourceRoute,
                PathProblem::EncodedWord => Reason::EncodedWordAddress,
                PathProblem::Address => Reason::InvalidAddress,
            };
            unreadable(policy, Identity::MailFrom, 0, reason, vec![path.to_owned()])
        }
    }
}

#[cold]
fn field_findings(
    policy: &SenderPolicy,
    identity: Identity,
    field: usize,
    reading: Reading,
    findings: &mut Vec<Finding>,
) {
    match reading {
        Reading::Agreed(addresses) => {
            findings.extend(addresses.into_iter().map(|address| judged(policy, identity, field, address)));
        }
        Reading::Differing(addresses) => {
            let all: Vec<Finding> =
                addresses.into_iter().map(|address| judged(policy, identity, field, address)).collect();
            if all.iter().all(|finding| finding.verdict == Verdict::Authorized) {
                findings.extend(all);
            } else {
                let candidates = all.into_iter().filter_map(|finding| finding.address).collect();
                findings.push(unreadable(policy, identity, field, Reason::ReadersDisagree, candidates));
            }
        }
        Reading::Ambiguous(reason, candidates) => {
            let mut texts: Vec<String> = Vec::with_capacity(candidates.len());
            for candidate in candidates {
                if !texts.contains(&candidate.text) {
                    texts.push(candidate.text);
                }
            }
            findings.push(unreadable(policy, identity, field, reason, texts));
        }
    }
}

fn judged(policy: &SenderPolicy, identity: Identity, field: usize, address: FoundAddress) -> Finding {
    found(identity, field, address.text, policy.judge(address.spec.as_ref()))
}

fn found(identity: Identity, field: usize, address: String, judgement: Judgement) -> Finding {
    Finding {
        identity,
        field,
        address: Some(address),
        candidates: Vec::new(),
        verdict: if judgement.authorized { Verdict::Authorized } else { Verdict::Unauthorized },
        reason: judgement.reason,
        rule: judgement.rule,
        near_miss: judgement.near_miss,
    }
}

/// Without restrictions what cannot be read is let through too, but its candidates are kept for the log.
fn unreadable(
    policy: &SenderPolicy,
    identity: Identity,
    field: usize,
    reason: Reason,
    candidates: Vec<String>,
) -> Finding {
    let (verdict, reason) = if policy.is_unrestricted() {
        (Verdict::Authorized, Reason::NoRestrictions)
    } else {
        (Verdict::Ambiguous, reason)
    };
    Finding { identity, field, address: None, candidates, verdict, reason, rule: None, near_miss: None }
}

const fn malformed_reason(malformed: Malformed) -> Reason {
    match malformed {
        Malformed::Nul => Reason::MalformedNul,
        Malformed::BareCr => Reason::MalformedBareCr,
        Malformed::LineEndings => Reason::MalformedLineEndings,
        Malformed::Line => Reason::MalformedLine,
        Malformed::BlankLine => Reason::MalformedBlankLine,
        Malformed::TooLarge => Reason::MalformedHeaderTooLarge,
    }
}
