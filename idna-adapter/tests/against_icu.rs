//! Every answer, compared with ICU4X's.

use icu_normalizer::uts46::Uts46Mapper;
use icu_normalizer::{ComposingNormalizer, DecomposingNormalizer};
use icu_properties::CodePointMapData;
use icu_properties::props::{BidiClass, GeneralCategory, JoiningType};
use idna_adapter::*;
use proptest::prelude::*;

fn mapped(text: &str) -> [String; 2] {
    let adapter = Adapter::new();
    [adapter.map_normalize(text.chars()).collect(), adapter.normalize_validate(text.chars()).collect()]
}

fn mapped_by_icu(text: &str) -> [String; 2] {
    let mapper = Uts46Mapper::new();
    [mapper.map_normalize(text.chars()).collect(), mapper.normalize_validate(text.chars()).collect()]
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
    let adapter = Adapter::new();
    let virama = Uts46Mapper::new();
    let bidi = CodePointMapData::<BidiClass>::new();
    let joining = CodePointMapData::<JoiningType>::new();
    let category = CodePointMapData::<GeneralCategory>::new();
    for character in ('\0'..=char::MAX).filter(|it| mapped_by_icu(it.encode_utf8(&mut [0; 4]))[1] == it.to_string()) {
        if character == char::REPLACEMENT_CHARACTER {
            continue;
        }
        assert_eq!(adapter.is_virama(character), virama.is_virama(character), "{character:?}");
        let category = category.get(character);
        let is_mark = matches!(
            category,
            GeneralCategory::NonspacingMark | GeneralCategory::SpacingMark | GeneralCategory::EnclosingMark
        );
        assert_eq!(adapter.is_mark(character), is_mark, "{character:?}");
        let joining = joining.get(character);
        let mine = adapter.joining_type(character);
        let left = matches!(joining, JoiningType::LeftJoining | JoiningType::DualJoining);
        let right = matches!(joining, JoiningType::RightJoining | JoiningType::DualJoining);
        assert_eq!(mine.to_mask().intersects(LEFT_OR_DUAL_JOINING_MASK), left, "{character:?}");
        assert_eq!(mine.to_mask().intersects(RIGHT_OR_DUAL_JOINING_MASK), right, "{character:?}");
        assert_eq!(mine.is_transparent(), joining == JoiningType::Transparent, "{character:?}");
        let bidi = bidi.get(character);
        let mine = adapter.bidi_class(character);
        assert_eq!(mine.is_ltr(), bidi == BidiClass::LeftToRight, "{character:?}");
        assert_eq!(mine.is_nonspacing_mark(), bidi == BidiClass::NonspacingMark, "{character:?}");
        assert_eq!(mine.is_european_number(), bidi == BidiClass::EuropeanNumber, "{character:?}");
        assert_eq!(mine.is_arabic_number(), bidi == BidiClass::ArabicNumber, "{character:?}");
        use BidiClass as B;
        let (l, rtl) = (bidi == B::LeftToRight, matches!(bidi, B::RightToLeft | B::ArabicLetter));
        let (en, an, nsm) = (bidi == B::EuropeanNumber, bidi == B::ArabicNumber, bidi == B::NonspacingMark);
        let neutral = matches!(
            bidi,
            B::EuropeanSeparator | B::CommonSeparator | B::EuropeanTerminator | B::OtherNeutral | B::BoundaryNeutral
        );
        // RFC 5893 section 2.
        for (mask, expected) in [
            (RTL_MASK, rtl || an),
            (FIRST_BC_MASK, l || rtl),
            (LAST_LTR_MASK, l || en),
            (LAST_RTL_MASK, rtl || en || an),
            (MIDDLE_LTR_MASK, l || en || nsm || neutral),
            (MIDDLE_RTL_MASK, rtl || an || en || nsm || neutral),
        ] {
            assert_eq!(mine.to_mask().intersects(mask), expected, "{character:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn texts_map_and_normalize_the_same(
        text in "[a-cA-C\\-\u{e0}-\u{ff}\u{300}-\u{36f}\u{390}-\u{3c9}\u{5d0}-\u{5ea}\u{591}-\u{5c7}\u{627}\u{64b}-\u{655}\u{93c}-\u{94d}\u{9be}-\u{9d7}\u{1100}-\u{1112}\u{1161}-\u{1175}\u{11a7}-\u{11c2}\u{ac00}-\u{ac40}\u{200c}\u{200d}\u{f900}-\u{f910}\u{fb1d}-\u{fb4f}\u{1d157}-\u{1d165}\u{11099}-\u{110ba}]{0,12}|\\PC{0,12}|.{0,8}",
    ) {
        prop_assert_eq!(mapped(&text), mapped_by_icu(&text));
        prop_assert_eq!(nfc(&text), ComposingNormalizer::new_nfc().normalize(&text).into_owned());
    }
}
