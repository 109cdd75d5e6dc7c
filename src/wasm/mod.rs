//! The JavaScript boundary, in files that mirror the engine's. No rules about mail live here; `pkg-template/core/` is
//! the other half.
//!
//! Results that are asked for seldom are objects made by `serde-wasm-bindgen` (`shapes.rs`). Decisions and the entries of lists
//! are packed (`packed.rs`), and texts that come in often come through one buffer (`hot.rs`).

// Offsets and lengths are 32 bits wide on the one target this is built for.
#![allow(unreachable_pub, reason = "wasm-bindgen exports `pub` functions, wherever they stand")]

mod hot;
mod kept;
mod lists;
mod message;
mod packed;
mod policy;
mod priority;
mod shapes;
mod store;
mod user;
mod utf16;

/// As quick as the standard one for what the engine does, and 2 KB smaller.
#[cfg(all(target_family = "wasm", not(target_feature = "atomics")))]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

use crate::address::Identity;
use crate::decision::{Action, BodyFault, Verdict};
use crate::diagnostic::Reason;
use crate::message::MAX_HEADER_BYTES;
use crate::policy::How;
use crate::priority::PrioritySource;
use packed::Packed;
use shapes::{Object, Shape, list};
use std::cell::Cell;
use store::Store;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// All that an instance keeps between calls.
#[derive(Default)]
struct State {
    input: Vec<u8>,
    output: Packed,
    policies: Store,
}

thread_local! {
    /// Made by the first call and never dropped. A reference, so that taking it costs a word.
    static STATE: Cell<Option<&'static mut State>> = const { Cell::new(None) };
}

/// Not inlined, since every export would hold it.
#[inline(never)]
fn state() -> &'static mut State {
    STATE.take().unwrap_or_else(|| Box::leak(Box::default()))
}

/// One call. No call makes another.
fn with<R>(call: impl FnOnce(&mut State) -> R) -> R {
    let state = state();
    let result = call(state);
    STATE.set(Some(state));
    result
}

/// A number that JavaScript reads in 32 bits.
fn narrow(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// A secret that makes the places of entries in tables unforeseeable.
#[wasm_bindgen]
pub fn seed(high: u32, low: u32) {
    crate::policy::seed(u64::from(high) << 32 | u64::from(low));
}

/// Every name that packed results give by number, and every limit at which JavaScript cuts a text.
#[wasm_bindgen]
pub fn names() -> JsValue {
    fn of(names: &mut dyn Iterator<Item = &'static str>) -> Shape<'static> {
        list(names, Shape::from)
    }
    Object::default()
        .number("listUnits", utf16::LIST_UNITS)
        .number("headerOctets", narrow(MAX_HEADER_BYTES + 1))
        .set("reasons", of(&mut Reason::ALL.iter().map(|it| it.as_str())))
        .set("identities", of(&mut Identity::ALL.iter().map(|it| it.as_str())))
        .set("verdicts", of(&mut Verdict::ALL.iter().map(|it| it.as_str())))
        .set("actions", of(&mut Action::ALL.iter().map(|it| it.as_str())))
        .set("hows", of(&mut How::ALL.iter().map(|it| it.as_str())))
        .set("sources", of(&mut PrioritySource::ALL.iter().map(|it| it.as_str())))
        .set("bodyFaults", of(&mut BodyFault::ALL.iter().map(|it| it.as_str())))
        .take()
        .to_js()
}

/// The memory of this instance: the buffer of `hot.rs` and the results of `packed.rs` stand in it.
#[wasm_bindgen]
pub fn instance_memory() -> JsValue {
    wasm_bindgen::memory()
}
