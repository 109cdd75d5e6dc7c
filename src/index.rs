//! The engine's hash function, and its hash table, which contains indices.

use std::cell::Cell;
#[cfg(not(target_family = "wasm"))]
use std::hash::BuildHasher;

// The seed makes places unpredictable: a list whose entries collide would slow the gate down. On an operating system the
// seed comes from the standard library's random keys; in Wasm, JavaScript sets it.
#[cfg(not(target_family = "wasm"))]
thread_local! {
    static SEED: Cell<u64> = Cell::new(std::hash::RandomState::new().hash_one(0));
}
#[cfg(target_family = "wasm")]
thread_local! {
    static SEED: Cell<u64> = const { Cell::new(0x5e4d_e46a_7e00_0001) };
}

/// Sets the seed for all later tables of this thread.
#[cfg(any(feature = "wasm", test))]
pub(crate) fn seed(value: u64) {
    SEED.set(value);
}

/// The seed of a table, from which the keys of the hash function are derived.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seed(u64);

impl Seed {
    /// This thread's seed, which nobody outside knows.
    pub(crate) fn drawn() -> Self {
        Self(SEED.get())
    }

    /// A constant seed, for keys that nobody outside can choose.
    pub(crate) const fn known() -> Self {
        Self(0)
    }

    /// The sum of a text. For two texts, add the sum of the first and [`Self::other`] of the second.
    pub(crate) fn sum(self, text: &[u8]) -> u64 {
        sum(self.0, text)
    }

    /// The sum with other keys.
    pub(crate) fn other(self, text: &[u8]) -> u64 {
        sum(!self.0, text)
    }
}

/// The NH hash family of UMAC (RFC 4418 section 5.2.2) over eight octets at a time, with keys from `seed`: nobody can
/// make texts collide without knowing the seed. Each product fits 64 bits, because Wasm has no wider multiplication, and
/// none depends on the one before.
fn sum(seed: u64, text: &[u8]) -> u64 {
    let (words, rest) = text.as_chunks::<8>();
    // The last eight octets, some of which are in `words` too; all octets if there are fewer than eight.
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

/// The hash of a key, from its kind and its sum.
pub(crate) const fn hash(kind: u32, sum: u64) -> u64 {
    let sum = sum.wrapping_add(kind as u64);
    let mixed = (sum ^ sum >> 32).wrapping_mul(MIX);
    mixed ^ mixed >> 32
}

/// Maps hashes to indices of keys that are kept elsewhere. Uses open addressing.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    /// Each slot: an index plus one in the lower bits, or 0 if free; some bits of the hash above. The number of slots
    /// is a power of two.
    slots: Vec<u32>,
    count: usize,
}

/// Two lists of 1 MiB have fewer entries than these bits can number.
const INDEX_BITS: u32 = 20;
const INDEX: u32 = (1 << INDEX_BITS) - 1;

/// The bits of a hash that a slot keeps. The lowest bits choose the slot.
const fn tag(hash: u64) -> u32 {
    (hash >> 32) as u32 & !INDEX
}

impl Index {
    /// A table with room for `count` indices.
    pub(crate) fn with_capacity(count: usize) -> Self {
        let slots = if count == 0 { 0 } else { (count * 2).next_power_of_two() };
        Self { slots: vec![0; slots], count: 0 }
    }

    /// Calls `found` with each index inserted with `hash`, until it returns something. It may see indices of other hashes
    /// too, so it compares the key.
    #[inline]
    pub(crate) fn find<T>(&self, hash: u64, found: impl Fn(usize) -> Option<T>) -> Option<T> {
        let mask = self.slots.len().wrapping_sub(1);
        let mut slot = hash as usize & mask;
        loop {
            let held = *self.slots.get(slot)?;
            let index = (held & INDEX).checked_sub(1)?;
            if held & !INDEX == tag(hash)
                && let Some(found) = found(index as usize)
            {
                return Some(found);
            }
            slot = (slot + 1) & mask;
        }
    }

    /// Whether at least half of the slots are free.
    pub(crate) fn has_room(&self) -> bool {
        self.count * 2 < self.slots.len()
    }

    /// Inserts an index. At least one slot must be free.
    pub(crate) fn insert(&mut self, hash: u64, index: usize) {
        let mask = self.slots.len().wrapping_sub(1);
        let mut slot = hash as usize & mask;
        while self.slots.get(slot).is_some_and(|held| *held != 0) {
            slot = (slot + 1) & mask;
        }
        if let Some(free) = self.slots.get_mut(slot) {
            let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
            // INVARIANT: an index that is too large is never found, so its entry authorizes nothing.
            *free = if number <= INDEX { tag(hash) | number } else { INDEX };
        }
        self.count += 1;
    }

    /// The approximate memory use, in bytes.
    pub(crate) const fn memory(&self) -> usize {
        self.slots.capacity() * size_of::<u32>()
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;

    /// The seeds of two threads differ from each other and from the constant of Wasm. A false alarm is one in 2⁶⁴ runs.
    #[test]
    fn the_seed_is_random() {
        let drawn = || std::thread::spawn(|| SEED.get()).join().unwrap();
        let (one, other) = (drawn(), drawn());
        assert!(one != other && one != 0x5e4d_e46a_7e00_0001, "{one} {other}");
    }

    #[test]
    fn finds_what_was_put_in_whatever_the_seed() {
        let keys: Vec<String> = (0..5_000).map(|n| format!("k{n}.example")).collect();
        let places = |value: u64| {
            seed(value);
            let mut index = Index::with_capacity(keys.len());
            let hash_of = |key: &str| hash(1, Seed::drawn().sum(key.as_bytes()));
            let find = |index: &Index, key: &str| index.find(hash_of(key), |at| (keys[at] == key).then_some(at));
            for (at, key) in keys.iter().enumerate() {
                assert!(find(&index, key).is_none() && index.has_room());
                index.insert(hash_of(key), at);
            }
            for (at, key) in keys.iter().enumerate() {
                assert_eq!(find(&index, key), Some(at));
            }
            index.slots
        };
        assert_ne!(places(1), places(2));
    }
}
