//! Every answer, compared with ICU4X's and with the `idna` crate's.

use icu_normalizer::uts46::Uts46Mapper;
use icu_normalizer::{ComposingNormalizer, DecomposingNormalizer};
use icu_properties::CodePointMapData;
use icu_properties::props::{BidiClass, GeneralCategory, JoiningType};
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use proptest::prelude::*;

use crate::tables::Tables;
use crate::{map, nfc, to_ascii, to_unicode};

fn mapped(text: &str) -> [Option<String>; 2] {
    [true, false].map(|ignores| Some(map(&mut text.chars(), ignores)?.into_iter().collect()))
}

/// What is disallowed comes out as U+FFFD there.
fn mapped_by_icu(text: &str) -> [Option<String>; 2] {
    let mapper = Uts46Mapper::new();
    let mapped: [String; 2] =
        [mapper.map_normalize(text.chars()).collect(), mapper.normalize_validate(text.chars()).collect()];
    mapped.map(|text| (!text.contains('\u{fffd}')).then_some(text))
}

#[test]
fn every_character_maps_and_normalizes_the_same() {
    let nfc_of_icu = ComposingNormalizer::new_nfc();
    let same = |text: &str| {
        assert_eq!(mapped(text), mapped_by_icu(text), "{text:?}");
        assert_eq!(nfc(text), nfc_of_icu.normalize(text), "{text:?}");
    };
    for character in '\0'..=char::MAX {
        same(character.encode_utf8(&mut [0; 4]));
        // Han, Hangul and private use have little to do with what stands beside them.
        if matches!(character, '\0'..'\u{3400}' | '\u{f900}'..'\u{20000}') {
            same(&format!("a{character}"));
            same(&format!("{character}\u{301}"));
            same(&format!("\u{1100}\u{323}{character}\u{315}"));
            same(&DecomposingNormalizer::new_nfd().normalize(character.encode_utf8(&mut [0; 4])));
        }
    }
}

#[test]
fn every_valid_character_has_the_same_properties() {
    let virama = Uts46Mapper::new();
    let bidi = CodePointMapData::<BidiClass>::new();
    let joining = CodePointMapData::<JoiningType>::new();
    let category = CodePointMapData::<GeneralCategory>::new();
    let is_valid = |it: &char| mapped_by_icu(it.encode_utf8(&mut [0; 4]))[1].as_deref() == Some(&*it.to_string());
    for character in ('\0'..=char::MAX).filter(is_valid) {
        let class = Tables::get().class(character).0;
        assert_eq!(class.combining == 9, virama.is_virama(character), "{character:?}");
        let is_mark = matches!(
            category.get(character),
            GeneralCategory::NonspacingMark | GeneralCategory::SpacingMark | GeneralCategory::EnclosingMark
        );
        assert_eq!(class.is_mark, is_mark, "{character:?}");
        let joining = match joining.get(character) {
            JoiningType::LeftJoining => 1,
            JoiningType::RightJoining => 2,
            JoiningType::DualJoining => 3,
            JoiningType::Transparent => 4,
            _ => 0,
        };
        assert_eq!(class.joining, joining, "{character:?}");
        use BidiClass as B;
        let bidi = match bidi.get(character) {
            B::LeftToRight => 0,
            B::RightToLeft | B::ArabicLetter => 1,
            B::ArabicNumber => 2,
            B::EuropeanNumber => 3,
            B::NonspacingMark => 4,
            B::EuropeanSeparator
            | B::CommonSeparator
            | B::EuropeanTerminator
            | B::OtherNeutral
            | B::BoundaryNeutral => 5,
            _ => 6,
        };
        assert_eq!(class.bidi, bidi, "{character:?}");
    }
}

fn by_idna(text: &str) -> Option<String> {
    let options = (AsciiDenyList::STD3, Hyphens::Check, DnsLength::Ignore);
    let ascii = Uts46::new().to_ascii(text.as_bytes(), options.0, options.1, options.2).ok()?;
    Some(ascii.into_owned())
}

