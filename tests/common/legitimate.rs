//! Messages of real mail programs: authorized with their sender's lists only.

use super::invariants::{decide_checked, reverse_path};
use super::legitimate_files::FILES;
use super::{Report, level, policy_of, rows, table, text};
use sendergate::decision::{Action, Submission, Verdict, decide};
use sendergate::policy::OnUnauthorized;
use sendergate::priority::Level;

pub(crate) const TABLE: &str = include_str!("../data/legitimate.json");

pub(crate) fn run() -> Report {
    let table = table(TABLE);
    let mut report = Report::new("legitimate.json");
    report
        .expect("files", rows(&table).len() == FILES.len(), || "a file without a row, or a row without a file".into());
    let stranger = policy_of("stranger.example", "info@stranger.example", OnUnauthorized::Block);
    for row in rows(&table) {
        report.checked();
        let file = text(row, "file");
        let name = format!("{file} ({})", text(row, "program"));
        let Some((_, bytes)) = FILES.iter().find(|(name, _)| *name == file) else {
            report.fail(&name, "is not there");
            continue;
        };
        let submission = Submission { mail_from: reverse_path(row), header: Some(bytes), ..Submission::default() };
        for mode in [OnUnauthorized::Block, OnUnauthorized::Alert] {
            let policy = policy_of(text(row, "domains"), text(row, "senders"), mode);
            let (decision, broken) = decide_checked(&policy, &submission);
            report.expect(&name, decision.verdict == Verdict::Authorized && decision.action == Action::Send, || {
                format!("{:?} {} {:?}", decision.verdict, decision.reason.as_str(), decision.findings)
            });
            let asked = level(&row["level"]);
            let priority = &decision.priority;
            report.expect(&name, priority.message == asked && !priority.conflict, || format!("{priority:?}"));
            let expected = Level::NORMAL.higher(asked.unwrap_or(Level::NORMAL));
            report.expect(&name, priority.effective == expected, || format!("{priority:?}"));
            for rule in broken {
                report.fail(&name, rule);
            }
        }
        let elsewhere = decide(&stranger, &submission);
        report.expect(&name, elsewhere.verdict == Verdict::Unauthorized && elsewhere.action == Action::Block, || {
            format!("under the lists of a stranger: {:?} {}", elsewhere.verdict, elsewhere.reason.as_str())
        });
        let unrestricted = decide(&policy_of("", "", OnUnauthorized::Block), &submission);
        report.expect(&name, unrestricted.action == Action::Send, || "refused without restrictions".into());
        cut_short(&mut report, &name, text(row, "domains"), text(row, "senders"), &submission);
    }
    report
}

/// A cut header section is never authorized, wherever the cut is.
fn cut_short(report: &mut Report, name: &str, domains: &str, senders: &str, whole: &Submission<'_>) {
    let policy = policy_of(domains, senders, OnUnauthorized::Block);
    let bytes = whole.header.unwrap_or_default();
    let end = |ends: &[u8]| bytes.windows(ends.len()).position(|window| window == ends).map(|at| at + ends.len());
    let end = end(b"\r\n\r\n").or(end(b"\n\n")).unwrap_or(bytes.len());
    for at in 0..end {
        let cut = Submission { header: bytes.get(..at), ..*whole };
        let decision = decide(&policy, &cut);
        report.expect(name, decision.verdict == Verdict::Ambiguous, || format!("cut at {at}: {:?}", decision.verdict));
    }
}
