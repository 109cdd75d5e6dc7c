//! Properties of every input, tested with random combinations of grammar fragments.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod common;
#[path = "common/generators.rs"]
mod generators;

use common::{checks, completing, facts, rejudging};
use generators::{address, agent_fields, body, list, loose_name, message, tidy_list};
use proptest::prelude::*;
use proptest::test_runner::{FileFailurePersistence, RngSeed};
use sendergate::decision::{ReversePath, Submission, decide};
use sendergate::diagnostic::{Edit, Span};

/// The same cases in every run, so that failures repeat; `PROPTEST_RNG_SEED` and `PROPTEST_CASES` give others.
fn config(cases: u32) -> ProptestConfig {
    let asked = ProptestConfig::default();
    ProptestConfig {
        cases: if std::env::var_os("PROPTEST_CASES").is_some() { asked.cases } else { cases },
        rng_seed: if asked.rng_seed == RngSeed::Random { RngSeed::Fixed(5322) } else { asked.rng_seed },
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..asked
    }
}

proptest! {
    #![proptest_config(config(1500))]

    /// Spans are inside the text, on character boundaries; a fix removes its diagnostic; fixing ends; canonical is a fixed point.
    #[test]
    fn lists(text in list()) {
        // A known exception: if two items in brackets have nothing between them, the fix of one joins it to the other.
        prop_assume!(!text.contains("><"));
        checks::lists(&text);
    }

    /// One fix, and all of them, give what their definitions say; fixing ends, authorizes nobody else, and a second time changes nothing.
    #[test]
    fn fixes(text in list()) {
        checks::fixes(&text);
    }

    /// All edits that do not fit are refused.
    #[test]
    fn edits(text in "[aé漢😀;]{0,6}", edits in prop::collection::vec(((0_usize..9, 0_usize..4), "[é;]{0,2}"), 0..4)) {
        let edit = |((start, length), replacement): ((usize, usize), String)| {
            let end = (start + length).saturating_sub(1);
            Edit { span: Span::new(start, end), replacement }
        };
        checks::edits(&text, edits.into_iter().map(edit).collect());
    }

    /// No panic, and the same answer in three ways.
    #[test]
    fn addresses(text in address()) {
        checks::address(&text);
    }

    #[test]
    fn one_address_of_any_policy(domains in tidy_list(), senders in tidy_list(), address in address()) {
        let options = sendergate::policy::PolicyOptions { domains: &domains, senders: &senders, ..Default::default() };
        if let Ok(policy) = sendergate::policy::SenderPolicy::new(&options) {
            checks::agree(&policy, &address);
        }
    }

    /// Adding an entry to a policy that has one never removes an authorization.
    #[test]
    fn one_entry_more(lists in [tidy_list(), tidy_list(), tidy_list(), tidy_list()], address in address()) {
        checks::one_entry_more(&lists[0], &lists[1], &lists[2], &lists[3], &address);
    }

    #[test]
    fn mailboxes(body in body()) {
        checks::mailboxes(&body);
    }

    /// A well-formed message means the same with any line ends.
    #[test]
    fn line_ends_do_not_matter(message in message()) {
        let text: Vec<u8> = message.into_iter().filter(|octet| *octet != b'\r' && *octet != 0).collect();
        let crlf: Vec<u8> = text.iter().flat_map(|octet| match octet { b'\n' => b"\r\n".to_vec(), octet => vec![*octet] }).collect();
        for policy in checks::policies() {
            let said = |header: &[u8]| {
                let decision = decide(&policy, &Submission { header: Some(header), ..Submission::default() });
                (decision.action, decision.verdict, decision.reason, decision.decided_by, decision.priority)
            };
            prop_assert_eq!(said(&text), said(&crlf), "{:?}", String::from_utf8_lossy(&text));
        }
    }
}

proptest! {
    #![proptest_config(config(600))]

    /// No panic; no invariant is broken; a cut header section is never authorized; one more identity never helps.
    #[test]
    fn messages(message in message(), path in prop_oneof![Just(None), Just(Some(String::new())), address().prop_map(Some)]) {
        let path = path.as_deref().map_or(ReversePath::Absent, |path| if path.is_empty() { ReversePath::Null } else { ReversePath::Path(path) });
        checks::message(&message, path);
    }

    /// Stored findings are judged again like the message itself, or stricter where documented.
    #[test]
    fn kept_findings(
        message in message(),
        path in address(),
        lists in [tidy_list(), tidy_list()],
        active in proptest::bool::weighted(0.9),
        chosen in proptest::sample::subsequence(&sendergate::address::Identity::ALL, 1..=5),
    ) {
        let mut policies = checks::policies();
        let options = sendergate::policy::PolicyOptions {
            domains: &lists[0],
            senders: &lists[1],
            active,
            identities: sendergate::address::Identities::new(&chosen).unwrap(),
            ..Default::default()
        };
        policies.extend(sendergate::policy::SenderPolicy::new(&options));
        for (path, header) in [(ReversePath::Path(&path), Some(message.as_slice())), (ReversePath::Null, Some(&message)), (ReversePath::Path(&path), None)] {
            let submission = Submission { mail_from: path, header, ..Submission::default() };
            for then in &policies {
                for now in &policies {
                    rejudging::rejudged(then, now, &submission);
                }
            }
        }
    }

    /// The changes of a submission agent keep the decision, and a second time there are none.
    #[test]
    fn edited_headers(message in message(), extra in agent_fields(), complete in any::<bool>()) {
        completing::edited(&checks::policies(), &[extra.as_slice(), &message].concat(), complete);
    }

    /// A name in new quotes is read as before, now by the grammar.
    #[test]
    fn mended_names(name in loose_name(), line_end in prop_oneof![Just("\r\n"), Just("\n")], after in prop_oneof![4 => Just(""), 1 => Just(";"), 1 => Just(" ; ")]) {
        for field in ["From", "Sender"] {
            let line = format!("{field}: {name}<info@a.example>{after}\r\nResent-From: info@a.example\r\n\r\n");
            completing::edited(&checks::policies(), line.replace("\r\n", line_end).as_bytes(), false);
        }
    }

    #[test]
    fn subjects(message in message(), subject in body()) {
        facts::read(&message);
        facts::read(&[b"Subject:".as_slice(), &subject, b"\r\n\r\n"].concat());
    }
}
