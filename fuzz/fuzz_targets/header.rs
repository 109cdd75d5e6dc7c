//! A whole message, or octets that are none: the splitter, the originator fields, the priority fields, every decision.
#![no_main]

#[path = "../../tests/common/mod.rs"]
mod common;

use sendergate::decision::ReversePath;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| common::checks::message(bytes, ReversePath::Absent));
