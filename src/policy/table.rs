//! The entries of a policy: all keys in one string, and a hash table with open addressing.

use super::{ListName, Rule};
use crate::address::quick::octets;
use crate::address::routes;
use std::cell::Cell;
#[cfg(not(target_family = "wasm"))]
use std::hash::BuildHasher;

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
    /// Index into `entries` plus one, 0 for free, and above it some bits of the hash; a power of two, never more than
    /// half full.
    slots: Vec<u32>,
    seed: u64,
    domains: u32,
    subdomains: u32,
    senders: u32,
    sub_addresses: u32,
}

/// Two lists of 1 MiB have fewer entries than these bits can number.
const INDEX_BITS: u32 = 20;
const INDEX: u32 = (1 << INDEX_BITS) - 1;

// What makes the places of entries unforeseeable: a list made to collide would otherwise slow the gate down. Where
// there is an operating system, the standard library has random keys of it. In Wasm JavaScript gives them.
#[cfg(not(target_family = "wasm"))]
thread_local! {
    static SEED: Cell<u64> = Cell::new(std::hash::RandomState::new().hash_one(0));
}
#[cfg(target_family = "wasm")]
thread_local! {
    static SEED: Cell<u64> = const { Cell::new(0x5e4d_e46a_7e00_0001) };
}

/// Sets the seed for all later tables of this thread.
#[cfg(feature = "wasm")]
pub(crate) fn seed(value: u64) {
    SEED.set(value);
}

