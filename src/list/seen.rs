//! The entries of a list that were read already, to find duplicates.

use crate::index::{Index, Seed, hash};

/// A hash table of entries.
pub(super) struct Seen {
    index: Index,
    /// The hash of each entry, in order, to build a larger table: a list separated by commas has more entries than `;`.
    hashes: Vec<u64>,
    seed: Seed,
}

impl Seen {
    /// A table with room for `expected` entries.
    pub(super) fn new(expected: usize) -> Self {
        let hashes = Vec::with_capacity(expected);
        Self { index: Index::with_capacity(expected), hashes, seed: Seed::drawn() }
    }

    /// The hash of a text, for one kind of entry.
    pub(super) fn hash(&self, kind: u32, text: &[u8]) -> u64 {
        hash(kind, self.seed.sum(text))
    }

    /// The hash of two texts.
    pub(super) fn hash_both(&self, one: &[u8], other: &[u8]) -> u64 {
        hash(0, self.seed.sum(one).wrapping_add(self.seed.other(other)))
    }

    /// The position of the entry with this hash that `same` accepts.
    pub(super) fn find(&self, hash: u64, same: impl Fn(usize) -> bool) -> Option<usize> {
        self.index.find(hash, |at| same(at).then_some(at))
    }

    /// Adds the next entry.
    pub(super) fn push(&mut self, hash: u64) {
        if !self.index.has_room() {
            let mut larger = Index::with_capacity(2 * self.hashes.len() + 1);
            self.hashes.iter().zip(0..).for_each(|(hash, at)| larger.insert(*hash, at));
            self.index = larger;
        }
        self.index.insert(hash, self.hashes.len());
        self.hashes.push(hash);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_after_the_table_grew() {
        let keys: Vec<String> = (0..5_000).map(|n| format!("k{n}.example")).collect();
        let mut seen = Seen::new(1);
        let find = |seen: &Seen, key: &str| seen.find(seen.hash(1, key.as_bytes()), |at| keys[at] == key);
        for key in &keys {
            assert_eq!(find(&seen, key), None);
            seen.push(seen.hash(1, key.as_bytes()));
        }
        for (at, key) in keys.iter().enumerate() {
            assert_eq!(find(&seen, key), Some(at));
        }
    }
}
