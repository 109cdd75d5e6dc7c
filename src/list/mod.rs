//! The two lists as people type them: their entries, diagnostics, and canonical text.

mod affixes;
mod domains;
mod entry;
mod faults;
mod fix;
mod grammar;
mod lint;
mod public_suffix;
mod reader;
mod seen;
mod senders;
mod separated;
mod sink;
mod sub_addresses;

pub use domains::parse_domain_list;
pub use entry::{DomainEntry, DomainKind, ListKind, SenderEntry, SenderKind};
pub use fix::fix_all;
#[cfg(feature = "wasm")]
pub(crate) use fix::fix_list;
pub(crate) use lint::mark_covered_senders;
pub use public_suffix::{PUBLIC_SUFFIXES_VERSION, is_public_suffix, registrable_part};
pub use senders::parse_sender_list;

pub use crate::diagnostic::MAX_LIST_BYTES;
use crate::diagnostic::{Diagnostic, Problem, Severity, Span};

/// Which diagnostics are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lints {
    /// Errors and warnings, for a form.
    All,
    /// Errors only, to compile a policy.
    Errors,
}

/// The result of reading a list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParsedList<Entry> {
    /// The entries, without duplicates, in the order of the text.
    pub entries: Vec<Entry>,
    /// The diagnostics, in the order of the text. Spans are in bytes.
    pub diagnostics: Vec<Diagnostic>,
    /// The canonical forms of the entries, separated by `;`.
    pub canonical: String,
}

impl<Entry> ParsedList<Entry> {
    /// Whether no diagnostic is an error.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.diagnostics.iter().all(|diagnostic| diagnostic.severity() != Severity::Error)
    }
}

/// The result for a list over the limit: one diagnostic, whose span begins at the limit.
fn too_long<Entry>(text: &str) -> Option<ParsedList<Entry>> {
    if text.len() <= MAX_LIST_BYTES {
        return None;
    }
    let start = (0..=MAX_LIST_BYTES).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    let span = Span::new(start, text.len());
    let diagnostic = Diagnostic::at(Problem::ListTooLong, span);
    Some(ParsedList { entries: Vec::new(), diagnostics: vec![diagnostic], canonical: String::new() })
}

/// The greatest number of entries in a text with correct separators. An entry has at least three bytes.
fn count_separators(text: &str) -> usize {
    text.bytes().filter(|&octet| octet == b';').count().min(text.len() / 4) + 1
}