impl Table {
    pub(super) fn with_capacity(entries: usize, bytes: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            entries: Vec::with_capacity(entries),
            slots: vec![0; if entries == 0 { 0 } else { (entries * 2).next_power_of_two() }],
            seed: SEED.get(),
            domains: 0,
            subdomains: 0,
            senders: 0,
            sub_addresses: 0,
        }
    }

    /// Adds a new entry, up to the capacity. A domain has no local-part; sub-addresses have that of their base address.
    pub(super) fn insert(&mut self, kind: EntryKind, local_part: &str, domain: &str, written: Option<&str>) {
        let start = self.text.len();
        let mut sum = sum(self.seed, domain.as_bytes());
        if matches!(kind, EntryKind::Sender | EntryKind::SubAddresses) {
            sum = sum.wrapping_add(self::sum(!self.seed, local_part.as_bytes()));
            self.text.push_str(local_part);
            self.text.push('@');
        }
        self.text.push_str(domain);
        let end = self.text.len();
        let hash = hash(kind, sum);
        let mask = self.slots.len().wrapping_sub(1);
        let mut slot = hash as usize & mask;
        while self.slots.get(slot).is_some_and(|index| *index != 0) {
            slot = (slot + 1) & mask;
        }
        self.text.push_str(written.unwrap_or_default());
        let narrow = |length: usize| u16::try_from(length).unwrap_or(u16::MAX);
        self.entries.push(Entry {
            kind,
            start: u32::try_from(start).unwrap_or(u32::MAX),
            key: narrow(end - start),
            written: narrow(written.map_or(0, str::len)),
        });
        if let Some(free) = self.slots.get_mut(slot) {
            let index = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
            // INVARIANT: an entry without an index is never found, so it authorizes nothing.
            *free = if index <= INDEX { tag(hash) | index } else { INDEX };
        }
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
        if routes(key.get(..at)?) { self.sender(key, at) } else { self.find_straight(key, at) }
    }

    /// The same for a local-part that does not route.
    pub(super) fn find_straight(&self, key: &[u8], at: usize) -> Option<Entry> {
        let (local_part, domain) = (key.get(..at)?, key.get(at + 1..)?);
        let sum = sum(self.seed, domain);
        if self.domains > 0
            && let Some(entry) = self.look_up(EntryKind::Domain, sum, |key| octets::is_same(key, domain))
        {
            return Some(entry);
        }
        if self.senders > 0
            && let sum = sum.wrapping_add(self::sum(!self.seed, local_part))
            && let Some(entry) = self.look_up(EntryKind::Sender, sum, |held| octets::is_same(held, key))
        {
            return Some(entry);
        }
        if self.sub_addresses > 0
            && let Some(entry) = self.whose_sub_address(EntryKind::SubAddresses, key, at)
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
    pub(super) fn whose_sub_address(&self, kind: EntryKind, key: &[u8], at: usize) -> Option<Entry> {
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
        let sum = sum(self.seed, at_domain.get(1..)?).wrapping_add(self::sum(!self.seed, local_part));
        self.look_up(kind, sum, |key| key.strip_prefix(local_part).is_some_and(|rest| rest == at_domain))
    }

    /// The entry for exactly this domain.
    pub(super) fn domain(&self, kind: EntryKind, domain: &[u8]) -> Option<Entry> {
        self.look_up(kind, sum(self.seed, domain), |key| octets::is_same(key, domain))
    }

    #[inline]
    fn look_up(&self, kind: EntryKind, sum: u64, has_key: impl Fn(&[u8]) -> bool) -> Option<Entry> {
        let mask = self.slots.len().wrapping_sub(1);
        let hash = hash(kind, sum);
        let mut slot = hash as usize & mask;
        loop {
            let held = *self.slots.get(slot)?;
            let index = (held & INDEX).checked_sub(1)?;
            if held & !INDEX == tag(hash) {
                let entry = *self.entries.get(index as usize)?;
                if entry.kind == kind && has_key(self.key(entry).as_bytes()) {
                    return Some(entry);
                }
            }
            slot = (slot + 1) & mask;
        }
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
            EntryKind::Domain => Rule { list: ListName::Domains, entry: key.to_owned() },
            EntryKind::Subdomains => Rule { list: ListName::Domains, entry: ["*.", key].concat() },
            EntryKind::Sender if entry.written == 0 => Rule { list: ListName::Senders, entry: key.to_owned() },
            EntryKind::Sender | EntryKind::SubAddresses => {
                let start = entry.start as usize + key.len();
                let written = self.text.get(start..start + usize::from(entry.written)).unwrap_or_default();
                let (local_part, domain) = key.rsplit_once('@').unwrap_or_default();
                let local_part = if written.is_empty() { local_part } else { written };
                let at = if entry.kind == EntryKind::SubAddresses { "+*@" } else { "@" };
                Rule { list: ListName::Senders, entry: [local_part, at, domain].concat() }
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
        self.text.capacity() + self.entries.capacity() * size_of::<Entry>() + self.slots.capacity() * size_of::<u32>()
    }
}

/// The family NH of UMAC (RFC 4418 section 5.2.2) over eight octets at a time, with keys drawn from `seed`: whoever
/// does not know the seed cannot make texts collide. The products need 64 bits only, for Wasm has no wider
/// multiplication, and none waits for the one before. The sums of two texts with keys of their own add up to that of
/// both.
fn sum(seed: u64, text: &[u8]) -> u64 {
    let (words, rest) = text.as_chunks::<8>();
    // The last eight octets, some of them for the second time, or the few there are.
    let last = match text.last_chunk() {
        Some(last) => u64::from_le_bytes(*last),
        None => rest.iter().rev().fold(0, |word, octet| word << 8 | u64::from(*octet)),
    };
    let mut state = seed;
    let mut sum = text.len() as u64;
    let mut add = |word: u64| {
        state = state.wrapping_add(STEP);
        let key = (state ^ state >> 30).wrapping_mul(MIX);
        let low = (word as u32).wrapping_add(key as u32);
        let high = ((word >> 32) as u32).wrapping_add((key >> 32) as u32);
        sum = sum.wrapping_add(u64::from(low).wrapping_mul(u64::from(high)));
    };
    words.iter().for_each(|word| add(u64::from_le_bytes(*word)));
    add(last);
    sum
}

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
const MIX: u64 = 0xbf58_476d_1ce4_e5b9;

fn hash(kind: EntryKind, sum: u64) -> u64 {
    let sum = sum.wrapping_add(kind as u64);
    let mixed = (sum ^ sum >> 32).wrapping_mul(MIX);
    mixed ^ mixed >> 32
}

/// The bits of a hash that stand beside an index; the lowest ones choose the slot.
const fn tag(hash: u64) -> u32 {
    (hash >> 32) as u32 & !INDEX
}

/// Every parent of a domain, the nearest first.
pub(super) fn parents(domain: &[u8]) -> impl Iterator<Item = &[u8]> {
    domain.iter().enumerate().filter(|(_, octet)| **octet == b'.').filter_map(|(at, _)| domain.get(at + 1..))
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;

    /// Two threads draw two seeds, each other than the constant of Wasm: equal ones come up once in 2⁶⁴ runs.
    #[test]
    fn the_seed_is_random() {
        let drawn = || std::thread::spawn(|| SEED.get()).join().unwrap();
        let (one, other) = (drawn(), drawn());
        assert!(one != other && one != 0x5e4d_e46a_7e00_0001, "{one} {other}");
    }

    #[test]
    fn entries_are_found_whatever_the_seed() {
        let places = |seed: u64| {
            SEED.set(seed);
            let mut table = Table::with_capacity(200, 0);
            (0..100).for_each(|n| table.insert(EntryKind::Domain, "", &format!("d{n}.example"), None));
            (0..100).for_each(|n| table.insert(EntryKind::Sender, &format!("s{n}"), "e.example", None));
            for n in 0..100 {
                assert!(table.domain(EntryKind::Domain, format!("d{n}.example").as_bytes()).is_some());
                assert!(table.find(format!("s{n}@e.example").as_bytes(), format!("s{n}").len()).is_some());
            }
            table.slots
        };
        assert_ne!(places(1), places(2));
    }
}
