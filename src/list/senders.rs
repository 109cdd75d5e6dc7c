//! The list of authorized senders.

use super::affixes::stands_in_quotes;
use super::faults::of_sender_item;
use super::lint::sender_list;
use super::reader::{Entry, read};
use super::seen::Seen;
use super::sink::Sink;
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
///
/// ```
/// use sendergate::list::{Lints, parse_sender_list};
///
/// let list = parse_sender_list("Info@A.example; \"a;b\"@a.example", Lints::All);
/// assert!(list.ok());
/// assert_eq!(list.canonical, "Info@a.example;\"a;b\"@a.example");
///
/// let text = "\"Info\" <info@a.example>";
/// let list = parse_sender_list(text, Lints::All);
/// assert_eq!(list.diagnostics[0].code.as_str(), "display-name");
/// assert_eq!(list.diagnostics[0].fix.as_ref().unwrap().apply(text), "info@a.example");
/// ```
#[must_use]
pub fn parse_sender_list(text: &str, lints: Lints) -> ParsedList<SenderEntry> {
    read(text, lints)
}

impl Entry for SenderEntry {
    #[inline]
    fn parse(item: &str, span: Span) -> Option<Self> {
        let address = AddrSpec::parse(item).ok().filter(|_| !stands_in_quotes(item))?;
        Some(Self { address, span })
    }

    fn faults(text: &str, item: Span, sink: &mut Sink) {
        of_sender_item(text, item, sink);
    }

    #[inline]
    fn hash(&self, seen: &Seen) -> u32 {
        seen.hash(self.address.local_part().key().as_bytes(), self.address.domain().as_ascii().as_bytes())
    }

    #[inline]
    fn is_same(&self, other: &Self) -> bool {
        self.address == other.address
    }

    #[inline]
    fn write(&self, canonical: &mut String) {
        canonical.push_str(self.address.local_part().as_written());
        canonical.push('@');
        canonical.push_str(self.address.domain().as_ascii());
    }

    fn lint(text: &str, entries: &[Self], _: &Seen, sink: &mut Sink) {
        sender_list(text, entries, sink);
    }
}
