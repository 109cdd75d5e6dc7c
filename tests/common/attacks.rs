//! Attacks on the sender of a message. The policy authorizes the attacker alone.

use super::invariants::{broken, reverse_path};
use super::{Report, header, policy_of, rows, table, text};
use sendergate::address::Domain;
use sendergate::decision::{Action, Submission, Verdict, decide};
use sendergate::policy::OnUnauthorized;
use serde_json::Value;

pub(crate) const TABLE: &str = include_str!("../data/attacks.json");

fn own<'a>(row: &'a Value, table: &'a Value, key: &str) -> &'a str {
    row[key].as_str().or(table["policy"][key].as_str()).or(table[key].as_str()).unwrap_or_default()
}

/// Whether `address` is the impersonated one, or at the impersonated domain.
fn is_victim(address: &str, victim: &str) -> bool {
    if victim.contains('@') {
        return address.eq_ignore_ascii_case(victim);
    }
    let domain = address.rsplit('@').next().unwrap_or_default();
    let same = |a: &str, b: &str| match (Domain::parse(a), Domain::parse(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => a.eq_ignore_ascii_case(b),
    };
    same(domain.trim_matches(|c: char| c.is_whitespace() || "<>().\"'".contains(c)), victim)
}

/// In both modes, no row is authorized or sent, or has an authorized finding for the impersonated sender.
pub(crate) fn run() -> Report {
    let table = table(TABLE);
    let mut report = Report::new("attacks.json");
    for row in rows(&table) {
        report.checked();
        let name = format!("{} / {}", text(row, "class"), text(row, "name"));
        let (header, victim) = (header(row), own(row, &table, "victim"));
        let submission = Submission {
            mail_from: reverse_path(row),
            header: header.as_deref(),
            header_complete: row["headerComplete"].as_bool().unwrap_or(false),
            ..Submission::default()
        };
        for mode in [OnUnauthorized::Block, OnUnauthorized::Alert] {
            let policy = policy_of(own(row, &table, "domains"), own(row, &table, "senders"), mode);
            let decision = decide(&policy, &submission);
            let said = format!("{:?} {} {:?}", decision.verdict, decision.reason.as_str(), decision.findings);
            report.expect(&name, decision.verdict != Verdict::Authorized, || format!("authorized: {said}"));
            report.expect(&name, decision.action != Action::Send, || format!("sent: {said}"));
            for finding in decision.findings.iter().filter(|finding| finding.verdict == Verdict::Authorized) {
                let impersonated = finding.address.as_deref().is_some_and(|address| is_victim(address, victim));
                report.expect(&name, !impersonated, || format!("authorized for {victim}: {finding:?}"));
            }
            if let Some(reason) = row["reason"].as_str() {
                let got = decision.reason.as_str();
                let fits = reason.strip_suffix('*').map_or(got == reason, |start| got.starts_with(start));
                report.expect(&name, fits, || format!("`{reason}` expected, not {said}"));
            }
            if let Some(verdict) = row["verdict"].as_str() {
                report
                    .expect(&name, decision.verdict.as_str() == verdict, || format!("{verdict} expected, not {said}"));
            }
            for rule in broken(&policy, &submission, &decision) {
                report.fail(&name, rule);
            }
        }
    }
    report
}

/// Rows fail for the right reason: an unauthorized one passes if the impersonated sender is listed, too.
pub(crate) fn run_with_victim_listed() -> Report {
    let table = table(TABLE);
    let mut report = Report::new("attacks.json, with the impersonated one listed");
    for row in rows(&table).iter().filter(|row| text(row, "verdict") == "unauthorized") {
        let victim = own(row, &table, "victim");
        if !victim.contains('@') && Domain::parse(victim).is_err() {
            continue;
        }
        report.checked();
        let list = |key: &str, entries: &[&str]| [&[own(row, &table, key)], entries].concat().join(";");
        let below = format!("*.{victim}");
        let (domains, senders) = if victim.contains('@') {
            (list("domains", &[]), list("senders", &[victim]))
        } else {
            (list("domains", &[victim, &below]), list("senders", &[]))
        };
        let policy = policy_of(domains.trim_matches(';'), senders.trim_matches(';'), OnUnauthorized::Block);
        let header = header(row);
        let header_complete = row["headerComplete"].as_bool().unwrap_or(false);
        let submission = Submission {
            mail_from: reverse_path(row),
            header: header.as_deref(),
            header_complete,
            ..Submission::default()
        };
        let decision = decide(&policy, &submission);
        report.expect(text(row, "name"), decision.verdict == Verdict::Authorized, || {
            format!("{} {:?}", decision.reason.as_str(), decision.findings)
        });
    }
    report
}
