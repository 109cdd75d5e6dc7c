//! Where a line ends and where the name of its field does, looked for many octets at a time.

use super::names::is_ftext;
use crate::address::quick::octets::{self, EACH, HIGH};

/// The next NUL, LF, CR or other line separator from `from` on. Sixteen octets at a time: this is where the time of a
/// long header goes.
pub(super) fn next_break(window: &[u8], from: usize, words: &mut bool) -> Option<(usize, u8)> {
    let mut at = from;
    while let Some(chunk) = window.get(at..).and_then(<[u8]>::first_chunk::<16>) {
        let pair = u128::from_le_bytes(*chunk);
        let halves = [pair as u64, (pair >> 64) as u64];
        // Those below 32, a tab among them, and `?`.
        let mut stops = halves.map(|word| {
            let low = word & !HIGH;
            !((octets::from(low, 32) & octets::differ(low, b'?')) | word) & HIGH
        });
        if (halves[0] | halves[1]) & HIGH != 0 {
            // 0xc2 and 0xe2, with which the separators of UTF-8 begin.
            for (stop, word) in stops.iter_mut().zip(halves) {
                *stop |= !octets::differ((word & !HIGH) | (0x20 * EACH), 0x62) & word & HIGH;
            }
        }
        if stops != [0, 0] {
            for (place, mut stops) in stops.into_iter().enumerate() {
                while stops != 0 {
                    let found = at + 8 * place + stops.trailing_zeros() as usize / 8;
                    if let Some(octet) = break_at(window, found, words) {
                        return Some((found, octet));
                    }
                    stops &= stops - 1;
                }
            }
        }
        at += 16;
    }
    let rest = window.get(at..)?.len();
    (at..at + rest).find_map(|found| Some((found, break_at(window, found, words)?)))
}

/// The octet at a place where a line ends, or where some program could see the end of one. Notes whether an `=?` ends
/// there.
#[inline]
fn break_at(window: &[u8], at: usize, words: &mut bool) -> Option<u8> {
    let rest = window.get(at..)?;
    let octet = *rest.first()?;
    let is_break = match octet {
        0 | b'\n' | b'\r' | 0x0b | 0x0c | 0x1c..=0x1e => true,
        b'?' => {
            *words |= at.checked_sub(1).and_then(|before| window.get(before)) == Some(&b'=');
            false
        }
        0xc2 => rest.get(1) == Some(&0x85),
        0xe2 => matches!(rest, [_, 0x80, 0xa8 | 0xa9, ..]),
        _ => false,
    };
    is_break.then_some(octet)
}

/// The colon of a line that begins at `start` with a name of ftext and a colon, and whether a comment begins in the name.
pub(super) fn plain_colon(window: &[u8], start: usize) -> Option<(usize, bool)> {
    let mut at = start;
    let mut comment = 0;
    while let Some(chunk) = window.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*chunk);
        let low = word & !HIGH;
        let is_ftext = octets::from(low, 33) & !octets::from(low, 127) & octets::differ(low, b':');
        let stop = (!is_ftext | word) & HIGH;
        let opens = !octets::differ(low, b'(') & HIGH;
        if stop != 0 {
            // What stands before the first stop.
            comment |= opens & (stop & stop.wrapping_neg()).wrapping_sub(1);
            let bit = stop.trailing_zeros() & !7;
            let colon = at + bit as usize / 8;
            return ((word >> bit) as u8 == b':' && colon > start).then_some((colon, comment != 0));
        }
        comment |= opens;
        at += 8;
    }
    let rest = window.get(at..)?;
    let stop = rest.iter().position(|octet| *octet == b':' || !is_ftext(*octet))?;
    let comment = comment != 0 || rest.iter().take(stop).any(|octet| *octet == b'(');
    (rest.get(stop) == Some(&b':') && at + stop > start).then_some((at + stop, comment))
}

#[cfg(test)]
mod tests {
    use super::super::split_header;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_colon_and_a_line_end_are_found_whatever_stands_before_them(
            octets in proptest::collection::vec(prop_oneof![0_u8..=255, 0x30_u8..=0x5b, 8_u8..=14, 0x7e_u8..=0x8e, Just(b':'), Just(b'='), Just(b'?'), 0x61_u8..=0x7a, Just(0xc2), Just(0xe2), Just(0x80), Just(0xa8), Just(0x85), 28_u8..=31], 0..40),
            start in 0_usize..20,
        ) {
            let start = start.min(octets.len());
            let rest = &octets[start..];
            let found = (0..rest.len()).find(|at| {
                matches!(&rest[*at..], [0 | 10..=13 | 28..=30, ..] | [0xc2, 0x85, ..] | [0xe2, 0x80, 0xa8 | 0xa9, ..])
            });
            let mut words = false;
            prop_assert_eq!(next_break(&octets, start, &mut words), found.map(|at| (start + at, rest[at])));
            let passed = &octets[start..start + found.unwrap_or(rest.len())];
            let in_it = passed.windows(2).any(|pair| pair == b"=?");
            prop_assert!(words == in_it || passed.first() == Some(&b'?') && words);
            let stop = rest.iter().position(|octet| *octet == b':' || !is_ftext(*octet));
            let colon = stop.filter(|stop| *stop > 0 && rest[*stop] == b':');
            let colon = colon.map(|stop| (start + stop, rest[..stop].contains(&b'(')));
            prop_assert_eq!(plain_colon(&octets, start), colon);
        }

        #[test]
        fn a_name_means_the_same_on_every_way(
            name in "[-]?(From|sender|Resent-From|Resentsender|Apparently-From|Fr-om|F-R-O-M|[a-fmorsF-]{1,8})[-]{0,2}|[-(x)>.]{0,3}From[-()>.]{0,2}",
        ) {
            let line = [name.as_bytes(), b": a@a.example"].concat();
            let ended = [line.as_slice(), b"\r\n\r\n"].concat();
            let (quick, slow) = (split_header(&ended, false), split_header(&line, true));
            prop_assert_eq!(quick.fields.first().map(|field| field.kind), slow.fields.first().map(|field| field.kind), "{}", name);
        }
    }
}
