//! The two lists as people type them: entries, everything wrong with them, and the list written back.

mod domains;
mod lint;
mod senders;
mod separated;

pub use domains::{DomainEntry, DomainKind, parse_domain_list};
pub use senders::{SenderEntry, parse_sender_list};

use crate::diagnostic::{Diagnostic, Severity};

/// A list longer than this many bytes is refused (`list-too-long`).
pub const MAX_LIST_BYTES: usize = 1024 * 1024;

/// How much is said about a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lints {
    /// Errors and warnings: what a form shows.
    All,
    /// Errors alone: what compiling a policy needs.
    Errors,
}

/// A list that was read.
#[derive(Clone, Debug)]
pub struct ParsedList<Entry> {
    /// What parsed, without duplicates, in the order of the text.
    pub entries: Vec<Entry>,
    /// Everything there is to say, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// The entries written back, `;`-separated.
    pub canonical: String,
}

impl<Entry> ParsedList<Entry> {
    /// Whether no diagnostic is an error.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.diagnostics.iter().all(|diagnostic| diagnostic.severity() != Severity::Error)
    }
}
