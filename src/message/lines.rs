//! Fast search for the end of a line and the end of a field name, many octets at a time.

use super::field_names::is_ftext;
use crate::address::quick::octets::{self, HIGH};

/// The next NUL, LF, CR or other line separator from `from` on, and whether there is a `?` before it. Without `?` there
/// is no encoded-word. Reads sixteen octets at a time, because most of the time for a long header is spent here.
#[inline(always)]
pub(super) fn next_break(window: &[u8], from: usize) -> (Option<(usize, u8)>, bool) {
    let mut at = from;
    let mut asked = false;
    // A high bit that is not set marks a `?`.
    let mut others = HIGH;
    while let Some(chunk) = window.get(at..).and_then(<[u8]>::first_chunk::<16>) {
        let pair = u128::from_le_bytes(*chunk);
        let (one, two) = (pair as u64, (pair >> 64) as u64);
        // All octets are 0x20 to 0x7f, so the chunk has no line end.
        let plain = octets::from(one, 32) & octets::from(two, 32) & !(one | two);
        if plain & HIGH == HIGH {
            others &= octets::differ(one, b'?') & octets::differ(two, b'?');
            at += 16;
            continue;
        }
        let (mut begin, mut word) = (at, one);
        if octets::from(one, 32) & !one & HIGH == HIGH {
            others &= octets::differ(one, b'?');
            (begin, word) = (at + 8, two);
        }
        // The first octet below 0x20 is nearly always the line end.
        let stops = !octets::from(word, 32) & HIGH;
        let lowest = stops & stops.wrapping_neg();
        let bit = lowest.trailing_zeros() & 0x38;
        let octet = (word >> bit) as u8;
        if word & HIGH == 0 && matches!(octet, b'\r' | b'\n') {
            others &= octets::differ(word, b'?') | !(lowest - 1);
            return (Some((begin + bit as usize / 8, octet)), asked | (others & HIGH != HIGH));
        }
        let found = walk(window, at, at + 16, &mut asked);
        if found.is_some() {
            return (found, asked | (others & HIGH != HIGH));
        }
        at += 16;
    }
    let found = walk(window, at, window.len(), &mut asked);
    (found, asked | (others & HIGH != HIGH))
}

/// The first octet in a range that ends a line for some program. Sets `asked` if there is a `?` before it.
#[cold]
#[inline(never)]
fn walk(window: &[u8], from: usize, to: usize, asked: &mut bool) -> Option<(usize, u8)> {
    for at in from..to {
        let rest = window.get(at..)?;
        let octet = *rest.first()?;
        let ends = match octet {
            0 | b'\n' | b'\r' | 0x0b | 0x0c | 0x1c..=0x1e => true,
            0xc2 => rest.get(1) == Some(&0x85),
            0xe2 => matches!(rest, [_, 0x80, 0xa8 | 0xa9, ..]),
            _ => false,
        };
        if ends {
            return Some((at, octet));
        }
        *asked |= octet == b'?';
    }
    None
}

/// The colon of a line at `start`, if its name is ftext without `(`.
#[inline(always)]
pub(super) fn plain_colon(window: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    while let Some(chunk) = window.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*chunk);
        let low = word & !HIGH;
        let goes_on =
            octets::from(low, 33) & !octets::from(low, 127) & octets::differ(low, b':') & octets::differ(low, b'(');
        let stop = (!goes_on | word) & HIGH;
        if stop != 0 {
            let bit = stop.trailing_zeros() & !7;
            let colon = at + bit as usize / 8;
            return ((word >> bit) as u8 == b':' && colon > start).then_some(colon);
        }
        at += 8;
    }
    let rest = window.get(at..)?;
    let stop = rest.iter().position(|octet| matches!(octet, b':' | b'(') || !is_ftext(*octet))?;
    (rest.get(stop) == Some(&b':') && at + stop > start).then_some(at + stop)
}

#[cfg(test)]
mod tests {
    use super::super::split_header;
    use super::*;
    use proptest::prelude::*;

    fn any_octets() -> impl Strategy<Value = Vec<u8>> {
        let octet = prop_oneof![
            0_u8..=255,
            0x30_u8..=0x5b,
            8_u8..=14,
            0x7e_u8..=0x8e,
            Just(b':'),
            Just(b'='),
            Just(b'?'),
            0x61_u8..=0x7a,
            Just(0xc2),
            Just(0xe2),
            Just(0x80),
            Just(0xa8),
            Just(0x85),
            28_u8..=31
        ];
        proptest::collection::vec(octet, 0..40)
    }

    /// Mostly chunks without a line end, as in real messages.
    fn mostly_letters() -> impl Strategy<Value = Vec<u8>> {
        let octet = prop_oneof![60 => 0x61_u8..=0x7a, 2 => Just(b'?'), 1 => Just(b'\r'), 1 => Just(b':'), 1 => Just(b'\t'), 1 => Just(0xe9)];
        proptest::collection::vec(octet, 0..60)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_colon_and_a_line_end_are_found_whatever_stands_before_them(
            octets in prop_oneof![any_octets(), mostly_letters()],
            start in 0_usize..20,
        ) {
            let start = start.min(octets.len());
            let rest = &octets[start..];
            let found = (0..rest.len()).find(|at| {
                matches!(&rest[*at..], [0 | 10..=13 | 28..=30, ..] | [0xc2, 0x85, ..] | [0xe2, 0x80, 0xa8 | 0xa9, ..])
            });
            let passed = &octets[start..start + found.unwrap_or(rest.len())];
            prop_assert_eq!(next_break(&octets, start), (found.map(|at| (start + at, rest[at])), passed.contains(&b'?')));
            let stop = rest.iter().position(|octet| matches!(octet, b':' | b'(') || !is_ftext(*octet));
            let colon = stop.filter(|stop| *stop > 0 && rest[*stop] == b':').map(|stop| start + stop);
            prop_assert_eq!(plain_colon(&octets, start), colon);
        }

        #[test]
        fn every_path_gives_the_same_kind_to_a_name(
            name in "[-]?(From|sender|Resent-From|Resentsender|Apparently-From|Fr-om|F-R-O-M|[a-fmorsF-]{1,8})[-]{0,2}|[-(x)>.]{0,3}From[-()>.]{0,2}",
        ) {
            let line = [name.as_bytes(), b": a@a.example"].concat();
            let ended = [line.as_slice(), b"\r\n\r\n"].concat();
            let (quick, slow) = (split_header(&ended, false), split_header(&line, true));
            prop_assert_eq!(quick.fields.first().map(|field| field.kind), slow.fields.first().map(|field| field.kind), "{}", name);
        }
    }
}
