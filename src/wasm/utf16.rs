//! Byte offsets of UTF-8 to offsets in UTF-16 code units: the one place where they are converted.

use crate::diagnostic::{MAX_LIST_BYTES, Span};

const STEP: usize = 64;

/// The offsets of one text.
pub(super) struct Utf16Map<'a> {
    text: &'a [u8],
    /// The UTF-16 offset at every 64th byte; empty for ASCII, where both are the same.
    steps: Vec<u32>,
    /// Code units that the caller had after the text and did not hand over, because it is too long anyway.
    truncated_units: u32,
}

impl<'a> Utf16Map<'a> {
    pub(super) fn new(text: &'a str, truncated_units: u32) -> Self {
        let text = text.as_bytes();
        let mut steps = Vec::new();
        if !text.is_ascii() {
            steps.reserve(text.len() / STEP + 1);
            let mut units = 0;
            for chunk in text.chunks(STEP) {
                steps.push(units);
                units += units_in(chunk);
            }
        }
        Self { text, steps, truncated_units }
    }

    pub(super) fn offset(&self, byte: usize) -> u32 {
        let units = match self.steps.get(byte / STEP) {
            Some(units) => units + units_in(self.text.get(byte / STEP * STEP..byte).unwrap_or_default()),
            // ASCII, or the end of a text of whole steps.
            None => match self.steps.last() {
                Some(units) => units + units_in(self.text.get((self.steps.len() - 1) * STEP..).unwrap_or_default()),
                None => u32::try_from(byte).unwrap_or(u32::MAX),
            },
        };
        if byte == self.text.len() { units + self.truncated_units } else { units }
    }

    /// The byte at an offset; `None` beyond the text and within a surrogate pair.
    pub(super) fn byte(&self, offset: u32) -> Option<usize> {
        let step = self.steps.partition_point(|&units| units <= offset).checked_sub(1);
        let Some(step) = step else { return Some(offset as usize).filter(|&byte| byte <= self.text.len()) };
        let (mut byte, mut units) = (step * STEP, self.steps.get(step).copied()?);
        while let Some(octet) = self.text.get(byte) {
            let width = units_in(std::slice::from_ref(octet));
            if width > 0 && units >= offset {
                break;
            }
            units += width;
            byte += 1;
        }
        (units == offset).then_some(byte)
    }

    pub(super) fn span(&self, span: Span) -> (u32, u32) {
        (self.offset(span.start), self.offset(span.end))
    }
}

/// A text, and how many code units JavaScript left out of it, because it is too long in any case.
#[derive(Clone, Copy)]
pub(super) struct Truncated<'a> {
    pub(super) text: &'a str,
    pub(super) units: u32,
}

/// One code unit more than a list may have: the engine refuses such a text by its beginning.
pub(super) const LIST_UNITS: u32 = MAX_LIST_BYTES as u32 + 1;

impl<'a> Truncated<'a> {
    pub(super) fn map(self) -> Utf16Map<'a> {
        Utf16Map::new(self.text, self.units)
    }
}

/// Every byte that begins a character is one code unit, one that begins a four-byte character two.
fn units_in(utf8: &[u8]) -> u32 {
    utf8.iter().map(|byte| u32::from(byte & 0xc0 != 0x80) + u32::from(*byte >= 0xf0)).sum()
}

pub(super) fn length(text: &str) -> u32 {
    if text.is_ascii() { u32::try_from(text.len()).unwrap_or(u32::MAX) } else { units_in(text.as_bytes()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_boundary_is_exact(text in "(a|é|ж|漢|😀|\u{fffd}){0,200}", truncated_units in 0_u32..3) {
            let map = Utf16Map::new(&text, truncated_units);
            let mut units = 0;
            for (byte, character) in text.char_indices() {
                prop_assert_eq!(map.offset(byte), units);
                prop_assert_eq!(map.byte(units), Some(byte));
                if character.len_utf16() == 2 {
                    prop_assert_eq!(map.byte(units + 1), None);
                }
                units += character.len_utf16() as u32;
            }
            prop_assert_eq!(map.offset(text.len()), units + truncated_units);
            prop_assert_eq!(map.byte(units), Some(text.len()));
            prop_assert_eq!(map.byte(units + 1), None);
            prop_assert_eq!(length(&text), units);
        }
    }
}
