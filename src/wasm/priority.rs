//! The priority of a message without a policy.

use super::hot::Input;
use super::packed::NONE;
use super::{NEED_MORE, NO_MT_PRIORITY, State, with};
use crate::message::{read_priority_fields, split_known};
use crate::priority::{Level, PriorityFields, resolve, shown_fields};
use wasm_bindgen::prelude::wasm_bindgen;

/// Resolves the priority of the message in the input; `NEED_MORE` where more of it is wanted.
#[wasm_bindgen]
pub fn priority(user: u8, max_priority: u8, header: u32, more: bool, mt_priority: i32) -> u32 {
    with(|State { input, output, .. }| {
        let fields = if header == NONE {
            PriorityFields::default()
        } else {
            let section = split_known(Input(input).octets(header), !more);
            if more && !section.terminated && section.malformed.is_none() {
                return NEED_MORE;
            }
            read_priority_fields(&section)
        };
        let user = Level::new(user).unwrap_or(Level::NORMAL);
        let cap = Level::new(max_priority).unwrap_or(Level::VERY_HIGH);
        let mt_priority = (mt_priority != NO_MT_PRIORITY).then_some(mt_priority);
        output.begin().priority(&resolve(user, cap, &fields, mt_priority)).finish()
    })
}

/// The fields that show a level.
#[wasm_bindgen]
pub fn priority_fields(level: u8) -> u32 {
    super::packed(|_, output, _| {
        for (name, value) in shown_fields(Level::new(level).unwrap_or(Level::NORMAL)) {
            output.text(name).text(value);
        }
    })
}
