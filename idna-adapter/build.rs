//! Writes ICU4X's data about every character as columns that compress well. `src/tables.rs` unpacks them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::{env, fs};

use icu_normalizer::ComposingNormalizer;
use icu_normalizer::properties::{CanonicalCombiningClassMap, CanonicalDecomposition, Decomposed};
use icu_normalizer::uts46::Uts46Mapper;
use icu_properties::CodePointMapData;
use icu_properties::props::{BidiClass, GeneralCategory, JoiningType};

/// The UTS #46 status of a character, with the numbers of `src/tables.rs`.
#[derive(Clone, PartialEq, Eq)]
enum Status {
    Valid,
    Mapped(Vec<char>),
    Ignored,
    Disallowed,
}

/// Status, combining class, whether it can be the second character of a composition, bidi class, joining type, mark.
type Class = [u8; 6];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::metadata=nfc=1");
    let characters: Vec<(char, Status)> = ('\0'..=char::MAX).map(|it| (it, status(it))).collect();
    let pairs = decompositions(&characters);
    classes(&characters, &pairs);
    mappings(&characters);
}

/// Ends the build with a message, without a panic's backtrace.
fn fail(message: &str) -> ! {
    println!("cargo::error={message}");
    std::process::exit(1);
}

fn write(name: &str, bytes: &[u8]) {
    let path = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join(name);
    if let Err(error) = fs::write(&path, bytes) {
        fail(&format!("{}: {error}", path.display()));
    }
}

/// Seven bits per byte, the lowest first. All bytes but the last have the high bit.
fn push_number(out: &mut Vec<u8>, mut number: u32) {
    while number > 127 {
        out.push((number & 127) as u8 | 128);
        number >>= 7;
    }
    out.push(number as u8);
}

/// A small number for a small distance in either direction.
fn push_signed(out: &mut Vec<u8>, number: i64) {
    let folded = (number << 1) ^ (number >> 63);
    push_number(out, u32::try_from(folded).unwrap_or_else(|_| fail("a distance of more than 31 bits")));
}

fn distance(to: char, from: char) -> i64 {
    i64::from(u32::from(to)) - i64::from(u32::from(from))
}

fn status(character: char) -> Status {
    let mapper = Uts46Mapper::new();
    let mapped: Vec<char> = mapper.map_normalize(std::iter::once(character)).collect();
    match mapped.as_slice() {
        [] => Status::Ignored,
        [one] if *one == character && character != char::REPLACEMENT_CHARACTER => Status::Valid,
        ['\u{fffd}'] => Status::Disallowed,
        _ => Status::Mapped(mapped),
    }
}

/// Runs of characters of one class: `run_lengths` and `run_classes`, with the properties of each class in `classes`.
fn classes(characters: &[(char, Status)], seconds: &BTreeSet<char>) {
    let mut classes: Vec<Class> = Vec::new();
    let mut runs: Vec<(u32, u8)> = Vec::new();
    for (character, status) in characters {
        let class = class(*character, status, seconds.contains(character));
        let known = classes.iter().position(|other| *other == class).unwrap_or_else(|| {
            classes.push(class);
            classes.len() - 1
        });
        let number = u8::try_from(known).unwrap_or_else(|_| fail("more than 256 classes of characters"));
        if runs.last().is_none_or(|&(_, last)| last != number) {
            runs.push((u32::from(*character), number));
        }
    }
    let mut lengths = Vec::new();
    for (run, next) in runs.iter().zip(runs.iter().skip(1)) {
        push_number(&mut lengths, next.0 - run.0);
    }
    write("run_lengths.bin", &lengths);
    write("run_classes.bin", &runs.iter().map(|(_, class)| *class).collect::<Vec<u8>>());
    write("classes.bin", &classes.concat());
}

fn class(character: char, status: &Status, second: bool) -> Class {
    let combining = CanonicalCombiningClassMap::new().get_u8(character);
    let second = u8::from(second);
    let number = match status {
        Status::Valid => 0,
        // A character that cannot be in a label does not need the rest.
        Status::Mapped(_) => return [1, combining, second, 0, 0, 0],
        Status::Ignored => return [2, combining, second, 0, 0, 0],
        Status::Disallowed => return [3, combining, second, 0, 0, 0],
    };
    let bidi = match CodePointMapData::<BidiClass>::new().get(character) {
        BidiClass::LeftToRight => 0,
        BidiClass::RightToLeft | BidiClass::ArabicLetter => 1,
        BidiClass::ArabicNumber => 2,
        BidiClass::EuropeanNumber => 3,
        BidiClass::NonspacingMark => 4,
        BidiClass::EuropeanSeparator
        | BidiClass::CommonSeparator
        | BidiClass::EuropeanTerminator
        | BidiClass::OtherNeutral
        | BidiClass::BoundaryNeutral => 5,
        _ => 6,
    };
    let joining = match CodePointMapData::<JoiningType>::new().get(character) {
        JoiningType::LeftJoining => 1,
        JoiningType::RightJoining => 2,
        JoiningType::DualJoining => 3,
        JoiningType::Transparent => 4,
        _ => 0,
    };
    let mark = matches!(
        CodePointMapData::<GeneralCategory>::new().get(character),
        GeneralCategory::NonspacingMark | GeneralCategory::SpacingMark | GeneralCategory::EnclosingMark
    );
    [number, combining, second, bidi, joining, u8::from(mark)]
}

