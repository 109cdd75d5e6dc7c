//! The Unicode data for [`idna`](https://docs.rs/idna), in a small form.
//!
//! `idna` takes the data of UTS #46 from a crate with this name and API, so that it can be replaced. The default crate
//! uses ICU4X's tables, which are made for direct look-ups and have about 30 KB compressed. These tables come from
//! ICU4X too (see build.rs), but as columns for a compressor, and are unpacked in memory at first use. They have a
//! third of the size. The tests compare the results for every character.
//!
//! A character that cannot be in a label has no bidi class, joining type or category here, since `idna` never needs it.

mod normalize;
mod tables;

use tables::{Class, IGNORED, MAPPED, Tables, VALID};

/// The NFC form of a text.
///
/// ```
/// assert_eq!(idna_adapter::nfc("u\u{308}"), "ü");
/// ```
#[must_use]
pub fn nfc(text: &str) -> String {
    normalize::compose(&text.chars().collect::<Vec<char>>()).into_iter().collect()
}

/// Several joining types.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct JoiningTypeMask(u8);

/// The joining type of a character.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct JoiningType(u8);

/// Left or dual.
pub const LEFT_OR_DUAL_JOINING_MASK: JoiningTypeMask = JoiningTypeMask(1 << 1 | 1 << 3);
/// Right or dual.
pub const RIGHT_OR_DUAL_JOINING_MASK: JoiningTypeMask = JoiningTypeMask(1 << 2 | 1 << 3);

impl JoiningType {
    /// The set with only this type.
    #[must_use]
    pub const fn to_mask(self) -> JoiningTypeMask {
        JoiningTypeMask(1 << self.0)
    }

    /// Whether the character is transparent.
    #[must_use]
    pub const fn is_transparent(self) -> bool {
        self.0 == 4
    }
}

impl JoiningTypeMask {
    /// Whether two sets share a type.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// Several bidi classes.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct BidiClassMask(u8);

/// The bidi class of a character. Classes that all rules of RFC 5893 treat alike are merged.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct BidiClass(u8);

const LEFT: u8 = 0;
const RIGHT: u8 = 1;
const ARABIC_NUMBER: u8 = 2;
const EUROPEAN_NUMBER: u8 = 3;
const NONSPACING: u8 = 4;
/// ES, CS, ET, ON and BN.
const NEUTRAL: u8 = 5;

/// The classes that make a domain a bidi domain.
pub const RTL_MASK: BidiClassMask = BidiClassMask(1 << RIGHT | 1 << ARABIC_NUMBER);
/// The classes that may begin a label.
pub const FIRST_BC_MASK: BidiClassMask = BidiClassMask(1 << LEFT | 1 << RIGHT);
/// The classes that may end a left-to-right label.
pub const LAST_LTR_MASK: BidiClassMask = BidiClassMask(1 << LEFT | 1 << EUROPEAN_NUMBER);
/// The classes that may end a right-to-left label.
pub const LAST_RTL_MASK: BidiClassMask = BidiClassMask(1 << RIGHT | 1 << EUROPEAN_NUMBER | 1 << ARABIC_NUMBER);
/// The classes of a left-to-right label.
pub const MIDDLE_LTR_MASK: BidiClassMask =
    BidiClassMask(1 << LEFT | 1 << EUROPEAN_NUMBER | 1 << NONSPACING | 1 << NEUTRAL);
/// The classes of a right-to-left label.
pub const MIDDLE_RTL_MASK: BidiClassMask =
    BidiClassMask(1 << RIGHT | 1 << ARABIC_NUMBER | 1 << EUROPEAN_NUMBER | 1 << NONSPACING | 1 << NEUTRAL);

impl BidiClass {
    /// The set with only this class.
    #[must_use]
    pub const fn to_mask(self) -> BidiClassMask {
        BidiClassMask(1 << self.0)
    }

    /// Whether it is `L`.
    #[must_use]
    pub const fn is_ltr(self) -> bool {
        self.0 == LEFT
    }

    /// Whether it is `NSM`.
    #[must_use]
    pub const fn is_nonspacing_mark(self) -> bool {
        self.0 == NONSPACING
    }

    /// Whether it is `EN`.
    #[must_use]
    pub const fn is_european_number(self) -> bool {
        self.0 == EUROPEAN_NUMBER
    }

    /// Whether it is `AN`.
    #[must_use]
    pub const fn is_arabic_number(self) -> bool {
        self.0 == ARABIC_NUMBER
    }
}

impl BidiClassMask {
    /// Whether two sets share a class.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// The API that `idna` uses.
#[derive(Clone, Copy, Debug, Default)]
pub struct Adapter;

impl Adapter {
    /// Uses the compiled-in data.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }

    /// Whether the combining class of a character is that of a virama.
    #[must_use]
    pub fn is_virama(&self, character: char) -> bool {
        class(character).combining == 9
    }

    /// Whether a character is a mark.
    #[must_use]
    pub fn is_mark(&self, character: char) -> bool {
        class(character).is_mark
    }

    /// The bidi class of a character.
    #[must_use]
    pub fn bidi_class(&self, character: char) -> BidiClass {
        BidiClass(class(character).bidi)
    }

    /// The joining type of a character.
    #[must_use]
    pub fn joining_type(&self, character: char) -> JoiningType {
        JoiningType(class(character).joining)
    }

    /// Maps a text by UTS #46 and normalizes it. Ignored characters are removed, disallowed ones become U+FFFD.
    pub fn map_normalize<'a>(&'a self, characters: impl Iterator<Item = char> + 'a) -> impl Iterator<Item = char> + 'a {
        map(&mut characters.into_iter(), true)
    }

    /// The same, but ignored characters count as disallowed. A label is valid if the result equals the input.
    pub fn normalize_validate<'a>(
        &'a self,
        characters: impl Iterator<Item = char> + 'a,
    ) -> impl Iterator<Item = char> + 'a {
        map(&mut characters.into_iter(), false)
    }
}

fn map(characters: &mut dyn Iterator<Item = char>, ignores: bool) -> std::vec::IntoIter<char> {
    let tables = Tables::get();
    let mut out = Vec::with_capacity(characters.size_hint().0);
    for character in characters {
        let (class, place) = tables.class(character);
        match class.status {
            VALID => out.push(character),
            MAPPED => tables.push_mapping(place, &mut out),
            IGNORED if ignores => {}
            _ => out.push(char::REPLACEMENT_CHARACTER),
        }
    }
    normalize::compose_mapped(out).into_iter()
}

fn class(character: char) -> Class {
    Tables::get().class(character).0
}
