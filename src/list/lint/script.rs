//! Scripts of characters, to find labels that mix several (UTS #39 section 5).

use std::sync::OnceLock;

/// Written by `build.rs`, which describes the format.
static TABLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/scripts.bin"));

const LATIN: u8 = 1;
const HAN: u8 = 2;
const HIRAGANA: u8 = 3;
const KATAKANA: u8 = 4;
const HANGUL: u8 = 5;
const BOPOMOFO: u8 = 6;

/// The runs: first code point, script.
fn runs() -> &'static [(u32, u8)] {
    static RUNS: OnceLock<Vec<(u32, u8)>> = OnceLock::new();
    RUNS.get_or_init(|| {
        let Some((count, rest)) = TABLE.split_first_chunk() else { return Vec::new() };
        let (scripts, lengths) = rest.split_at_checked(u16::from_le_bytes(*count).into()).unwrap_or_default();
        let mut lengths = lengths.iter();
        let mut start = 0x80;
        let run = |&script| {
            let first = start;
            let mut shift = 0;
            for &byte in lengths.by_ref() {
                start += u32::from(byte & 127) << shift;
                shift += 7;
                if byte < 128 {
                    break;
                }
            }
            (first, script)
        };
        scripts.iter().map(run).collect()
    })
}

/// The number of a character's script; 0 if it belongs to every script.
fn script_of(character: char) -> u8 {
    if character.is_ascii() {
        return if character.is_ascii_alphabetic() { LATIN } else { 0 };
    }
    let runs = runs();
    let after = runs.partition_point(|&(first, _)| first <= u32::from(character));
    after.checked_sub(1).and_then(|at| runs.get(at)).map_or(0, |&(_, script)| script)
}

/// Whether a label mixes scripts that no single writing system combines.
///
/// Latin, Han, Hiragana and Katakana go together, as do Latin, Han and Hangul, and Latin, Han and Bopomofo
/// (UTS #39 section 5.2, "highly restrictive"). The script is the property `Script`; `Script_Extensions` is not used.
#[inline(never)]
pub(super) fn mixes_scripts(label: &str) -> bool {
    const fn bit(script: u8) -> u32 {
        1 << script
    }
    let mut combining = 0;
    let mut other = 0;
    for character in label.chars() {
        match script_of(character) {
            0 => {}
            script @ LATIN..=BOPOMOFO => combining |= bit(script),
            script if other == 0 || other == script => other = script,
            _ => return true,
        }
    }
    if other != 0 {
        return combining != 0;
    }
    let together = bit(LATIN) | bit(HAN);
    [bit(HIRAGANA) | bit(KATAKANA), bit(HANGUL), bit(BOPOMOFO)].iter().all(|more| combining & !(together | more) != 0)
}

/// Whether a character is a symbol, not a letter or digit: emoji, arrows, signs. IDNA 2008 forbids symbols, UTS #46
/// accepts them.
#[inline(never)]
pub(super) const fn is_symbol(character: char) -> bool {
    matches!(character,
        '\u{a1}'..='\u{a9}' | '\u{ab}'..='\u{b1}' | '\u{b4}' | '\u{b6}' | '\u{b8}' | '\u{bb}' | '\u{bf}' | '\u{d7}' | '\u{f7}'
        | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}' | '\u{20a0}'..='\u{20cf}' | '\u{2100}'..='\u{214d}'
        | '\u{2190}'..='\u{2bff}' | '\u{2e00}'..='\u{2e2e}' | '\u{2e30}'..='\u{2e7f}' | '\u{3003}' | '\u{3004}' | '\u{3008}'..='\u{3020}'
        | '\u{3030}' | '\u{303d}'..='\u{303f}' | '\u{1d000}'..='\u{1d35f}' | '\u{1f000}'..='\u{1fbef}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_script::{Script, UnicodeScript};

    #[test]
    fn the_table_knows_every_letter_and_digit() {
        let mut of_number = std::collections::HashMap::new();
        for character in (0x80..=0x10_FFFF_u32).filter_map(char::from_u32).filter(|c| c.is_alphanumeric()) {
            let number = script_of(character);
            let script = character.script();
            if matches!(script, Script::Common | Script::Inherited) {
                assert_eq!(number, 0, "{character:?}");
            } else if script != Script::Unknown {
                assert_eq!(*of_number.entry(number).or_insert(script), script, "{character:?}");
            }
        }
        assert_eq!(of_number.get(&LATIN), Some(&Script::Latin));
        assert_eq!(of_number.get(&BOPOMOFO), Some(&Script::Bopomofo));
        assert!(of_number.len() > 100);
    }

    #[test]
    fn mixtures() {
        for (label, mixed) in [
            ("paypal", false),
            ("раypal", true),
            ("россия", false),
            ("россия-24", false),
            ("αβγ", false),
            ("αbγ", true),
            ("東京タワーtower", false),
            ("東京と", false),
            ("한국漢字abc", false),
            ("한국カ", true),
            ("ㄅ漢abc", false),
            ("ㄅ한", true),
            ("bücher", false),
            ("שלוםабв", true),
            ("123", false),
            ("", false),
        ] {
            assert_eq!(mixes_scripts(label), mixed, "{label}");
        }
    }

    #[test]
    fn symbols_are_no_letters() {
        assert!(is_symbol('😀') && is_symbol('♥') && is_symbol('→') && is_symbol('©'));
        for character in (0..=0x10_FFFF_u32).filter_map(char::from_u32).filter(|c| c.is_alphabetic()) {
            let circled = matches!(character, '\u{2100}'..='\u{2bff}' | '\u{1f130}'..='\u{1f189}');
            assert!(circled || !is_symbol(character), "{character:?}");
        }
    }
}
