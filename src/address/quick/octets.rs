//! Short addresses and domains in plain ASCII, eight octets at a time. Nearly all are.

/// The longest text that is read this way.
pub(crate) const SHORT_OCTETS: usize = 64;

pub(crate) const EACH: u64 = 0x0101_0101_0101_0101;
/// The high bit of each octet. The tests below put their answer there; the other bits are undefined.
pub(crate) const HIGH: u64 = 0x80 * EACH;

/// The octets that are at least `limit`. All must be below 0x80.
#[inline]
pub(crate) const fn from(word: u64, limit: u8) -> u64 {
    word.wrapping_add((0x80 - limit as u64) * EACH)
}

/// The octets that are in the range. All must be below 0x80.
#[inline]
const fn within(word: u64, first: u8, last: u8) -> u64 {
    from(word, first) & !from(word, last + 1)
}

/// The octets that differ from `other`. All must be below 0x80.
#[inline]
pub(crate) const fn differ(word: u64, other: u8) -> u64 {
    from(word ^ (EACH * other as u64), 1)
}

/// Reads an address or a domain of common characters in a valid order. Writes its lower case to `out`, with padding
/// after it. Returns the place of the `@`, or `None` if the full parser must decide.
fn fold_short(text: &[u8], out: &mut [u8; SHORT_OCTETS], is_domain: bool) -> Option<usize> {
    // The last octet is a letter: no dot, no hyphen, and no all-numeric top-level label.
    if text.len() > SHORT_OCTETS || !text.last()?.is_ascii_alphabetic() {
        return None;
    }
    let (words, rest) = text.as_chunks::<8>();
    let last = match text.last_chunk::<8>() {
        Some(last) if !rest.is_empty() => u64::from_le_bytes(*last) >> (64 - 8 * rest.len()),
        _ => rest.iter().rev().fold(0, |word, octet| word << 8 | u64::from(*octet)),
    };
    // The padding is letters, which are always valid.
    let last = last | (EACH * u64::from(b'a')) << (8 * rest.len());
    let (slots, _) = out.as_chunks_mut::<8>();
    let mut place = 0;
    let (mut in_domain, mut dots, mut wrong) = (if is_domain { u64::MAX } else { 0 }, 0, 0);
    // The octet before this chunk ends a part, as the start of the text does.
    let mut before = 0x80;
    for (index, slot) in slots.iter_mut().take(text.len().div_ceil(8)).enumerate() {
        let word = words.get(index).map_or(last, |word| u64::from_le_bytes(*word));
        let letters = within(word | (0x20 * EACH), b'a', b'z') & HIGH;
        *slot = (word | letters >> 2).to_le_bytes();
        let at = !differ(word, b'@') & HIGH;
        let edge = within(word, b'-', b'.');
        // `-` and `.` are told apart by their lowest bit.
        let hyphen = edge & word << 7;
        let dot = edge & !hyphen;
        // `_` and `+` are valid in a local-part only.
        let local = !(differ(word, b'_') & differ(word, b'+'));
        let known = letters | within(word, b'0', b'9') | edge | local | at;
        // The octets after the first `@`.
        let domain = in_domain | !(at ^ at.wrapping_sub(1));
        let ends = dot | at | hyphen & domain;
        // Two adjacent hyphens in a domain go to the full parser.
        wrong |= word | !known | ends & (ends << 8 | before) | domain & (local | at);
        before = ends >> 56;
        dots |= dot & domain;
        if at != 0 {
            place = 8 * index + at.trailing_zeros() as usize / 8;
            in_domain = u64::MAX;
        }
    }
    (wrong & HIGH == 0 && dots & HIGH != 0 && in_domain != 0).then_some(place)
}

/// The place of the first `wanted`, an ASCII octet.
pub(crate) fn find_octet(text: &[u8], wanted: u8) -> Option<usize> {
    let (words, rest) = text.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        // The lowest zero octet is exact; the bits above it are not.
        let zeroed = u64::from_le_bytes(*word) ^ (EACH * u64::from(wanted));
        let zeros = zeroed.wrapping_sub(EACH) & !zeroed & HIGH;
        if zeros != 0 {
            return Some(8 * index + zeros.trailing_zeros() as usize / 8);
        }
    }
    rest.iter().position(|octet| *octet == wanted).map(|at| 8 * words.len() + at)
}

/// Compares eight octets at a time.
#[inline(always)]
pub(crate) fn is_same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let (words, rest) = one.as_chunks::<8>();
    let (others, _) = other.as_chunks::<8>();
    // The last eight octets, which may overlap the chunk before, or all if there are fewer.
    let ends_same = match (one.last_chunk::<8>(), other.last_chunk::<8>()) {
        (Some(one), Some(other)) => one == other,
        _ => rest == other,
    };
    ends_same && words.iter().zip(others).all(|(one, other)| one == other)
}

/// Writes the key of an address with a Dot-string (RFC 5321 section 4.1.2) to `out`, and returns the place of its `@`.
/// `None` if the full parser must decide.
pub(crate) fn fold_short_address(text: &[u8], out: &mut [u8; SHORT_OCTETS]) -> Option<usize> {
    fold_short(text, out, false)
}

/// Writes the canonical form of a domain to `out`. False if the full parser must decide.
pub(crate) fn fold_short_domain(text: &[u8], out: &mut [u8; SHORT_OCTETS]) -> bool {
    fold_short(text, out, true).is_some()
}

#[cfg(test)]
mod tests {
    use super::super::plain::{KEY_OCTETS, Ldh, fold_ldh, fold_plain};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_fast_path_reads_nearly_every_address() {
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
        fn the_same_is_the_same(one in "[ab]{0,20}", other in "[ab]{0,20}", place in 0_usize..20) {
            prop_assert_eq!(is_same(one.as_bytes(), other.as_bytes()), one == other);
            let mut changed = one.clone().into_bytes();
            prop_assert!(is_same(one.as_bytes(), &changed));
            if let Some(octet) = changed.get_mut(place) {
                *octet = b'c';
                prop_assert!(!is_same(one.as_bytes(), &changed));
            }
        }

        #[test]
        fn the_fast_path_agrees_with_the_full_parser(
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
