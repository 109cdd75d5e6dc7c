//! The two lists, as people type them, and their fixes.

use super::hot::Input;
use super::utf16::Utf16Map;
use super::{DOES_NOT_FIT, State, narrow, packed, with};
use crate::diagnostic::{self, Fix, Span};
use crate::list::{Lints, ListKind, fix_list, parse_domain_list, parse_sender_list};
use wasm_bindgen::prelude::wasm_bindgen;

/// Parses the list of domains in the input, of which `truncated_units` code units were left out.
#[wasm_bindgen]
pub fn domain_list(length: u32, truncated_units: u32) -> u32 {
    packed(|input, output, _| {
        let text = input.text(length);
        let list = parse_domain_list(text, Lints::All);
        output.domains(&list, &Utf16Map::new(text, truncated_units));
    })
}

/// The same for a list of senders.
#[wasm_bindgen]
pub fn sender_list(length: u32, truncated_units: u32) -> u32 {
    packed(|input, output, _| {
        let text = input.text(length);
        let list = parse_sender_list(text, Lints::All);
        output.senders(&list, &Utf16Map::new(text, truncated_units));
    })
}

/// The order in which to make `count` edits of the text in the input, whose spans stand behind it, two words each:
/// `DOES_NOT_FIT` where they do not. JavaScript joins the pieces of its own text, so that a lone surrogate, which no
/// UTF-8 has, stays what it is.
#[wasm_bindgen]
pub fn edit_order(length: u32, count: u32) -> u32 {
    with(|State { input, output, .. }| {
        let mut input = Input(input);
        let text = input.text(length);
        let map = Utf16Map::new(text, 0);
        let mut spans = Vec::new();
        for _ in 0..count {
            let mut place = || input.word().and_then(|offset| map.byte(offset));
            let (Some(start), Some(end)) = (place(), place()) else { return DOES_NOT_FIT };
            spans.push(Span::new(start, end));
        }
        let Some(order) = diagnostic::edit_order(text, &spans) else { return DOES_NOT_FIT };
        output.begin();
        for place in order {
            output.word(place as u32);
        }
        output.finish()
    })
}

/// Applies the safe fixes of the list in the input, of which `truncated_units` code units were left out. Packs each
/// round's fixes behind their number, and a 0.
#[wasm_bindgen]
pub fn fix_all(senders: bool, length: u32, truncated_units: u32) -> u32 {
    packed(|input, output, _| {
        let mut each = |text: &str, fixes: &[&Fix]| {
            let map = Utf16Map::new(text, truncated_units);
            output.word(narrow(fixes.len()));
            for fix in fixes {
                output.fix(fix, &map);
            }
        };
        let kind = if senders { ListKind::Senders } else { ListKind::Domains };
        if fix_list(kind, input.text(length), &mut each).is_none() {
            output.begin();
        }
        output.word(0);
    })
}
