//! The two lists and their entries.

use crate::address::{AddrSpec, Domain};
use crate::diagnostic::Span;
use crate::named::named;

/// The two kinds of lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ListKind {
    /// The authorized domains.
    Domains,
    /// The authorized senders.
    Senders,
}

impl ListKind {
    /// Both kinds.
    pub const ALL: &'static [Self] = &[Self::Domains, Self::Senders];

    /// The name in JSON and in messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Domains => "domains",
            Self::Senders => "senders",
        }
    }
}

named!(ListKind: "list");

/// What a domain entry covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DomainKind {
    /// Exactly this domain.
    Domain,
    /// `*.x`: every proper subdomain of x, not x itself.
    Subdomains,
}

impl DomainKind {
    /// All kinds.
    pub const ALL: &'static [Self] = &[Self::Domain, Self::Subdomains];

    /// The name in JSON and in messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Domain => "domain",
            Self::Subdomains => "subdomains",
        }
    }
}

named!(DomainKind: "kind of a domain entry");

/// One entry of the list of domains.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DomainEntry {
    /// What it covers.
    pub kind: DomainKind,
    /// The domain, without the `*.`.
    pub domain: Domain,
    /// Its place in the text, in bytes.
    pub span: Span,
}

/// What a sender entry covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SenderKind {
    /// Exactly this address.
    Address,
    /// `info+*@x`: every sub-address of `info@x` (RFC 5233), not that address itself.
    SubAddresses,
}

impl SenderKind {
    /// All kinds.
    pub const ALL: &'static [Self] = &[Self::Address, Self::SubAddresses];

    /// The name in JSON and in messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::SubAddresses => "sub-addresses",
        }
    }
}

named!(SenderKind: "kind of a sender entry");

/// One entry of the list of senders.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SenderEntry {
    /// What it covers.
    pub kind: SenderKind,
    /// The address. For sub-addresses its local-part ends in `+*`.
    pub address: AddrSpec,
    /// Its place in the text, in bytes.
    pub span: Span,
}

/// The end of the local-part of an entry for sub-addresses.
pub(super) const EVERY_DETAIL: &str = "+*";

impl SenderEntry {
    /// The key of its local-part. For sub-addresses that of the base address, without `+*`.
    pub(crate) fn key(&self) -> &str {
        let key = self.address.local_part().key();
        match self.kind {
            SenderKind::Address => key,
            SenderKind::SubAddresses => key.strip_suffix(EVERY_DETAIL).unwrap_or(key),
        }
    }

    /// The local-part as written, also without `+*`.
    pub(crate) fn written(&self) -> &str {
        let written = self.address.local_part().as_written();
        match self.kind {
            SenderKind::Address => written,
            SenderKind::SubAddresses => written.strip_suffix(EVERY_DETAIL).unwrap_or(written),
        }
    }
}
