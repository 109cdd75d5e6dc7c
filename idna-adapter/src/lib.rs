//! The Unicode data that [`idna`](https://docs.rs/idna) asks for, in a form that weighs little.
//!
//! `idna` leaves the data of UTS #46 to a crate of this name and shape, so that it can be exchanged. The one that it
//! brings along is ICU4X's, whose tables are laid out for looking up where they are: some 30 KB compressed. These are
//! written by ICU4X too (see build.rs), but as columns for a compressor, and unfolded in memory on first use: a third of
//! that, with the same answers for every character, which the tests compare.
//!
//! Text that no label can hold has no bidi class, joining type or category here; nobody asks for it.

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
    /// This type alone.
    #[must_use]
    pub const fn to_mask(self) -> JoiningTypeMask {
        JoiningTypeMask(1 << self.0)
    }

    /// Whether the character is passed over.
    #[must_use]
    pub const fn is_transparent(self) -> bool {
        self.0 == 4
    }
}

impl JoiningTypeMask {
    /// Whether the two have a type in common.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// Several bidi classes.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct BidiClassMask(u8);

/// The bidi class of a character. Classes that every rule of RFC 5893 treats alike are one.
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

/// What makes a domain a bidi domain.
pub const RTL_MASK: BidiClassMask = BidiClassMask(1 << RIGHT | 1 << ARABIC_NUMBER);
/// What a label may begin with.
pub const FIRST_BC_MASK: BidiClassMask = BidiClassMask(1 << LEFT | 1 << RIGHT);
/// What a label from left to right may end with.
pub const LAST_LTR_MASK: BidiClassMask = BidiClassMask(1 << LEFT | 1 << EUROPEAN_NUMBER);
/// What a label from right to left may end with.
pub const LAST_RTL_MASK: BidiClassMask = BidiClassMask(1 << RIGHT | 1 << EUROPEAN_NUMBER | 1 << ARABIC_NUMBER);
/// What a label from left to right may hold.
pub const MIDDLE_LTR_MASK: BidiClassMask =
    BidiClassMask(1 << LEFT | 1 << EUROPEAN_NUMBER | 1 << NONSPACING | 1 << NEUTRAL);
/// What a label from right to left may hold.
pub const MIDDLE_RTL_MASK: BidiClassMask =
    BidiClassMask(1 << RIGHT | 1 << ARABIC_NUMBER | 1 << EUROPEAN_NUMBER | 1 << NONSPACING | 1 << NEUTRAL);

impl BidiClass {
    /// This class alone.
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
    /// Whether the two have a class in common.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// What `idna` asks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Adapter;

impl Adapter {
    /// Asks the data that is compiled in.
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

    /// Maps a text as UTS #46 does, and normalizes it: what is ignored is gone, what is disallowed is U+FFFD.
    pub fn map_normalize<'a>(&'a self, characters: impl Iterator<Item = char> + 'a) -> impl Iterator<Item = char> + 'a {
        map(&mut characters.into_iter(), true)
    }

    /// The same where what is ignored elsewhere is disallowed. A label is valid if it comes out as it went in.
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
