//! The list of authorized domains.

use super::affixes::stands_in_quotes;
use super::faults::of_domain_item;
use super::lint::{domain_hash, domain_list, duplicate};
use super::seen::Seen;
use super::separated::{Items, slice};
use super::sink::Sink;
use super::{Lints, ParsedList, count_separators, too_long};
use crate::address::Domain;
use crate::diagnostic::Span;

/// What a domain entry covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DomainKind {
    /// Exactly this domain.
    Domain,
    /// `*.x`: every proper subdomain of x, not x itself.
    Subdomains,
}

/// One entry of the list of domains.
#[derive(Clone, Debug)]
pub struct DomainEntry {
    /// What it covers.
    pub kind: DomainKind,
    /// The domain, without the `*.`.
    pub domain: Domain,
    /// Where it stands.
    pub span: Span,
}

/// Reads the list of authorized domains in one pass.
///
/// ```
/// use sendergate::list::{DomainKind, Lints, parse_domain_list};
///
/// let list = parse_domain_list("yourCompany.example; *.Bücher.example", Lints::All);
/// assert!(list.ok());
/// assert_eq!(list.canonical, "yourcompany.example;*.xn--bcher-kva.example");
/// assert_eq!(list.entries[1].kind, DomainKind::Subdomains);
///
/// let list = parse_domain_list("a.example, b.example", Lints::All);
/// assert_eq!(list.diagnostics[0].code.as_str(), "separator-comma");
/// let fix = list.diagnostics[0].fix.as_ref().unwrap();
/// assert_eq!(fix.apply("a.example, b.example"), "a.example; b.example");
/// ```
#[must_use]
pub fn parse_domain_list(text: &str, lints: Lints) -> ParsedList<DomainEntry> {
    if let Some(refused) = too_long(text) {
        return refused;
    }
    let mut sink = Sink::new(lints);
    let mut items = Items::new(text);
    let expected = count_separators(text);
    let mut seen = Seen::new(expected, text);
    let mut entries: Vec<DomainEntry> = Vec::with_capacity(expected);
    let mut canonical = String::with_capacity(text.len());
    while let Some(span) = items.next(&mut sink) {
        let item = slice(text, span.start, span.end);
        let (kind, name) = match item.strip_prefix("*.") {
            Some(name) => (DomainKind::Subdomains, name),
            None => (DomainKind::Domain, item),
        };
        let parsed = Domain::parse(name).ok().filter(|_| !stands_in_quotes(item));
        let Some(domain) = parsed else {
            of_domain_item(text, span, &mut sink);
            continue;
        };
        let hash = domain_hash(&seen, kind, domain.as_ascii());
        let same = |at| {
            let entry: Option<&DomainEntry> = entries.get(at);
            entry.is_some_and(|entry| entry.kind == kind && entry.domain == domain)
        };
        if seen.find(hash, same).is_some() {
            duplicate(text, span, item, &mut sink);
            continue;
        }
        seen.insert(hash, entries.len());
        if !entries.is_empty() {
            canonical.push(';');
        }
        if kind == DomainKind::Subdomains {
            canonical.push_str("*.");
        }
        canonical.push_str(domain.as_ascii());
        entries.push(DomainEntry { kind, domain, span });
    }
    if sink.warns() {
        domain_list(text, &entries, &seen, &mut sink);
    }
    ParsedList { entries, diagnostics: sink.finish(text), canonical }
}
