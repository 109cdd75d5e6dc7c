//! Short addresses and domains of plain ASCII, read eight octets at a time: what nearly every one is.

/// The most octets that are read this way: the places of characters are the bits of one word.
pub(crate) const SHORT_OCTETS: usize = 64;

const EACH: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x80 * EACH;
/// Gathers the high bits of eight octets in the highest octet.
const GATHER: u64 = 0x0002_0408_1020_4081;

/// The octets that are not below `limit`, by their high bits. Only for octets below 0x80.
const fn from(word: u64, limit: u8) -> u64 {
    word.wrapping_add((0x80 - limit as u64) * EACH) & HIGH
}

/// The octets that are in the range, by their high bits. Only for octets below 0x80.
const fn within(word: u64, first: u8, last: u8) -> u64 {
    from(word, first) & !from(word, last + 1)
}

/// Where in a text of at most 64 octets the characters stand that an address or a domain is made of, besides letters
/// and digits.
#[derive(Default)]
struct Places {
    at: u64,
    dot: u64,
    hyphen: u64,
    /// `_` and `+`, which a local-part may have and a domain may not.
    local: u64,
}

impl Places {
    /// Writes the lower case of `text` to `out`, and more after it. Nothing where there are other characters.
    fn fold(text: &[u8], out: &mut [u8; SHORT_OCTETS]) -> Option<Self> {
        if text.len() > SHORT_OCTETS {
            return None;
        }
        let mut places = Self::default();
        let (words, rest) = text.as_chunks::<8>();
        let last = match text.last_chunk::<8>() {
            Some(last) if !rest.is_empty() => u64::from_le_bytes(*last) >> (64 - 8 * rest.len()),
            _ => rest.iter().rev().fold(0, |word, octet| word << 8 | u64::from(*octet)),
        };
        // Letters fill it up, whose places nobody asks for.
        let last = last | (EACH * u64::from(b'a')) << (8 * rest.len());
        let (slots, _) = out.as_chunks_mut::<8>();
        let mut shift = 0;
        for (index, slot) in slots.iter_mut().take(text.len().div_ceil(8)).enumerate() {
            let word = words.get(index).map_or(last, |word| u64::from_le_bytes(*word));
            *slot = places.take(word, shift)?.to_le_bytes();
            shift += 8;
        }
        Some(places)
    }

    /// Takes note of eight octets and gives their lower case.
    #[inline(always)]
    fn take(&mut self, word: u64, shift: u32) -> Option<u64> {
        if word & HIGH != 0 {
            return None;
        }
        let word = word | within(word, b'A', b'Z') >> 2;
        let [at, dot, hyphen] = [within(word, b'@', b'@'), within(word, b'.', b'.'), within(word, b'-', b'-')];
        let local = within(word, b'_', b'_') | within(word, b'+', b'+');
        let plain = within(word, b'a', b'z') | within(word, b'0', b'9');
        if plain | at | dot | hyphen | local != HIGH {
            return None;
        }
        let gathered = |octets: u64| octets.wrapping_mul(GATHER) >> 56 << shift;
        self.at |= gathered(at);
        self.dot |= gathered(dot);
        self.hyphen |= gathered(hyphen);
        self.local |= gathered(local);
        Some(word)
    }

    /// Whether the octets from `start` to the end are a domain in its canonical form that needs no closer look.
    fn has_domain(&self, start: usize, text: &[u8]) -> bool {
        let here = u64::MAX << start;
        let (dot, hyphen) = (self.dot & here, self.hyphen & here);
        let edge = dot | hyphen;
        // The next one of a dot is neither a dot nor a hyphen, nor is the next one of a hyphen; so "--" has a closer look.
        edge & edge << 1 == 0
            && edge & 1 << start == 0
            && dot != 0
            && (self.local | self.at) & here == 0
            // A letter at the end: neither a dot nor a hyphen, and not the last digit of a number.
            && text.last().is_some_and(u8::is_ascii_alphabetic)
    }
}

