//! Shared by the tests.
#![allow(dead_code, unused_imports, missing_docs, unreachable_pub, reason = "each test uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail")]
#![allow(clippy::string_slice, reason = "a test may fail")]

pub mod checks;
pub mod client;
pub mod dialogue;
pub mod raw;
pub mod scripted;

pub use dialogue::*;
