//! The list of authorized senders.

use super::affixes::stands_in_quotes;
use super::faults::of_sender_item;
use super::lint::{duplicate, sender_list};
use super::seen::Seen;
use super::separated::{Items, slice};
use super::sink::Sink;
use super::{Lints, ParsedList, count_separators, too_long};
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
    if let Some(refused) = too_long(text) {
        return refused;
    }
    let mut sink = Sink::new(lints);
    let mut items = Items::new(text);
    let expected = count_separators(text);
    let mut seen = Seen::new(expected, text);
    let mut entries: Vec<SenderEntry> = Vec::with_capacity(expected);
    let mut canonical = String::with_capacity(text.len());
    while let Some(span) = items.next(&mut sink) {
        let item = slice(text, span.start, span.end);
        let parsed = AddrSpec::parse(item).ok().filter(|_| !stands_in_quotes(item));
        let Some(address) = parsed else {
            of_sender_item(text, span, &mut sink);
            continue;
        };
        let hash = seen.hash(address.local_part().key().as_bytes(), address.domain().as_ascii().as_bytes());
        let same = |at| {
            let entry: Option<&SenderEntry> = entries.get(at);
            entry.is_some_and(|entry| entry.address == address)
        };
        if seen.find(hash, same).is_some() {
            duplicate(text, span, item, &mut sink);
            continue;
        }
        seen.insert(hash, entries.len());
        if !entries.is_empty() {
            canonical.push(';');
        }
        canonical.push_str(address.local_part().as_written());
        canonical.push('@');
        canonical.push_str(address.domain().as_ascii());
        entries.push(SenderEntry { address, span });
    }
    if sink.warns() {
        sender_list(text, &entries, &mut sink);
    }
    ParsedList { entries, diagnostics: sink.finish(text), canonical }
}
