//! Published header-spoofing attacks by class: none is authorized as the impersonated sender.

mod common;

use common::{attacks, policy_of};
use sendergate::decision::{Action, ReversePath, Submission, decide};
use sendergate::policy::OnUnauthorized;

#[test]
fn no_attack_is_authorized() {
    attacks::run().assert(360);
}

#[test]
fn what_is_unauthorized_passes_once_the_impersonated_one_is_listed() {
    attacks::run_with_victim_listed().assert(30);
}

/// Without this test, an engine that refuses everything would pass.
#[test]
fn the_attackers_own_mail_is_sent() {
    let policy = policy_of("attacker.example", "", OnUnauthorized::Block);
    let header: &[u8] =
        b"From: Mallory <mallory@attacker.example>\r\nTo: you@rcpt.example\r\nSubject: Invoice\r\n\r\nHello\r\n";
    let mail_from = ReversePath::Path("mallory@attacker.example");
    let decision = decide(&policy, &Submission { mail_from, header: Some(header), ..Submission::default() });
    assert_eq!(decision.action, Action::Send, "{decision:?}");
}
