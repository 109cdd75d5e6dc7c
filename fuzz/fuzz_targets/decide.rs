//! A policy of any lists, asked about any reverse-path and message: three lines of text, then the message.
#![no_main]

#[path = "../../tests/common/mod.rs"]
mod common;

use common::checks;
use sendergate::decision::{ReversePath, Submission};
use sendergate::policy::{PolicyOptions, SenderPolicy};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(4, |octet| *octet == b'\n');
    let mut line = || std::str::from_utf8(parts.next().unwrap_or_default()).unwrap_or_default();
    let (domains, senders, path) = (line(), line(), line());
    let header = parts.next();
    let Ok(policy) = SenderPolicy::new(&PolicyOptions { domains, senders, ..PolicyOptions::default() }) else { return };
    let submission = Submission { mail_from: ReversePath::Path(path), header, ..Submission::default() };
    let (_, broken) = common::invariants::decide_checked(&policy, &submission);
    assert!(broken.is_empty(), "{broken:?}");
    checks::agree(&policy, path);
});