/// The place of the first `wanted`, an ASCII octet.
#[cfg(any(feature = "wasm", test))]
pub(crate) fn find_octet(text: &[u8], wanted: u8) -> Option<usize> {
    let (words, rest) = text.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        // The lowest zero among the octets is found exactly; what is above it does not matter.
        let zeroed = u64::from_le_bytes(*word) ^ (EACH * u64::from(wanted));
        let zeros = zeroed.wrapping_sub(EACH) & !zeroed & HIGH;
        if zeros != 0 {
            return Some(8 * index + zeros.trailing_zeros() as usize / 8);
        }
    }
    rest.iter().position(|octet| *octet == wanted).map(|at| 8 * words.len() + at)
}

/// Writes the comparing form of an address to `out` and gives the place of its `@`.
/// Nothing where somebody has to look more closely.
pub(crate) fn fold_short_address(text: &[u8], out: &mut [u8; SHORT_OCTETS]) -> Option<usize> {
    let places = Places::fold(text, out)?;
    let at = places.at.trailing_zeros() as usize;
    // The local-part is a dot-atom (RFC 5321 section 4.1.2). No domain begins beyond 62, for a dot must follow.
    let good = at > 0 && at < 62 && places.has_domain(at + 1, text);
    (good && places.dot & (1 | places.dot << 1 | places.at >> 1) & !(u64::MAX << at) == 0).then_some(at)
}

/// Writes the canonical form of a domain to `out`. False where somebody has to look more closely.
pub(crate) fn fold_short_domain(text: &[u8], out: &mut [u8; SHORT_OCTETS]) -> bool {
    Places::fold(text, out).is_some_and(|places| places.has_domain(0, text))
}

#[cfg(test)]
mod tests {
    use super::super::addr_spec::{KEY_OCTETS, fold_plain};
    use super::super::domain::{Ldh, fold_ldh};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_nearly_every_address_is_needs_no_closer_look() {
        let mut out = [0; SHORT_OCTETS];
        for (text, folded, at) in [
            ("info@a.example", "info@a.example", 4),
            ("Maria.Huber+news@River-Trading.Example", "maria.huber+news@river-trading.example", 16),
            ("a_b@1.co", "a_b@1.co", 3),
        ] {
            assert_eq!(fold_short_address(text.as_bytes(), &mut out), Some(at));
            assert_eq!(&out[..text.len()], folded.as_bytes());
        }
        assert!(fold_short_domain(b"WWW.A-b.example", &mut out) && out.starts_with(b"www.a-b.example"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn an_octet_is_found(text in proptest::collection::vec(prop_oneof![0_u8..=255, 9_u8..=11, 0x89_u8..=0x8b], 0..40)) {
            prop_assert_eq!(find_octet(&text, b'\n'), text.iter().position(|octet| *octet == b'\n'));
        }

        #[test]
        fn the_quick_way_and_the_slow_way_agree(
            text in "[ab.@-]{1,12}|[a-zA-Z0-9._+-]{0,30}@[a-zA-Z0-9.-]{0,30}[a-z]|[\u{0}-\u{7f}]{0,10}@a.b|.{0,9}@a.b|[a.]{50,66}@[a.]{1,4}",
        ) {
            let (mut short, mut long) = ([0; SHORT_OCTETS], [0; KEY_OCTETS]);
            if let Some(at) = fold_short_address(text.as_bytes(), &mut short) {
                prop_assert_eq!(fold_plain(text.as_bytes(), &mut long), Some((at, text.len())));
                prop_assert_eq!(&short[..text.len()], &long[..text.len()]);
            }
            if fold_short_domain(text.as_bytes(), &mut short) {
                let slow = fold_ldh(text.as_bytes(), &mut long);
                prop_assert!(matches!(slow, Ldh::Folded(folded) if folded.as_bytes() == &short[..text.len()]));
            }
        }
    }
}
