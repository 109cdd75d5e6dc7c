//! The body of a From field, by both readers.
#![no_main]

#[path = "../../tests/common/mod.rs"]
mod common;

libfuzzer_sys::fuzz_target!(|body: &[u8]| common::checks::mailboxes(body));
