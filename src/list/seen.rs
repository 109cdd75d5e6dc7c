//! Which entry a list holds already: a hash table of indices, so that no key is copied.

/// Indices of entries by the hash of what they compare by.
pub(super) struct Seen {
    /// The hash in the upper half, the index plus one in the lower; 0 is free. A power of two, never full.
    slots: Vec<u64>,
    count: usize,
    seed: u64,
}

impl Seen {
    /// Room for `expected` entries of `text`. The seed comes from the text, so that nobody can write a list whose
    /// entries collide.
    pub(super) fn new(expected: usize, text: &str) -> Self {
        let slots = (expected.saturating_mul(2)).next_power_of_two().max(16);
        Self { slots: vec![0; slots], count: 0, seed: mix(text.len() as u64, text.as_bytes()) }
    }

    /// The hash of a key of two parts.
    pub(super) fn hash(&self, one: &[u8], other: &[u8]) -> u32 {
        let seed = if other.is_empty() { self.seed } else { mix(self.seed, other) };
        let hash = mix(seed, one);
        let hash = (hash ^ hash >> 32).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        (hash >> 32) as u32
    }

    /// The index that was put in under `hash` and that `same` accepts.
    pub(super) fn find(&self, hash: u32, mut same: impl FnMut(usize) -> bool) -> Option<usize> {
        let mut at = hash as usize;
        loop {
            let slot = self.slots.get(at & (self.slots.len() - 1)).copied().filter(|&slot| slot != 0)?;
            if (slot >> 32) as u32 == hash {
                let index = (slot as u32 - 1) as usize;
                if same(index) {
                    return Some(index);
                }
            }
            at += 1;
        }
    }

    /// Puts an index in.
    pub(super) fn insert(&mut self, hash: u32, index: usize) {
        if (self.count + 1) * 3 > self.slots.len() * 2 {
            let doubled = vec![0; self.slots.len() * 2];
            for slot in std::mem::replace(&mut self.slots, doubled).into_iter().filter(|&slot| slot != 0) {
                self.put(slot);
            }
        }
        self.put(u64::from(hash) << 32 | (index as u64 + 1) & 0xFFFF_FFFF);
        self.count += 1;
    }

    fn put(&mut self, value: u64) {
        let mask = self.slots.len() - 1;
        let mut at = (value >> 32) as usize;
        while let Some(slot) = self.slots.get_mut(at & mask) {
            if *slot == 0 {
                *slot = value;
                return;
            }
            at += 1;
        }
    }
}

/// Eight bytes at a time.
fn mix(seed: u64, bytes: &[u8]) -> u64 {
    const ODD: u64 = 0x9E37_79B9_7F4A_7C15;
    let (chunks, rest) = bytes.as_chunks::<8>();
    let mut hash = seed ^ (bytes.len() as u64).wrapping_mul(ODD);
    for chunk in chunks {
        hash = (hash ^ u64::from_le_bytes(*chunk)).wrapping_mul(ODD);
        hash ^= hash >> 29;
    }
    let last = rest.iter().fold(0, |last, &octet| last << 8 | u64::from(octet));
    hash = (hash ^ last).wrapping_mul(ODD);
    hash ^ hash >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_put_in() {
        let keys: Vec<String> = (0..5_000).map(|n| format!("k{n}.example")).collect();
        let mut seen = Seen::new(1, "text");
        for (index, key) in keys.iter().enumerate() {
            let hash = seen.hash(b"", key.as_bytes());
            assert_eq!(seen.find(hash, |at| &keys[at] == key), None);
            seen.insert(hash, index);
        }
        for (index, key) in keys.iter().enumerate() {
            assert_eq!(seen.find(seen.hash(b"", key.as_bytes()), |at| &keys[at] == key), Some(index));
        }
    }
}
