//! The list of authorized domains.

use super::affixes::has_typographic_quotes;
use super::entry::{DomainEntry, DomainKind};
use super::faults::of_domain_item;
use super::lint::{domain_hash, domain_list};
use super::reader::{Entry, read};
use super::seen::Seen;
use super::sink::Sink;
use super::{Lints, ParsedList};
use crate::address::Domain;
use crate::diagnostic::Span;
use std::fmt;

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
/// assert_eq!(fix.apply("a.example, b.example").unwrap(), "a.example; b.example");
/// ```
#[must_use]
pub fn parse_domain_list(text: &str, lints: Lints) -> ParsedList<DomainEntry> {
    read(text, lints)
}

impl Entry for DomainEntry {
    #[inline]
    fn parse(item: &str, span: Span) -> Option<Self> {
        let (kind, name) = match item.strip_prefix("*.") {
            Some(name) => (DomainKind::Subdomains, name),
            None => (DomainKind::Domain, item),
        };
        let domain = Domain::parse(name).ok().filter(|_| !has_typographic_quotes(item))?;
        Some(Self { kind, domain, span })
    }

    fn faults(text: &str, item: Span, sink: &mut Sink) {
        of_domain_item(text, item, sink);
    }

    #[inline]
    fn hash(&self, seen: &Seen) -> u64 {
        domain_hash(seen, self.kind, self.domain.as_ascii())
    }

    #[inline]
    fn is_same(&self, other: &Self) -> bool {
        self.kind == other.kind && self.domain == other.domain
    }

    #[inline]
    fn write(&self, canonical: &mut String) {
        if self.kind == DomainKind::Subdomains {
            canonical.push_str("*.");
        }
        canonical.push_str(self.domain.as_ascii());
    }

    fn lint(text: &str, entries: &[Self], seen: &Seen, sink: &mut Sink) {
        domain_list(text, entries, seen, sink);
    }
}

impl fmt::Display for DomainEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut canonical = String::new();
        self.write(&mut canonical);
        f.pad(&canonical)
    }
}