/// The same answer; where a label is too long, only that it is.
fn same_domain(text: &str) {
    let (mine, theirs) = (to_ascii(text), by_idna(text));
    let too_long =
        |ascii: &Option<String>| ascii.as_ref().is_some_and(|it| it.split('.').any(|label| label.len() > 63));
    if !(too_long(&mine) && too_long(&theirs)) {
        assert_eq!(mine, theirs, "{text:?}");
    }
    if let Some(ascii) = mine.filter(|_| !too_long(&theirs)) {
        let (unicode, result) = Uts46::new().to_unicode(ascii.as_bytes(), AsciiDenyList::STD3, Hyphens::Check);
        assert_eq!((to_unicode(&ascii), result.is_ok()), (unicode.into_owned(), true), "{text:?}");
    }
}

#[test]
fn every_character_stands_in_domains_as_idna_has_it() {
    for character in ('\0'..='\u{33ff}').chain('\u{a000}'..='\u{abff}').chain('\u{f900}'..='\u{1ffff}') {
        for text in [
            character.to_string(),
            format!("a{character}"),
            format!("{character}a.b"),
            format!("\u{5d0}{character}\u{5d1}"),
            format!("1{character}.\u{5d0}"),
            format!("\u{915}{character}\u{200d}"),
            format!("\u{628}{character}\u{200c}{character}\u{628}"),
        ] {
            same_domain(&text);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn texts_map_and_normalize_the_same(
        text in "[a-cA-C\\-\u{e0}-\u{ff}\u{300}-\u{36f}\u{390}-\u{3c9}\u{5d0}-\u{5ea}\u{591}-\u{5c7}\u{627}\u{64b}-\u{655}\u{93c}-\u{94d}\u{9be}-\u{9d7}\u{1100}-\u{1112}\u{1161}-\u{1175}\u{11a7}-\u{11c2}\u{ac00}-\u{ac40}\u{200c}\u{200d}\u{f900}-\u{f910}\u{fb1d}-\u{fb4f}\u{1d157}-\u{1d165}\u{11099}-\u{110ba}]{0,12}|\\PC{0,12}|.{0,8}",
    ) {
        prop_assert_eq!(mapped(&text), mapped_by_icu(&text));
        prop_assert_eq!(nfc(&text), ComposingNormalizer::new_nfc().normalize(&text).into_owned());
    }

    #[test]
    fn domains_are_as_idna_has_them(
        text in "([a-cA-C0-2\\-._ ]|xn--[a-z0-9\\-]{0,9}|XN--|--|[\u{df}-\u{ff}\u{300}-\u{30f}\u{3b1}-\u{3c9}\u{430}-\u{44f}\u{5d0}-\u{5ea}\u{5b0}-\u{5b9}\u{626}-\u{64a}\u{660}-\u{669}\u{6f0}-\u{6f9}\u{915}-\u{920}\u{94d}\u{200c}\u{200d}\u{3002}\u{ff0e}\u{ff21}-\u{ff5a}\u{4e00}-\u{4e09}\u{ac00}-\u{ac05}\u{1100}-\u{1103}\u{1161}-\u{1163}\u{2024}\u{2488}\u{fdfa}\u{ad}\u{10a00}-\u{10a05}]|\\PC){0,9}",
    ) {
        same_domain(&text);
    }

    #[test]
    fn labels_survive_punycode(text in "([a-c0-2\\-]|[\u{e0}-\u{f6}]|[\u{430}-\u{44f}]|[\u{4e00}-\u{4e99}]|\u{10400}|\\PC){1,70}") {
        same_domain(&text);
        let ascii: String = text.chars().filter(char::is_ascii).filter(char::is_ascii_alphanumeric).collect();
        same_domain(&format!("xn--{}", ascii.to_ascii_lowercase()));
        same_domain(&format!("a.xn--{}-{}", ascii.to_ascii_lowercase(), ascii.len()));
    }
}
