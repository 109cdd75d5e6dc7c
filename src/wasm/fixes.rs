//! Fixes across the boundary: which edits are made, and in which order. JavaScript joins the pieces of its own text, so
//! that a lone surrogate, which no UTF-8 has, stays what it is.

use super::pack::narrow;
use super::utf16::Utf16Map;
use super::{INPUT, NOT_SO, packed, take_text};
use crate::diagnostic::{self, Fix, Span};
use crate::list::{ListKind, fix_list};
use wasm_bindgen::prelude::wasm_bindgen;

/// The order in which to make `count` edits of the text in the input, whose spans stand behind it, two words of four
/// octets each: `NOT_SO` where they do not fit it.
#[wasm_bindgen]
pub fn edit_order(length: u32, count: u32) -> u32 {
    INPUT.with_borrow(|input| {
        let mut rest = input.as_slice();
        let text = take_text(&mut rest, length);
        let map = Utf16Map::new(text, 0);
        let mut spans = Vec::with_capacity(count as usize);
        while let [a, b, c, d, e, f, g, h, others @ ..] = rest
            && spans.len() < count as usize
        {
            let place = |octets| map.byte(u32::from_le_bytes(octets));
            let (Some(start), Some(end)) = (place([*a, *b, *c, *d]), place([*e, *f, *g, *h])) else { return NOT_SO };
            spans.push(Span::new(start, end));
            rest = others;
        }
        let Some(order) = diagnostic::edit_order(text, &spans) else { return NOT_SO };
        packed(|output| {
            for place in order {
                output.word(place as u32);
            }
        })
    })
}

/// Applies the safe fixes of the list of domains, or of senders, in the input; `beyond` code units of it were left out.
/// Packs each round's fixes behind their number, and a 0.
#[wasm_bindgen]
pub fn fix_all(senders: bool, length: u32, beyond: u32) -> u32 {
    INPUT.with_borrow(|input| {
        let text = take_text(&mut input.as_slice(), length);
        packed(|output| {
            let mut each = |text: &str, fixes: &[&Fix]| {
                let map = Utf16Map::new(text, beyond);
                output.word(narrow(fixes.len()));
                for fix in fixes {
                    output.fix(fix, &map);
                }
            };
            if fix_list(if senders { ListKind::Senders } else { ListKind::Domains }, text, &mut each).is_none() {
                output.begin();
            }
            output.word(0);
        })
    })
}
