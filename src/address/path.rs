//! The reverse-path of the envelope (RFC 5321 section 4.1.2), without its angle brackets.

use super::FoundAddress;

/// Why a reverse-path cannot be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathProblem {
    /// `@relay.example:info@a.com`.
    SourceRoute,
    /// Anything else that is not a Mailbox.
    Address,
}

/// Reads a reverse-path that is not null.
///
/// # Errors
/// Why it cannot be judged.
pub fn read_reverse_path(text: &str) -> Result<FoundAddress, PathProblem> {
    let _ = text;
    todo!()
}
