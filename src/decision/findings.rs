//! The findings: one for each address of each identity.

use super::{Finding, ReversePath, Submission, Verdict};
use crate::address::{FoundAddress, Identities, Identity, addresses_in_names, read_reverse_path};
use crate::diagnostic::Reason;
use crate::message::{HeaderSection, Reading, originators};
use crate::policy::{Judgement, SenderPolicy};

pub(super) fn find(
    policy: &SenderPolicy,
    submission: &Submission<'_>,
    section: Option<&HeaderSection<'_>>,
) -> Vec<Finding> {
    let identities = policy.identities();
    let mut findings = Vec::new();
    let is_checked = identities.contains(Identity::MailFrom);
    // The reverse-path, if it is short and plain. Most messages have the same address in `From`.
    let mut known = None;
    match submission.mail_from {
        ReversePath::Null | ReversePath::Path("") if is_checked => findings.push(Finding {
            identity: Identity::MailFrom,
            field: 0,
            of: None,
            address: None,
            candidates: Vec::new(),
            verdict: Verdict::Authorized,
            reason: Reason::NullReversePath,
            rule: None,
            near_miss: None,
        }),
        ReversePath::Absent | ReversePath::Null | ReversePath::Path("") => {}
        ReversePath::Path(path) => {
            let short = short_path_finding(policy, path);
            if short.is_some() && is_checked {
                known = Some(path.as_bytes());
            }
            let finding = short.unwrap_or_else(|| long_path_finding(policy, path));
            // A reverse-path that cannot be read cannot be relayed, so it counts even if it is not checked.
            if is_checked || finding.verdict == Verdict::Ambiguous {
                findings.push(finding);
            }
        }
    }
    let Some(section) = section else { return findings };
    for originator in originators(section, identities) {
        let (identity, field) = (originator.identity, originator.field);
        let plain = originator.plain_address();
        if let (Some(finding), true) = (findings.first(), plain.is_some() && plain == known) {
            findings.push(Finding { identity, field, ..finding.clone() });
            continue;
        }
        let short = plain.and_then(|address| policy.judge_short(address).zip(str::from_utf8(address).ok()));
        match short {
            Some((judgement, text)) => findings.push(found(identity, field, text.to_owned(), judgement)),
            None => field_findings(policy, identity, field, originator.read(), &mut findings),
        }
    }
    if identities.contains(Identity::DisplayName) {
        name_findings(policy, section, &mut findings);
    }
    findings
}

#[cold]
fn name_findings(policy: &SenderPolicy, section: &HeaderSection<'_>, findings: &mut Vec<Finding>) {
    for originator in originators(section, Identities::USUAL) {
        let Some(body) = originator.body().filter(|_| originator.may_have_name()) else { continue };
        findings.extend(addresses_in_names(body).into_iter().map(|address| Finding {
            of: Some(originator.identity),
            ..judged(policy, Identity::DisplayName, originator.field, address)
        }));
    }
}

pub(super) fn path_finding(policy: &SenderPolicy, path: &str) -> Finding {
    short_path_finding(policy, path).unwrap_or_else(|| long_path_finding(policy, path))
}

#[inline(never)]
fn short_path_finding(policy: &SenderPolicy, path: &str) -> Option<Finding> {
    let judgement = policy.judge_short(path.as_bytes())?;
    Some(found(Identity::MailFrom, 0, path.to_owned(), judgement))
}

#[cold]
#[inline(never)]
fn long_path_finding(policy: &SenderPolicy, path: &str) -> Finding {
    match read_reverse_path(path) {
        Ok(address) => judged(policy, Identity::MailFrom, 0, address),
        Err(problem) => ambiguous(Identity::MailFrom, 0, problem.reason(), vec![path.to_owned()]),
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

#[inline(never)]
fn judged(policy: &SenderPolicy, identity: Identity, field: usize, address: FoundAddress) -> Finding {
    found(identity, field, address.text, policy.judge(address.spec.as_ref()))
}

#[inline(never)]
pub(super) fn found(identity: Identity, field: usize, address: String, judgement: Judgement) -> Finding {
    Finding {
        identity,
        field,
        of: None,
        address: Some(address),
        candidates: Vec::new(),
        verdict: if judgement.authorized { Verdict::Authorized } else { Verdict::Unauthorized },
        reason: judgement.reason,
        rule: judgement.rule,
        near_miss: judgement.near_miss,
    }
}

/// A finding for a field that cannot be read. Without restrictions it is authorized too, but keeps its candidates for
/// the log.
#[inline(never)]
fn unreadable(
    policy: &SenderPolicy,
    identity: Identity,
    field: usize,
    reason: Reason,
    candidates: Vec<String>,
) -> Finding {
    if policy.is_unrestricted() {
        let open = ambiguous(identity, field, reason, candidates);
        return Finding { verdict: Verdict::Authorized, reason: Reason::NoRestrictions, ..open };
    }
    ambiguous(identity, field, reason, candidates)
}

#[inline(never)]
fn ambiguous(identity: Identity, field: usize, reason: Reason, candidates: Vec<String>) -> Finding {
    Finding {
        identity,
        field,
        of: None,
        address: None,
        candidates,
        verdict: Verdict::Ambiguous,
        reason,
        rule: None,
        near_miss: None,
    }
}
