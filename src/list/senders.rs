//! The list of authorized senders.

use super::affixes::stands_in_quotes;
use super::faults::of_sender_item;
use super::lint::{sender_hash, sender_list};
use super::reader::{Entry, read};
use super::seen::Seen;
use super::sink::Sink;
use super::{Lints, ParsedList};
use crate::address::{AddrSpec, routes};
use crate::diagnostic::Span;

/// What a sender entry covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SenderKind {
    /// Exactly this address.
    Address,
    /// `info+*@x`: every sub-address of `info@x` (RFC 5233), not that address itself.
    SubAddresses,
}

/// One entry of the list of senders.
#[derive(Clone, Debug)]
pub struct SenderEntry {
    /// What it covers.
    pub kind: SenderKind,
    /// The address; of sub-addresses what stands for them, whose local-part ends in `+*`.
    pub address: AddrSpec,
    /// Where it stands.
    pub span: Span,
}

/// What ends the local-part of an entry of sub-addresses.
const EVERY_DETAIL: &str = "+*";

impl SenderEntry {
    /// What its local-part compares by; of sub-addresses that of the address whose they are, without `+*`.
    pub(crate) fn key(&self) -> &str {
        let key = self.address.local_part().key();
        match self.kind {
            SenderKind::Address => key,
            SenderKind::SubAddresses => key.strip_suffix(EVERY_DETAIL).unwrap_or(key),
        }
    }

    /// The local-part as it was written, likewise without `+*`.
    pub(crate) fn written(&self) -> &str {
        let written = self.address.local_part().as_written();
        match self.kind {
            SenderKind::Address => written,
            SenderKind::SubAddresses => written.strip_suffix(EVERY_DETAIL).unwrap_or(written),
        }
    }
}

/// What is wrong with a `*` in the list of senders.
#[derive(Clone, Copy)]
pub(super) enum WrongStar {
    /// It stands for sub-addresses of what routes.
    Routes,
    /// It stands where it does not stand for sub-addresses.
    Place,
}

/// What a local-part says in the list of senders. In quotes a `*` means the character.
pub(super) fn kind_of(local_part: &str) -> Result<SenderKind, WrongStar> {
    // Without branches: nearly every one has none.
    if !local_part.bytes().fold(false, |found, octet| found | (octet == b'*')) || local_part.starts_with('"') {
        return Ok(SenderKind::Address);
    }
    match local_part.strip_suffix(EVERY_DETAIL) {
        Some(whose) if routes(whose.as_bytes()) => Err(WrongStar::Routes),
        Some(whose) if names(whose) => Ok(SenderKind::SubAddresses),
        _ => Err(WrongStar::Place),
    }
}

/// The local-part that a `*` at its end, and nowhere else, was nearly one of: `info+*` for `info*`, `info+**` and
/// `info+news*`.
pub(super) fn nearly_sub_addresses(local_part: &str) -> Option<String> {
    let start = local_part.trim_end_matches('*');
    let whose = start.rfind('+').and_then(|plus| start.get(..plus)).unwrap_or(start);
    (names(whose) && !routes(whose.as_bytes())).then(|| [whose, EVERY_DETAIL].concat())
}

/// Whether the beginning of a Dot-string is one without a `*` itself.
fn names(whose: &str) -> bool {
    !whose.is_empty() && !whose.contains('*') && !whose.ends_with('.')
}

/// The addresses that a local-part may be a sub-address of, the nearest first: what stands before each of its `+`
/// (RFC 5233 section 4), with or without a detail behind it. What routes is no sub-address.
pub(super) fn whose_sub_address(key: &str) -> impl Iterator<Item = &str> {
    let pluses = if routes(key.as_bytes()) { "" } else { key };
    pluses.rmatch_indices('+').filter(|&(plus, _)| plus > 0).filter_map(|(plus, _)| key.get(..plus))
}

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
        let address = AddrSpec::parse(item).ok().filter(|_| !stands_in_quotes(item))?;
        let kind = kind_of(address.local_part().as_written()).ok()?;
        Some(Self { kind, address, span })
    }

    fn faults(text: &str, item: Span, sink: &mut Sink) {
        of_sender_item(text, item, sink);
    }

    #[inline]
    fn hash(&self, seen: &Seen) -> u32 {
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
