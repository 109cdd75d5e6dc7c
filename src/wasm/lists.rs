//! The two lists, as people type them, and their fixes.

use super::hot::Input;
use super::shapes;
use super::utf16::Utf16Map;
use super::{State, with};
use crate::diagnostic::{self, Fix, Span};
use crate::list::{Lints, ListKind, fix_list, parse_domain_list, parse_sender_list};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// Parses the list of domains in the buffer, of which `truncated_units` code units were left out. Packs its entries,
/// and returns its diagnostics.
#[wasm_bindgen]
pub fn parse_domains(length: u32, truncated_units: u32) -> js_sys::Array {
    with(|State { input, output, .. }| {
        let text = Input(input).text(length);
        let list = parse_domain_list(text, Lints::All);
        let map = Utf16Map::new(text, truncated_units);
        output.domains(&list, &map);
        shapes::diagnostics(&list.diagnostics, &|_| Some(&map))
    })
}

/// The same for a list of senders.
#[wasm_bindgen]
pub fn parse_senders(length: u32, truncated_units: u32) -> js_sys::Array {
    with(|State { input, output, .. }| {
        let text = Input(input).text(length);
        let list = parse_sender_list(text, Lints::All);
        let map = Utf16Map::new(text, truncated_units);
        output.senders(&list, &map);
        shapes::diagnostics(&list.diagnostics, &|_| Some(&map))
    })
}

/// The order in which to make edits of the text in the buffer, whose spans are given in pairs; `undefined` if they do not
/// fit it. JavaScript joins the pieces of its own text, so that a lone surrogate, which UTF-8 does not have, stays.
#[wasm_bindgen]
pub fn edit_order(length: u32, spans: &[u32]) -> JsValue {
    with(|State { input, .. }| {
        let text = Input(input).text(length);
        let map = Utf16Map::new(text, 0);
        let mut places = Vec::new();
        for pair in spans.chunks(2) {
            let mut ends = pair.iter().map(|offset| map.byte(*offset));
            let (Some(Some(start)), Some(Some(end))) = (ends.next(), ends.next()) else { return JsValue::UNDEFINED };
            places.push(Span::new(start, end));
        }
        match diagnostic::edit_order(text, &places) {
            Some(order) => shapes::list(order, |place| shapes::Shape::Number(place as u32)).to_js(),
            None => JsValue::UNDEFINED,
        }
    })
}

/// The safe fixes of the list in the buffer: an array for each round. The spans of a round are of the text that the round
/// before left.
#[wasm_bindgen]
pub fn fix_all(senders: bool, length: u32, truncated_units: u32) -> js_sys::Array {
    with(|State { input, .. }| {
        let rounds = js_sys::Array::new();
        let mut each = |text: &str, fixes: &[&Fix]| {
            let map = Utf16Map::new(text, truncated_units);
            rounds.push(&shapes::list(fixes, |fix| shapes::fix(fix, &map)).to_js());
        };
        let kind = if senders { ListKind::Senders } else { ListKind::Domains };
        match fix_list(kind, Input(input).text(length), &mut each) {
            Some(_) => rounds,
            None => js_sys::Array::new(),
        }
    })
}
