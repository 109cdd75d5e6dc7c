//! Domains of one list that differ as a slip of the hand makes them differ.

use super::seen::Seen;
use crate::address::is_slip;

/// A list of more registrable domains than this is not searched: every pair is looked at.
const MAX_DOMAINS: usize = 1_000;
/// Shorter labels differ by one character without being slips.
const MIN_LABEL: usize = 5;
/// Pairs alike enough to be compared byte by byte; past it the search ends, so that no list can make it slow.
const MAX_COMPARISONS: usize = 1 << 16;

/// The registrable domains of a list.
pub(super) struct Near<'a> {
    parts: Vec<Part<'a>>,
    seen: Seen,
    full: bool,
}

struct Part<'a> {
    label: &'a str,
    suffix: &'a str,
    /// Which octets the label has. One step of the hand changes two of them at most.
    octets: u64,
    /// The label without its digits: labels that are told apart by digits are told apart on purpose.
    letters: u32,
    entry: usize,
}

impl<'a> Near<'a> {
    pub(super) fn new(entries: usize, text: &str) -> Self {
        Self { parts: Vec::new(), seen: Seen::new(entries.min(MAX_DOMAINS), text), full: entries == 0 }
    }

    /// Takes the registrable part of an entry's domain in.
    pub(super) fn add(&mut self, registrable: &'a str, entry: usize) {
        let Some((label, suffix)) = registrable.split_once('.') else { return };
        if self.full || label.len() < MIN_LABEL || label.starts_with("xn--") {
            return;
        }
        if self.parts.last().is_some_and(|last| last.label == label && last.suffix == suffix) {
            return;
        }
        let hash = self.seen.hash(label.as_bytes(), suffix.as_bytes());
        let same = |at| self.parts.get(at).is_some_and(|part: &Part<'_>| part.label == label && part.suffix == suffix);
        if self.seen.find(hash, same).is_some() {
            return;
        }
        if self.parts.len() == MAX_DOMAINS {
            self.full = true;
            return;
        }
        self.seen.insert(hash, self.parts.len());
        let (mut octets, mut letters) = (0, 0x811C_9DC5_u32);
        for octet in label.bytes() {
            octets |= octet_bit(octet);
            if !octet.is_ascii_digit() {
                letters = (letters ^ u32::from(octet)).wrapping_mul(0x0100_0193);
            }
        }
        self.parts.push(Part { label, suffix, octets, letters, entry });
    }

    /// Calls `found` with the entry and the earlier one that it differs from by a slip.
    pub(super) fn pairs(&self, mut found: impl FnMut(usize, usize)) {
        if self.full {
            return;
        }
        let mut comparisons = 0;
        for (at, later) in self.parts.iter().enumerate() {
            for earlier in self.parts.iter().take(at) {
                if !two_bits_at_most(later.octets ^ earlier.octets)
                    || later.label.len().abs_diff(earlier.label.len()) > 1
                    || later.letters == earlier.letters
                    || later.suffix != earlier.suffix
                {
                    continue;
                }
                comparisons += 1;
                if comparisons > MAX_COMPARISONS {
                    return;
                }
                if is_slip(later.label, earlier.label) {
                    found(later.entry, earlier.entry);
                    break;
                }
            }
        }
    }
}

pub(super) const fn octet_bit(octet: u8) -> u64 {
    1 << (octet & 63)
}

pub(super) const fn two_bits_at_most(bits: u64) -> bool {
    let fewer = bits & bits.wrapping_sub(1);
    fewer & fewer.wrapping_sub(1) == 0
}
