//! Domains of one list that are one typing error apart.

use crate::address::is_typo;
use crate::list::seen::Seen;

/// A list of more registrable domains than this is not searched, since every pair is compared.
const MAX_DOMAINS: usize = 1_000;
/// Shorter labels often differ by one character on purpose.
const MIN_LABEL: usize = 5;
/// The search ends after this many comparisons of two labels, so that no list can make it slow.
const MAX_COMPARISONS: usize = 1 << 16;

/// The domains are put into this many groups, by label length and suffix.
const GROUPS: usize = 256;

/// The registrable domains of a list.
pub(super) struct NearDuplicates<'a> {
    parts: Vec<Part<'a>>,
    seen: Seen,
    full: bool,
}

struct Part<'a> {
    label: &'a str,
    suffix: &'a str,
    /// One bit for each octet value in the label ([`octet_bit`]). A typo changes two bits at most.
    octets: u64,
    /// A hash of the label without its digits: labels that differ in digits alone differ on purpose.
    letters: u32,
    group: usize,
    entry: usize,
}

impl<'a> NearDuplicates<'a> {
    pub(super) fn new(entries: usize) -> Self {
        Self { parts: Vec::new(), seen: Seen::new(entries.min(MAX_DOMAINS)), full: entries == 0 }
    }

    /// Adds the registrable domain of an entry.
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
        let hash = self.seen.hash(0, registrable.as_bytes());
        let same = |at| self.parts.get(at).is_some_and(|part: &Part<'_>| part.label == label && part.suffix == suffix);
        if self.seen.find(hash, same).is_some() {
            return;
        }
        if self.parts.len() == MAX_DOMAINS {
            self.full = true;
            return;
        }
        self.seen.push(hash);
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

    /// Calls `found` with each entry that is a typo of an earlier one, and with that earlier entry.
    #[inline(never)]
    pub(super) fn pairs(&self, found: &mut dyn FnMut(usize, usize)) {
        if self.full {
            return;
        }
        // A counting sort by group, which keeps the order within each group.
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
            // A typo changes the length by one at most, so these three groups are enough.
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
                    if is_typo(part.label, earlier.label) {
                        found(part.entry, earlier.entry);
                        break;
                    }
                }
            }
        }
    }
}

/// The group for a suffix (by its hash) and a label length. Labels one octet longer are in the next group.
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
