//! The engine's answer, for a customer who may send as `attacker.example` and nobody else.

use sendergate::decision::{ReversePath, Submission, Verdict, decide};
use sendergate::policy::{PolicyOptions, SenderPolicy};

/// The domain that the lists cover.
pub(crate) const OWN: &str = "attacker.example";
/// The domain that no authorized message may name to anybody.
pub(crate) const VICTIM: &str = "victim.example";
/// The reverse-path of every generated message.
pub(crate) const REVERSE_PATH: &str = "x@attacker.example";

/// What the engine says of a message.
pub(crate) struct Engine {
    policy: SenderPolicy,
}

impl Engine {
    pub(crate) fn new() -> Self {
        let options = PolicyOptions { domains: OWN, ..PolicyOptions::default() };
        let policy = SenderPolicy::new(&options).expect("a domain is a list");
        Self { policy }
    }

    /// The reason, and whether the message is authorized.
    pub(crate) fn judge(&self, message: &[u8]) -> (bool, &'static str) {
        let submission = Submission {
            mail_from: ReversePath::Path(REVERSE_PATH),
            header: Some(message),
            header_complete: true,
            ..Submission::default()
        };
        let decision = decide(&self.policy, &submission);
        (decision.verdict == Verdict::Authorized, decision.reason.as_str())
    }

    /// A reverse-path alone, as a door asks at MAIL FROM.
    pub(crate) fn authorizes_path(&self, path: &[u8]) -> bool {
        let Ok(path) = std::str::from_utf8(path) else { return false };
        let submission = Submission { mail_from: ReversePath::Path(path), ..Submission::default() };
        decide(&self.policy, &submission).verdict == Verdict::Authorized
    }

    pub(crate) fn authorizes(&self, message: &[u8]) -> bool {
        self.judge(message).0
    }
}

/// Whether an address that a reader found is the victim's: its domain is the victim's, or below it.
pub(crate) fn is_victim(address: &str) -> bool {
    domain_is(address, VICTIM)
}

/// Whether an address that a reader found is the sender's own.
pub(crate) fn is_own(address: &str) -> bool {
    domain_is(address, OWN)
}

fn domain_is(address: &str, domain: &str) -> bool {
    let address = address.trim().to_ascii_lowercase();
    let Some((local, found)) = address.rsplit_once('@') else { return false };
    // Without a local-part nothing was read; a reader of domains alone says `*`.
    if !local.contains(|letter: char| letter.is_alphanumeric() || "*?=".contains(letter)) {
        return false;
    }
    let found = found.trim().trim_end_matches('.');
    found.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::{Engine, is_own, is_victim};

    #[test]
    fn a_reading_has_a_local_part_and_the_domain_or_one_below() {
        for address in ["ceo@victim.example", "CEO@Victim.Example.", "a@b@sub.victim.example", "*@victim.example"] {
            assert!(is_victim(address), "{address}");
        }
        for address in
            ["@victim.example", "\"\"@victim.example", "victim.example", "x@victim.example.org", "x@notvictim.example"]
        {
            assert!(!is_victim(address), "{address}");
        }
        assert!(is_own("x@attacker.example"));
    }

    #[test]
    fn the_engine_is_asked_about_both() {
        let engine = Engine::new();
        assert!(engine.authorizes(b"From: x@attacker.example\r\n\r\n"));
        assert!(!engine.authorizes(b"From: x@victim.example\r\n\r\n"));
        assert!(engine.authorizes_path(b"x@attacker.example"));
        assert!(!engine.authorizes_path(b"x@victim.example"));
    }
}
