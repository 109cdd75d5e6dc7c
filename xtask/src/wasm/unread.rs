//! Takes out of the module what only a panic's reader would see: its words, and all that formats them.
//!
//! The engine has no panic path of its own, and nobody would read the message. The compiler that could leave it out is
//! not a stable one.

use anyhow::{Result, bail, ensure};
use walrus::ir::{Call, Value, Visitor, dfs_in_order};
use walrus::{ConstExpr, DataKind, FunctionId, Module};

use super::rewrite;

/// Lets every panic trap at once, and every formatting come to nothing.
pub(super) fn snip(module: &mut Module) -> Result<()> {
    let panics = rewrite(module, ends_in_panic, |body| {
        body.unreachable();
    });
    if panics == 0 {
        bail!("no panic function has a name any more: has the compiler changed how it names them?");
    }
    nobody_formats(module)?;
    let writes = rewrite(module, is_write, |body| {
        body.const_(Value::I32(0));
    });
    ensure!(writes == 1, "there are {writes} functions `core::fmt::write`, not one");
    rewrite(module, only_formats, |body| {
        body.unreachable();
    });
    blank_locations(module);
    Ok(())
}

/// Blanks the places in the source that panics would name: the path of each file, and the records of path, line and
/// column. The paths would tell on which machine the module was built, besides.
fn blank_locations(module: &mut Module) {
    let segments: Vec<_> = module.data.iter().map(|data| data.id()).collect();
    for id in segments {
        let data = module.data.get_mut(id);
        let DataKind::Active { offset: ConstExpr::Value(Value::I32(base)), .. } = data.kind else { continue };
        let text = data.value.clone();
        let word = |at: usize| Some(u32::from_le_bytes(*text.get(at..)?.first_chunk()?));
        for at in (0..text.len()).step_by(4) {
            let (Some(start), Some(length), Some(line), Some(column)) =
                (word(at), word(at + 4), word(at + 8), word(at + 12))
            else {
                break;
            };
            let start = start.wrapping_sub(base.cast_unsigned()) as usize;
            let path = start..start.saturating_add(length as usize);
            let is_path = text.get(path.clone()).is_some_and(|path| {
                path.ends_with(b".rs")
                    && path.contains(&b'/')
                    && path.iter().all(|octet| octet.is_ascii_alphanumeric() || b"/\\._-+ ".contains(octet))
            });
            if is_path && length < 512 && line < 100_000 && column < 1_000 {
                data.value.iter_mut().skip(at).take(16).for_each(|octet| *octet = 0);
                data.value.iter_mut().take(path.end).skip(path.start).for_each(|octet| *octet = 0);
            }
        }
    }
}

/// Whether a function of the standard library ends in a panic.
fn ends_in_panic(name: &str) -> bool {
    is_of_std(name)
        && ["panicking::", "_fail", "handle_error", "capacity_overflow", "handle_alloc_error", "::panic_"]
            .iter()
            .any(|it| name.contains(it))
}

/// The names are of two makes: `core[c5930c85a12de822]::fmt::write` and `core::fmt::write::h46fec1afb43db1e6`.
fn is_of_std(name: &str) -> bool {
    let name = name.trim_start_matches('<');
    ["core", "alloc", "std"].iter().any(|it| name.strip_prefix(it).is_some_and(|it| it.starts_with(['[', ':'])))
}

/// What every formatting goes through. It says that all is well and writes nothing.
fn is_write(name: &str) -> bool {
    is_of_std(name) && name.ends_with("]::fmt::write")
}

/// Whether `write` alone would call the function: none of them is called any more.
fn only_formats(name: &str) -> bool {
    is_of_std(name) && name.contains("]::fmt::Formatter>::")
        || is_of_std(name) && name.contains("]::fmt::builders::")
        || ["Debug>::fmt", "Display>::fmt", "UpperHex>::fmt", "LowerHex>::fmt"].iter().any(|it| name.contains(it))
}

/// `mail-parser` formats names, which the engine does not read. Nothing else may format what somebody reads.
fn nobody_formats(module: &Module) -> Result<()> {
    let name = |id: FunctionId| module.funcs.get(id).name.as_deref().unwrap_or_default();
    for (id, function) in module.funcs.iter_local() {
        let mut calls = Calls(Vec::new());
        dfs_in_order(&mut calls, function, function.entry_block());
        let formats = calls.0.iter().any(|called| is_write(name(*called)) || name(*called).contains("]::fmt::format"));
        let may = is_of_std(name(id)) || name(id).contains("mail_parser") || only_formats(name(id));
        ensure!(may || !formats, "{} formats text, and the module cannot: use push_str", name(id));
    }
    Ok(())
}

/// The functions that a function calls.
struct Calls(Vec<FunctionId>);

impl<'a> Visitor<'a> for Calls {
    fn visit_call(&mut self, call: &Call) {
        self.0.push(call.func);
    }
}
