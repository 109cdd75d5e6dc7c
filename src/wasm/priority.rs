//! The priority of a message without a policy.

use super::hot::Input;
use super::{State, shapes, with};
use crate::message::{read_priority_fields, split_known};
use crate::priority::{Level, PriorityFields, resolve};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// Resolves the priority of the message in the buffer, or of no message; `undefined` if more of it is wanted.
#[wasm_bindgen]
pub fn resolve_priority(
    user: u8,
    max_priority: u8,
    header: Option<u32>,
    more: bool,
    mt_priority: Option<i32>,
) -> JsValue {
    with(|State { input, .. }| {
        let fields = match header {
            None => PriorityFields::default(),
            Some(length) => {
                let section = split_known(Input(input).octets(length), !more);
                if more && !section.terminated && section.malformed.is_none() {
                    return JsValue::UNDEFINED;
                }
                read_priority_fields(&section)
            }
        };
        let user = Level::new(user).unwrap_or(Level::NORMAL);
        let cap = Level::new(max_priority).unwrap_or(Level::VERY_HIGH);
        shapes::priority(&resolve(user, cap, &fields, mt_priority)).to_js()
    })
}
