//! The list of authorized senders.

use super::affixes::has_typographic_quotes;
use super::entry::SenderEntry;
use super::faults::of_sender_item;
use super::lint::{sender_hash, sender_list};
use super::reader::{Entry, read};
use super::seen::Seen;
use super::sink::Sink;
use super::sub_addresses::kind_of;
use super::{Lints, ParsedList};
use crate::address::AddrSpec;
use crate::diagnostic::Span;
use std::fmt;

/// Reads the list of authorized senders in one pass.
///
/// ```
/// use sendergate::list::{Lints, SenderKind, parse_sender_list};
///
/// let list = parse_sender_list("Info@A.example; \"a;b\"@a.example", Lints::All);
/// assert!(list.ok());
/// assert_eq!(list.canonical, "Info@a.example;\"a;b\"@a.example");
///
/// let list = parse_sender_list("info+*@a.example; \"info+*\"@b.example", Lints::All);
/// assert_eq!([list.entries[0].kind, list.entries[1].kind], [SenderKind::SubAddresses, SenderKind::Address]);
///
/// let text = "\"Info\" <info@a.example>";
/// let list = parse_sender_list(text, Lints::All);
/// assert_eq!(list.diagnostics[0].code.as_str(), "display-name");
/// assert_eq!(list.diagnostics[0].fix.as_ref().unwrap().apply(text).unwrap(), "info@a.example");
/// ```
#[must_use]
pub fn parse_sender_list(text: &str, lints: Lints) -> ParsedList<SenderEntry> {
    read(text, lints)
}

impl Entry for SenderEntry {
    #[inline]
    fn parse(item: &str, span: Span) -> Option<Self> {
        let address = AddrSpec::parse(item).ok().filter(|_| !has_typographic_quotes(item))?;
        let kind = kind_of(address.local_part().as_written()).ok()?;
        Some(Self { kind, address, span })
    }

    fn faults(text: &str, item: Span, sink: &mut Sink) {
        of_sender_item(text, item, sink);
    }

    #[inline]
    fn hash(&self, seen: &Seen) -> u64 {
        sender_hash(seen, self.key(), self.address.domain().as_ascii())
    }

    #[inline]
    fn is_same(&self, other: &Self) -> bool {
        self.kind == other.kind && self.address == other.address
    }

    #[inline]
    fn write(&self, canonical: &mut String) {
        canonical.push_str(self.address.local_part().as_written());
        canonical.push('@');
        canonical.push_str(self.address.domain().as_ascii());
    }

    fn lint(text: &str, entries: &[Self], seen: &Seen, sink: &mut Sink) {
        sender_list(text, entries, seen, sink);
    }
}

impl fmt::Display for SenderEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut canonical = String::new();
        self.write(&mut canonical);
        f.pad(&canonical)
    }
}
