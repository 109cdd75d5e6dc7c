//! Texts that come in often, through one buffer: JavaScript writes them, and they are read where they stand.

use super::packed::NONE;
use super::utf16::Truncated;
use super::{State, with};
use wasm_bindgen::prelude::wasm_bindgen;

/// Room for `length` octets of input; its address. What was written there before is kept only up to the next call.
#[wasm_bindgen]
pub fn input(length: usize) -> *const u8 {
    with(|State { input, output, .. }| {
        output.trim();
        *input = Vec::new();
        input.resize(length, 0);
        input.as_ptr()
    })
}

/// What is left of the buffer.
pub(super) struct Input<'a>(pub(super) &'a [u8]);

impl<'a> Input<'a> {
    /// Takes `length` octets from the front.
    pub(super) fn octets(&mut self, length: u32) -> &'a [u8] {
        let (taken, rest) = self.0.split_at_checked(length as usize).unwrap_or((self.0, &[]));
        self.0 = rest;
        taken
    }

    /// The same, of which the caller wrote UTF-8.
    pub(super) fn text(&mut self, length: u32) -> &'a str {
        str::from_utf8(self.octets(length)).unwrap_or("\u{fffd}")
    }

    /// Takes a text behind two words: its length, or `NONE` for no text, and the code units that were left out of it.
    #[inline(never)]
    pub(super) fn optional(&mut self) -> Option<Truncated<'a>> {
        let (length, units) = (self.word(), self.word());
        (length != NONE).then(|| Truncated { text: self.text(length), units })
    }

    fn word(&mut self) -> u32 {
        let (word, rest) = self.0.split_first_chunk().unwrap_or((&[0; 4], &[]));
        self.0 = rest;
        u32::from_le_bytes(*word)
    }
}
