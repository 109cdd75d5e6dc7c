//! The JavaScript boundary, in files that mirror the engine's: numbers in, numbers out, texts through one buffer and one
//! packed result. No rules about mail live here; `pkg-template/core/` is the other half.

// Offsets and lengths are 32 bits wide on the one target this is built for.
#![allow(unreachable_pub, reason = "wasm-bindgen exports `pub` functions, wherever they stand")]

mod hot;
mod lists;
mod message;
mod packed;
mod policy;
mod priority;
mod rejudge;
mod store;
mod user;
mod utf16;

/// As quick as the standard one for what the engine does, and 2 KB smaller.
#[cfg(all(target_family = "wasm", not(target_feature = "atomics")))]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

use crate::address::Identity;
use crate::decision::{Action, BodyFault, Verdict};
use crate::diagnostic::{Code, Reason, UserField};
use crate::policy::How;
use crate::priority::PrioritySource;
use hot::Input;
use packed::{NONE, Packed};
use std::cell::Cell;
use store::Store;
use wasm_bindgen::prelude::wasm_bindgen;

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

/// Instead of the address of a result: the policy has been given up; its holder makes it again.
const GONE: u32 = 0;
/// Instead of the address of a result: more of the message is wanted.
const NEED_MORE: u32 = 1;
/// Instead of the address of a result: an address holds the octet that parts them.
const NOT_PARTED: u32 = 1;
/// Instead of the address of a result: the edits do not fit the text.
const DOES_NOT_FIT: u32 = 1;
/// The length of a reverse-path that is null.
const NULL_PATH: u32 = NONE - 1;
/// An mtPriority that is not there.
const NO_MT_PRIORITY: i32 = i32::MIN;

/// One call. No call makes another.
fn with<R>(call: impl FnOnce(&mut State) -> R) -> R {
    let state = STATE.take().unwrap_or_else(|| Box::leak(Box::default()));
    let result = call(state);
    STATE.set(Some(state));
    result
}

/// One call that packs a result; the address of it.
fn packed(call: impl FnOnce(&mut Input<'_>, &mut Packed, &mut Store)) -> u32 {
    with(|State { input, output, policies }| {
        call(&mut Input(input), output.begin(), policies);
        output.finish()
    })
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

/// Every name that results give by number, so that JavaScript holds no table of its own: one line a name, an empty
/// line after each table.
#[wasm_bindgen]
pub fn tables() -> u32 {
    let mut text = String::new();
    let mut table = |names: &mut dyn Iterator<Item = &'static str>| {
        for name in names {
            text.push_str(name);
            text.push('\n');
        }
        text.push('\n');
    };
    table(&mut [crate::VERSION].into_iter());
    table(&mut Code::ALL.iter().map(|code| code.as_str()));
    table(&mut Code::ALL.iter().map(|code| code.severity().as_str()));
    table(&mut Reason::ALL.iter().map(|reason| reason.as_str()));
    table(&mut Identity::ALL.iter().map(|identity| identity.as_str()));
    table(&mut Verdict::ALL.iter().map(|verdict| verdict.as_str()));
    table(&mut Action::ALL.iter().map(|action| action.as_str()));
    table(&mut How::ALL.iter().map(|how| how.as_str()));
    table(&mut PrioritySource::ALL.iter().map(|source| source.as_str()));
    table(&mut UserField::ALL.iter().map(|field| field.as_str()));
    table(&mut BodyFault::ALL.iter().map(|fault| fault.as_str()));
    packed(|_, output, _| {
        output.text(&text);
    })
}
