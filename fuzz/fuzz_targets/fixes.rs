//! Fixes: any edits of any text, and all safe fixes of either list. The first octet says how many edits there are, four
//! octets follow for each, then comes the text.
#![no_main]

#[path = "../../tests/common/mod.rs"]
mod common;

use common::checks;
use sendergate::diagnostic::{Edit, Span};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((count, rest)) = bytes.split_first() else { return };
    let (places, text) = rest.split_at(rest.len().min(4 * usize::from(count % 8)));
    let Ok(text) = std::str::from_utf8(text) else { return };
    let place = |octets: &[u8]| usize::from(u16::from_le_bytes([octets[0], octets[1]]));
    let edit = |octets: &[u8]| Edit {
        span: Span::new(place(octets), place(&octets[2..])),
        replacement: String::from_utf8_lossy(&octets[..1]).into_owned(),
    };
    checks::edits(text, places.chunks_exact(4).map(edit).collect());
    checks::fixes(text);
});
