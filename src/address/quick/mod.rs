//! Fast paths for nearly every address, domain and field.
//!
//! Each has the same contract: it returns the answer of the full parser, or none, and then the full parser must decide.
//! A property test next to each checks that.

pub(crate) mod mailbox;
pub(crate) mod octets;
pub(crate) mod plain;
