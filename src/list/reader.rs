//! What both lists share: reading items as entries, removing duplicates, and writing the canonical text.

use super::lint::duplicate;
use super::seen::Seen;
use super::separated::{Items, slice};
use super::sink::Sink;
use super::{Lints, ParsedList, count_separators, too_long};
use crate::diagnostic::Span;

/// One entry of a list.
pub(super) trait Entry: Sized {
    /// Reads an item; `None` if it is no entry.
    fn parse(item: &str, span: Span) -> Option<Self>;

    /// Reports the problems of an item that is no entry: at least one error.
    fn faults(text: &str, item: Span, sink: &mut Sink);

    /// The hash of its key.
    fn hash(&self, seen: &Seen) -> u64;

    /// Whether both entries cover the same addresses.
    fn is_same(&self, other: &Self) -> bool;

    /// Appends its canonical form.
    fn write(&self, canonical: &mut String);

    /// Reports the warnings about all entries of a list. `seen` contains them, by [`Self::hash`].
    fn lint(text: &str, entries: &[Self], seen: &Seen, sink: &mut Sink);
}

/// Reads a list in one pass.
pub(super) fn read<E: Entry>(text: &str, lints: Lints) -> ParsedList<E> {
    if let Some(refused) = too_long(text) {
        return refused;
    }
    let mut sink = Sink::new(lints);
    let mut items = Items::new(text);
    let expected = count_separators(text);
    let mut seen = Seen::new(expected);
    let mut entries: Vec<E> = Vec::with_capacity(expected);
    let mut canonical = String::with_capacity(text.len());
    while let Some(span) = items.next(&mut sink) {
        let item = slice(text, span.start, span.end);
        let Some(entry) = E::parse(item, span) else {
            E::faults(text, span, &mut sink);
            continue;
        };
        let hash = entry.hash(&seen);
        if seen.find(hash, |at| entries.get(at).is_some_and(|other| entry.is_same(other))).is_some() {
            duplicate(text, span, item, &mut sink);
            continue;
        }
        seen.push(hash);
        if !entries.is_empty() {
            canonical.push(';');
        }
        entry.write(&mut canonical);
        entries.push(entry);
    }
    if sink.warns() {
        E::lint(text, &entries, &seen, &mut sink);
    }
    let diagnostics = sink.finish(text, !entries.is_empty());
    ParsedList { entries, diagnostics, canonical }
}
