//! The list of authorized domains.

use super::{Lints, ParsedList};
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
#[must_use]
pub fn parse_domain_list(text: &str, lints: Lints) -> ParsedList<DomainEntry> {
    let _ = (text, lints);
    todo!()
}
