//! Normalization Form C (UAX #15).

use crate::tables::Tables;

// Unicode Standard section 3.12.
const SYLLABLES: u32 = 0xac00;
const LEADS: u32 = 0x1100;
const VOWELS: u32 = 0x1161;
/// One before the first.
const TAILS: u32 = 0x11a7;
const VOWEL_COUNT: u32 = 21;
const TAIL_COUNT: u32 = 28;
const SYLLABLE_COUNT: u32 = 19 * VOWEL_COUNT * TAIL_COUNT;

/// The same as [`compose`], for characters that are each in NFC.
pub(crate) fn compose_mapped(text: Vec<char>) -> Vec<char> {
    let tables = Tables::get();
    let joins = |character: &char| {
        let class = tables.class(*character).0;
        class.combining != 0 || class.is_second
    };
    if text.iter().any(|character| !character.is_ascii() && joins(character)) { compose(&text) } else { text }
}

/// The NFC form.
pub(crate) fn compose(text: &[char]) -> Vec<char> {
    let tables = Tables::get();
    let mut decomposed = Vec::with_capacity(text.len());
    for &character in text {
        decompose(tables, character, &mut decomposed);
    }
    let mut out: Vec<char> = Vec::with_capacity(text.len());
    let mut starter: Option<usize> = None;
    let mut last = 0;
    for (character, combining) in decomposed {
        // All characters in between have a lower class, or there are none.
        if (last == 0 || last < combining)
            && let Some(first) = starter.and_then(|at| out.get_mut(at))
            && let Some(composed) = composition(tables, *first, character)
        {
            *first = composed;
            continue;
        }
        if combining == 0 {
            starter = Some(out.len());
        }
        last = combining;
        out.push(character);
    }
    out
}

/// Appends the full decomposition, each character with its combining class, in canonical order.
fn decompose(tables: &Tables, character: char, out: &mut Vec<(char, u8)>) {
    let syllable = u32::from(character).wrapping_sub(SYLLABLES);
    if syllable < SYLLABLE_COUNT {
        let tail = syllable % TAIL_COUNT;
        let parts =
            [LEADS + syllable / (VOWEL_COUNT * TAIL_COUNT), VOWELS + syllable / TAIL_COUNT % VOWEL_COUNT, TAILS + tail];
        let parts = parts.into_iter().take(if tail == 0 { 2 } else { 3 });
        out.extend(parts.filter_map(char::from_u32).map(|part| (part, 0)));
        return;
    }
    if let Some((first, second)) = tables.decomposition(character) {
        decompose(tables, first, out);
        if let Some(second) = second {
            decompose(tables, second, out);
        }
        return;
    }
    let combining = tables.class(character).0.combining;
    let mut at = out.len();
    while combining != 0
        && let Some(before) = at.checked_sub(1)
        && out.get(before).is_some_and(|&(_, other)| other > combining)
    {
        at = before;
    }
    out.insert(at, (character, combining));
}

fn composition(tables: &Tables, first: char, second: char) -> Option<char> {
    let (one, two) = (u32::from(first), u32::from(second));
    let (lead, vowel) = (one.wrapping_sub(LEADS), two.wrapping_sub(VOWELS));
    if lead < 19 && vowel < VOWEL_COUNT {
        return char::from_u32(SYLLABLES + (lead * VOWEL_COUNT + vowel) * TAIL_COUNT);
    }
    let (syllable, tail) = (one.wrapping_sub(SYLLABLES), two.wrapping_sub(TAILS));
    if syllable < SYLLABLE_COUNT && syllable.is_multiple_of(TAIL_COUNT) && (1..TAIL_COUNT).contains(&tail) {
        return char::from_u32(one + tail);
    }
    tables.composition(first, second)
}
