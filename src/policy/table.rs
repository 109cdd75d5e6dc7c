//! The entries of a policy: all keys in one string, found by their hash.

use super::Rule;
use crate::address::quick::octets;
use crate::address::routes;
use crate::index::{Index, Seed, hash};
use crate::list::ListKind;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EntryKind {
    Domain,
    Subdomains,
    Sender,
    /// Every sub-address of the key.
    SubAddresses,
}

/// One entry: the place of its key in the text of the table, followed by its local-part as written if that differs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) kind: EntryKind,
    start: u32,
    /// A key has at most 318 octets and a written local-part 64, so 16 bits are enough.
    key: u16,
    written: u16,
}

#[derive(Clone, Debug)]
pub(super) struct Table {
    text: String,
    entries: Vec<Entry>,
    /// Indices of `entries`.
    index: Index,
    seed: Seed,
    domains: u32,
    subdomains: u32,
    senders: u32,
    sub_addresses: u32,
}

impl Table {
    pub(super) fn with_capacity(entries: usize, bytes: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            entries: Vec::with_capacity(entries),
            index: Index::with_capacity(entries),
            seed: Seed::drawn(),
            domains: 0,
            subdomains: 0,
            senders: 0,
            sub_addresses: 0,
        }
    }

    /// Adds a new entry, up to the capacity. A domain has no local-part; sub-addresses have that of their base address.
    pub(super) fn insert(&mut self, kind: EntryKind, local_part: &str, domain: &str, written: Option<&str>) {
        let start = self.text.len();
        let mut sum = self.seed.sum(domain.as_bytes());
        if matches!(kind, EntryKind::Sender | EntryKind::SubAddresses) {
            sum = sum.wrapping_add(self.seed.other(local_part.as_bytes()));
            self.text.push_str(local_part);
            self.text.push('@');
        }
        self.text.push_str(domain);
        let end = self.text.len();
        self.text.push_str(written.unwrap_or_default());
        let narrow = |length: usize| u16::try_from(length).unwrap_or(u16::MAX);
        self.entries.push(Entry {
            kind,
            start: u32::try_from(start).unwrap_or(u32::MAX),
            key: narrow(end - start),
            written: narrow(written.map_or(0, str::len)),
        });
        self.index.insert(hash(kind as u32, sum), self.entries.len() - 1);
        *match kind {
            EntryKind::Domain => &mut self.domains,
            EntryKind::Subdomains => &mut self.subdomains,
            EntryKind::Sender => &mut self.senders,
            EntryKind::SubAddresses => &mut self.sub_addresses,
        } += 1;
    }

    /// The entry that covers an address, given as its key and the place of its `@`. A local-part that routes may lead
    /// to another sender, so only a sender entry with the whole address covers it.
    pub(super) fn find(&self, key: &[u8], at: usize) -> Option<Entry> {
        if routes(key.get(..at)?) { self.sender(key, at) } else { self.find_unrouted(key, at) }
    }

    /// The same for a local-part that does not route.
    pub(super) fn find_unrouted(&self, key: &[u8], at: usize) -> Option<Entry> {
        let (local_part, domain) = (key.get(..at)?, key.get(at + 1..)?);
        let sum = self.seed.sum(domain);
        if self.domains > 0
            && let Some(entry) = self.look_up(EntryKind::Domain, sum, |key| octets::is_same(key, domain))
        {
            return Some(entry);
        }
        if self.senders > 0
            && let sum = sum.wrapping_add(self.seed.other(local_part))
            && let Some(entry) = self.look_up(EntryKind::Sender, sum, |held| octets::is_same(held, key))
        {
            return Some(entry);
        }
        if self.sub_addresses > 0
            && let Some(entry) = self.base_entry(EntryKind::SubAddresses, key, at)
        {
            return Some(entry);
        }
        if self.subdomains > 0 {
            return parents(domain).find_map(|parent| self.domain(EntryKind::Subdomains, parent));
        }
        None
    }

    /// The entry for exactly this sender.
    fn sender(&self, key: &[u8], at: usize) -> Option<Entry> {
        self.of_address(EntryKind::Sender, key.get(..at)?, key.get(at..)?)
    }

    /// The entry of this kind that the address is a sub-address of (RFC 5233); the longest match wins. There is one
    /// look-up for each `+`, and a local-part has at most 64 octets.
    #[inline(never)]
    pub(super) fn base_entry(&self, kind: EntryKind, key: &[u8], at: usize) -> Option<Entry> {
        let (local_part, at_domain) = key.split_at_checked(at)?;
        let pluses = local_part.iter().enumerate().rev().filter(|(plus, octet)| **octet == b'+' && *plus > 0);
        pluses.filter_map(|(plus, _)| local_part.get(..plus)).find_map(|whose| self.of_address(kind, whose, at_domain))
    }

    /// Whether there is an entry for sub-addresses.
    pub(super) const fn has_sub_addresses(&self) -> bool {
        self.sub_addresses > 0
    }

    /// The entry for a local-part and the text after it, which begins with `@`.
    pub(super) fn of_address(&self, kind: EntryKind, local_part: &[u8], at_domain: &[u8]) -> Option<Entry> {
        let sum = self.seed.sum(at_domain.get(1..)?).wrapping_add(self.seed.other(local_part));
        self.look_up(kind, sum, |key| key.strip_prefix(local_part).is_some_and(|rest| rest == at_domain))
    }

    /// The entry for exactly this domain.
    pub(super) fn domain(&self, kind: EntryKind, domain: &[u8]) -> Option<Entry> {
        self.look_up(kind, self.seed.sum(domain), |key| octets::is_same(key, domain))
    }

    #[inline]
    fn look_up(&self, kind: EntryKind, sum: u64, has_key: impl Fn(&[u8]) -> bool) -> Option<Entry> {
        self.index.find(hash(kind as u32, sum), |at| {
            self.entries.get(at).copied().filter(|entry| entry.kind == kind && has_key(self.key(*entry).as_bytes()))
        })
    }

    #[inline]
    pub(super) fn key(&self, entry: Entry) -> &str {
        let start = entry.start as usize;
        self.text.get(start..start + usize::from(entry.key)).unwrap_or_default()
    }

    /// The entry as written in the canonical list.
    pub(super) fn rule(&self, entry: Entry) -> Rule {
        let key = self.key(entry);
        match entry.kind {
            EntryKind::Domain => Rule { list: ListKind::Domains, entry: key.to_owned() },
            EntryKind::Subdomains => Rule { list: ListKind::Domains, entry: ["*.", key].concat() },
            EntryKind::Sender if entry.written == 0 => Rule { list: ListKind::Senders, entry: key.to_owned() },
            EntryKind::Sender | EntryKind::SubAddresses => {
                let start = entry.start as usize + key.len();
                let written = self.text.get(start..start + usize::from(entry.written)).unwrap_or_default();
                let (local_part, domain) = key.rsplit_once('@').unwrap_or_default();
                let local_part = if written.is_empty() { local_part } else { written };
                let at = if entry.kind == EntryKind::SubAddresses { "+*@" } else { "@" };
                Rule { list: ListKind::Senders, entry: [local_part, at, domain].concat() }
            }
        }
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) const fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) const fn memory(&self) -> usize {
        self.text.capacity() + self.entries.capacity() * size_of::<Entry>() + self.index.memory()
    }
}

/// Every parent of a domain, the nearest first.
pub(super) fn parents(domain: &[u8]) -> impl Iterator<Item = &[u8]> {
    domain.iter().enumerate().filter(|(_, octet)| **octet == b'.').filter_map(|(at, _)| domain.get(at + 1..))
}
