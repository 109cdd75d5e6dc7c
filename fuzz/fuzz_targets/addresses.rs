//! Addresses and domains, and that the fast path and the decision agree.
#![no_main]

#[path = "../../tests/common/mod.rs"]
mod common;

libfuzzer_sys::fuzz_target!(|text: &str| common::checks::address(text));
