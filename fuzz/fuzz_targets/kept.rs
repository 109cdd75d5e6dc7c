//! What a gate does with a message besides judging it: edits, facts, and its findings judged again by other lists. Three
//! lines of text, of which the first two are lists, then the message.
#![no_main]

#[path = "../../tests/common/mod.rs"]
mod common;

use common::{checks, completing, facts, rejudging};
use sendergate::decision::{ReversePath, Submission};
use sendergate::policy::{PolicyOptions, SenderPolicy};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(4, |octet| *octet == b'\n');
    let mut line = || std::str::from_utf8(parts.next().unwrap_or_default()).unwrap_or_default();
    let (domains, senders, path) = (line(), line(), line());
    let header = parts.next().unwrap_or_default();
    facts::read(header);
    let mut policies = checks::policies();
    for complete in [false, true] {
        completing::edited(&policies, header, complete);
    }
    policies.extend(SenderPolicy::new(&PolicyOptions { domains, senders, ..PolicyOptions::default() }));
    let submission = Submission { mail_from: ReversePath::Path(path), header: Some(header), ..Submission::default() };
    for then in &policies {
        for now in &policies {
            rejudging::rejudged(then, now, &submission);
        }
    }
});
