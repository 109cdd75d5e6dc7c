//! Texts on their way in, through one buffer that JavaScript writes: they are read where they stand.

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

/// A text, and how many code units of it JavaScript left out because it is too long anyway.
#[derive(Clone, Copy)]
pub(super) struct Truncated<'a> {
    pub(super) text: &'a str,
    pub(super) units: u32,
}

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

    /// Takes a number of 32 bits.
    pub(super) fn word(&mut self) -> Option<u32> {
        let (word, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_le_bytes(*word))
    }

    /// Takes a text behind two words: its length, and the code units that were left out of it.
    pub(super) fn truncated(&mut self) -> Truncated<'a> {
        let (length, units) = (self.word().unwrap_or(0), self.word().unwrap_or(0));
        Truncated { text: self.text(length), units }
    }
}
