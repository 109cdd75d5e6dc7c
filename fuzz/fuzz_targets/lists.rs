//! Both list readers: spans, fixes, the canonical form.
#![no_main]

#[path = "../../tests/common/mod.rs"]
mod common;

libfuzzer_sys::fuzz_target!(|text: &str| common::checks::lists(text));
