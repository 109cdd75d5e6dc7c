//! Domains of one list that differ as a slip of the hand makes them differ.

use crate::address::is_slip;
use crate::list::seen::Seen;

/// A list of more registrable domains than this is not searched: every pair is looked at.
const MAX_DOMAINS: usize = 1_000;
/// Shorter labels differ by one character without being slips.
const MIN_LABEL: usize = 5;
/// Pairs alike enough to be compared byte by byte; past it the search ends, so that no list can make it slow.
const MAX_COMPARISONS: usize = 1 << 16;

/// How many groups the domains are put in, by the length of the label and by the suffix.
const GROUPS: usize = 256;

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
    group: usize,
    entry: usize,
}

impl<'a> Near<'a> {
    pub(super) fn new(entries: usize, text: &str) -> Self {
        Self { parts: Vec::new(), seen: Seen::new(entries.min(MAX_DOMAINS), text), full: entries == 0 }
    }

    /// Takes the registrable part of an entry's domain in.
    pub(super) fn add(&mut self, registrable: &'a str, entry: usize) {
        if self.full {
            return;
        }
        let Some((label, suffix)) = registrable.split_once('.') else { return };
        if label.len() < MIN_LABEL || label.starts_with("xn--") {
            return;
        }
        if self.parts.last().is_some_and(|last| last.label == label && last.suffix == suffix) {
            return;
        }
        let hash = self.seen.hash(registrable.as_bytes(), b"");
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
        let zone = suffix.bytes().fold(0, |zone: u32, octet| (zone ^ u32::from(octet)).wrapping_mul(0x0100_0193));
        let group = group(zone, label.len());
        self.parts.push(Part { label, suffix, octets, letters, group, entry });
    }

    /// Calls `found` with the entry and the earlier one that it differs from by a slip.
    #[inline(never)]
    pub(super) fn pairs(&self, found: &mut dyn FnMut(usize, usize)) {
        if self.full {
            return;
        }
        // The domains by group, and in each group in their order, with what sets them apart side by side.
        let mut ends = [0_usize; GROUPS];
        for part in &self.parts {
            if let Some(end) = ends.get_mut(part.group) {
                *end += 1;
            }
        }
        let mut total = 0;
        for end in &mut ends {
            total += *end;
            *end = total;
        }
        let mut starts = ends;
        let mut grouped = vec![(0_u64, 0_usize); total];
        for (index, part) in self.parts.iter().enumerate().rev() {
            if let Some(start) = starts.get_mut(part.group) {
                *start -= 1;
                if let Some(place) = grouped.get_mut(*start) {
                    *place = (part.octets, index);
                }
            }
        }
        let members = |group: usize| {
            let range = starts.get(group).copied().unwrap_or(0)..ends.get(group).copied().unwrap_or(0);
            grouped.get(range).unwrap_or_default()
        };
        let mut comparisons = 0;
        for (index, part) in self.parts.iter().enumerate() {
            // A slip leaves the length as it is, or makes it one more or less.
            for group in [part.group, (part.group + 1) % GROUPS, (part.group + GROUPS - 1) % GROUPS] {
                for &(octets, other) in members(group) {
                    if other >= index {
                        break;
                    }
                    if !two_bits_at_most(part.octets ^ octets) {
                        continue;
                    }
                    let Some(earlier) = self.parts.get(other) else { continue };
                    if part.letters == earlier.letters || part.suffix != earlier.suffix {
                        continue;
                    }
                    comparisons += 1;
                    if comparisons > MAX_COMPARISONS {
                        return;
                    }
                    if is_slip(part.label, earlier.label) {
                        found(part.entry, earlier.entry);
                        break;
                    }
                }
            }
        }
    }
}

/// The group of the domains of a suffix whose labels have a length; one more octet is the next group.
const fn group(zone: u32, length: usize) -> usize {
    (zone as usize >> 3).wrapping_add(length) % GROUPS
}

pub(super) const fn octet_bit(octet: u8) -> u64 {
    1 << (octet & 63)
}

pub(super) const fn two_bits_at_most(bits: u64) -> bool {
    let fewer = bits & bits.wrapping_sub(1);
    fewer & fewer.wrapping_sub(1) == 0
}
