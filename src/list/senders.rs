//! The list of authorized senders.

use super::{Lints, ParsedList};
use crate::address::AddrSpec;
use crate::diagnostic::Span;

/// One entry of the list of senders.
#[derive(Clone, Debug)]
pub struct SenderEntry {
    /// The address.
    pub address: AddrSpec,
    /// Where it stands.
    pub span: Span,
}

/// Reads the list of authorized senders in one pass.
#[must_use]
pub fn parse_sender_list(text: &str, lints: Lints) -> ParsedList<SenderEntry> {
    let _ = (text, lints);
    todo!()
}
