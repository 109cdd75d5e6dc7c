//! The entry that an address nearly matched. The form shows it, so that a person finds a typo.

use super::Rule;
use super::table::{Entry, EntryKind, Table, parents};
use crate::address::{AddrSpec, is_typo};
use crate::named::named;

/// At most this many entries are searched, so that a refusal is cheap with any list.
const MAX_COMPARED: usize = 10_000;
/// Shorter texts are often one character apart by chance.
const MIN_TYPO_OCTETS: usize = 4;

/// How an address nearly matched an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum How {
    /// Its domain is a subdomain of a listed domain, which covers only itself.
    SubdomainOfListed,
    /// Its domain is a parent of a listed domain.
    ParentOfListed,
    /// Another address of its domain is listed.
    OtherSenderAtDomain,
    /// It is one typing error away from a listed address or domain.
    TypoOfListed,
    /// It is a sub-address of a listed address, which covers only itself.
    SubAddressOfListed,
}

impl How {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::SubdomainOfListed,
        Self::ParentOfListed,
        Self::OtherSenderAtDomain,
        Self::TypoOfListed,
        Self::SubAddressOfListed,
    ];

    /// The name in JSON and in messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SubdomainOfListed => "subdomain-of-listed",
            Self::ParentOfListed => "parent-of-listed",
            Self::OtherSenderAtDomain => "other-sender-at-domain",
            Self::TypoOfListed => "typo-of-listed",
            Self::SubAddressOfListed => "sub-address-of-listed",
        }
    }
}

named!(How: "near miss");

/// An entry that an address nearly matched.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct NearMiss {
    /// The entry.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub rule: Rule,
    /// How it nearly matched.
    pub how: How,
}

/// The nearest entry. The kinds are tried in this order: the address whose sub-address it is, its own sub-addresses, a
/// domain above it, a typo, a domain below it, another sender of its domain.
#[cold]
pub(super) fn find(table: &Table, address: &AddrSpec) -> Option<NearMiss> {
    let near = |how, entry| Some(NearMiss { rule: table.rule(entry), how });
    let (local_part, domain) = (address.local_part().key(), address.domain().as_ascii());
    if table.has_sub_addresses() || local_part.contains('+') {
        let (key, at) = (address.key(), local_part.len());
        let key = key.as_bytes();
        if !address.local_part().routes()
            && let Some(entry) = table.base_entry(EntryKind::Sender, key, at)
        {
            return near(How::SubAddressOfListed, entry);
        }
        if let Some((local_part, at_domain)) = key.split_at_checked(at)
            && let Some(entry) = table.of_address(EntryKind::SubAddresses, local_part, at_domain)
        {
            return near(How::OtherSenderAtDomain, entry);
        }
    }
    if let Some(entry) = parents(domain.as_bytes()).find_map(|parent| table.domain(EntryKind::Domain, parent)) {
        return near(How::SubdomainOfListed, entry);
    }
    let (mut below, mut neighbour): (Option<Entry>, Option<Entry>) = (None, None);
    for entry in table.entries().iter().take(MAX_COMPARED).copied() {
        let key = table.key(entry);
        // The length or one octet rules out nearly every entry.
        let longer = key.len().checked_sub(domain.len() + 1);
        let has = |place: Option<usize>, octet| place.is_some_and(|at| key.as_bytes().get(at) == Some(&octet));
        match entry.kind {
            EntryKind::Domain | EntryKind::Subdomains => {
                let may_be_typo = key.len() >= MIN_TYPO_OCTETS && key.len().abs_diff(domain.len()) < 2;
                if may_be_typo && entry.kind == EntryKind::Domain && is_typo(key, domain) {
                    return near(How::TypoOfListed, entry);
                }
                let is_below =
                    has(longer, b'.') && key.ends_with(domain) || entry.kind == EntryKind::Subdomains && key == domain;
                if is_below && below.is_none() {
                    below = Some(entry);
                }
            }
            EntryKind::Sender | EntryKind::SubAddresses => {
                let mine = match entry.kind {
                    EntryKind::SubAddresses => without_detail(local_part, longer),
                    _ => Some(local_part),
                };
                let may_be_same = mine.is_some_and(|mine| {
                    has(Some(mine.len()), b'@') && key.as_bytes().first() == mine.as_bytes().first()
                });
                if !may_be_same && !has(longer, b'@') {
                    continue;
                }
                let same_domain = has(longer, b'@') && key.ends_with(domain);
                let typo = mine.is_some_and(|mine| {
                    let local = longer.filter(|_| same_domain && key.len() >= MIN_TYPO_OCTETS);
                    local.and_then(|length| key.get(..length)).is_some_and(|local| is_typo(local, mine))
                        || may_be_same
                            && key.strip_prefix(mine).is_some_and(|at| is_typo(at.get(1..).unwrap_or(at), domain))
                });
                if typo {
                    return near(How::TypoOfListed, entry);
                }
                if same_domain && neighbour.is_none() {
                    neighbour = Some(entry);
                }
            }
        }
    }
    below
        .and_then(|entry| near(How::ParentOfListed, entry))
        .or_else(|| neighbour.and_then(|entry| near(How::OtherSenderAtDomain, entry)))
}

/// The part of a local-part before a `+` whose length is within one of that of a listed address. Any other length is no
/// typo of it.
fn without_detail(local_part: &str, length: Option<usize>) -> Option<&str> {
    let length = length?;
    let is_plus = |at: &usize| *at > 0 && local_part.as_bytes().get(*at) == Some(&b'+');
    let at = [length, length.wrapping_sub(1), length + 1].into_iter().find(is_plus)?;
    local_part.get(..at)
}
