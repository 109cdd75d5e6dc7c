//! A session of the SMTP door: what a client may say, however it is cut, and what a gate may answer.
#![no_main]

#[path = "../../submission/tests/common/checks.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| checks::session(bytes));