/// The canonical decomposition of a CJK compatibility ideograph is its UTS #46 mapping.
const IDEOGRAPHS: [std::ops::RangeInclusive<char>; 2] = ['\u{f900}'..='\u{faff}', '\u{2f800}'..='\u{2fa1f}'];

/// Writes the canonical decompositions except Hangul and ideographs, in the order of the characters. Returns every
/// character that can be the second one of a composition.
fn decompositions(characters: &[(char, Status)]) -> BTreeSet<char> {
    let normalizer = ComposingNormalizer::new_nfc();
    let decomposition = CanonicalDecomposition::new();
    // Hangul vowels and finals.
    let mut seconds: BTreeSet<char> = ('\u{1161}'..='\u{1175}').chain('\u{11a8}'..='\u{11c2}').collect();
    let mut entries: Vec<(char, char, Option<char>, bool)> = Vec::new();
    for (character, status) in characters {
        let (first, second) = match decomposition.decompose(*character) {
            Decomposed::Default => continue,
            Decomposed::Expansion(..) if matches!(character, '\u{ac00}'..='\u{d7a3}') => continue,
            Decomposed::Singleton(one) => (one, None),
            Decomposed::Expansion(first, second) => (first, Some(second)),
        };
        if IDEOGRAPHS.iter().any(|range| range.contains(character)) {
            let ideograph = matches!(first, '\u{3400}'..='\u{9fff}' | '\u{20000}'..);
            if !ideograph || second.is_some() || *status != Status::Mapped(vec![first]) {
                fail(&format!("{character:?} is an ideograph, and UTS #46 does not map it as it decomposes"));
            }
            continue;
        }
        let composes = second.is_some() && normalizer.normalize(&character.to_string()) == character.to_string();
        if composes {
            seconds.extend(second);
        }
        entries.push((*character, first, second, composes));
    }
    // The second characters that occur, numbered; an odd number if the pair does not compose; 0 if there is none.
    let halves: BTreeSet<char> = entries.iter().filter_map(|entry| entry.2).collect();
    let numbers: BTreeMap<char, u8> = halves.iter().copied().zip(1..=127).collect();
    let (mut gaps, mut firsts, mut second_numbers) = (Vec::new(), Vec::new(), Vec::new());
    let (mut before, mut before_first) = ('\0', '\0');
    for (character, first, second, composes) in entries {
        push_signed(&mut gaps, distance(character, before));
        push_signed(&mut firsts, distance(first, before_first));
        let number = second.map_or(0, |second| numbers.get(&second).copied().unwrap_or_else(|| fail("too many marks")));
        second_numbers.push(number << 1 | u8::from(!composes));
        (before, before_first) = (character, first);
    }
    let mut marks = Vec::new();
    let mut before = '\0';
    for half in halves {
        push_signed(&mut marks, distance(half, before));
        before = half;
    }
    write("decomposition_gaps.bin", &gaps);
    write("decomposition_firsts.bin", &firsts);
    write("decomposition_seconds.bin", &second_numbers);
    write("decomposition_marks.bin", &marks);
    seconds
}

/// The mappings of the mapped characters, in their order: one character, or a text of several.
fn mappings(characters: &[(char, Status)]) {
    let (mut singles, mut lengths, mut text) = (Vec::new(), Vec::new(), String::new());
    let mut before = 0;
    for (character, status) in characters {
        let Status::Mapped(mapped) = status else { continue };
        lengths.push(u8::try_from(mapped.len()).unwrap_or_else(|_| fail("a mapping of more than 255 characters")));
        if let [one] = mapped.as_slice() {
            let shift = distance(*one, *character);
            push_signed(&mut singles, shift - before);
            before = shift;
        } else {
            text.extend(mapped);
        }
    }
    write("mapping_lengths.bin", &lengths);
    write("mapping_singles.bin", &singles);
    write("mapping_text.bin", text.as_bytes());
}
