//! From the engine's Rust to `sendergate.wasm`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use walrus::ir::Value as Number;
use walrus::{ConstExpr, DataKind, FunctionBuilder, FunctionKind, InstrSeqBuilder, Module};
use wasm_bindgen_cli_support::Bindgen;

use crate::run::{cmd, npm_tool, root};
use crate::tools::WASM_TARGET;

mod unread;

/// What the compiler may put into the module (rustc's defaults for the target), so what `wasm-opt` must know.
///
/// `simd128` is not among them: measured, it makes lists and `authorizes` 7 to 10 % faster, `decide` no faster, and
/// the module 5 KB (brotli) heavier. Whoever turns it on does so in .cargo/config.toml (`-C target-feature`), and here.
const FEATURES: [&str; 7] = [
    "mutable-globals",
    "sign-ext",
    "nontrapping-float-to-int",
    "bulk-memory",
    "bulk-memory-opt",
    "reference-types",
    "multivalue",
];

/// Makes the finished module; answers with its path.
pub(crate) fn build() -> Result<PathBuf> {
    let compiled = compile()?;
    let out = compiled.with_file_name("sendergate.finished.wasm");
    let bound = compiled.with_file_name("sendergate.bound.wasm");
    bind(&compiled, &bound)?;
    let mut opt =
        npm_tool("wasm-opt").args(["-O3", "--converge", "--low-memory-unused"]).args(keeps_names().then_some("-g"));
    for feature in FEATURES {
        opt = opt.arg(format!("--enable-{feature}"));
    }
    // Packing the data into many segments saves bytes on disk and costs 3 KB of what travels compressed.
    opt.args(["--skip-pass=memory-packing", "--strip-target-features", "--strip-producers"])
        .arg(&bound)
        .arg("-o")
        .arg(&out)
        .go()?;
    Ok(out)
}

/// With `SENDERGATE_NAMES=1` the functions keep their names, for profilers and for those who look for weight.
fn keeps_names() -> bool {
    std::env::var_os("SENDERGATE_NAMES").is_some()
}

/// Weighs a finished module against the budget.
pub(crate) fn weigh(module: &Path) -> Result<()> {
    cmd("node").arg("xtask/weigh.mjs").arg(module).go()
}

/// Compiles the engine with its JavaScript boundary; answers with the module's path.
fn compile() -> Result<PathBuf> {
    cmd("cargo")
        .args(["build", "--quiet", "--release", "--package", "sendergate", "--lib", "--features", "wasm"])
        .args(["--target", WASM_TARGET])
        .go()?;
    Ok(target_directory()?.join(WASM_TARGET).join("release/sendergate.wasm"))
}

/// Where cargo puts what it builds.
pub(crate) fn target_directory() -> Result<PathBuf> {
    let metadata = cmd("cargo").args(["metadata", "--no-deps", "--format-version", "1"]).read()?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let directory = metadata.get("target_directory").and_then(Value::as_str);
    Ok(root().join(directory.context("cargo metadata names no target directory")?))
}

/// Turns the compiler's module into one that needs nothing from outside.
///
/// wasm-bindgen resolves its own descriptors and would write JavaScript for strings and objects. The boundary
/// takes and gives numbers only, so that JavaScript is not needed; neither are the exports that serve it, all of
/// which begin with two underscores. Without them nothing is left that calls the one import.
fn bind(compiled: &Path, bound: &Path) -> Result<()> {
    let mut output = Bindgen::new()
        .web(true)?
        .input_path(compiled)
        .typescript(false)
        .keep_debug(false)
        .remove_name_section(!keeps_names())
        .remove_producers_section(true)
        .generate_output()
        .with_context(|| format!("wasm-bindgen could not read {}", compiled.display()))?;
    let module = output.wasm_mut();
    let internal: Vec<_> = module.exports.iter().filter(|it| it.name.starts_with("__")).map(|it| it.id()).collect();
    if module.exports.iter().any(|it| it.name == "__wbindgen_malloc") {
        bail!("an export of src/wasm takes or gives something other than numbers");
    }
    for export in internal {
        module.exports.delete(export);
    }
    unread::snip(module)?;
    check_low_memory(module)?;
    fs::write(bound, module.emit_wasm()).with_context(|| format!("could not write {}", bound.display()))
}

/// `--low-memory-unused` rests on this: the first kilobyte is the far end of the stack, and no data stands there. A stack
/// that comes so far is about to overflow, which traps.
fn check_low_memory(module: &Module) -> Result<()> {
    const UNUSED: i32 = 1024;
    for data in module.data.iter() {
        match data.kind {
            DataKind::Active { offset: ConstExpr::Value(Number::I32(at)), .. } if at > UNUSED => {}
            _ => bail!("data of the module may stand below {UNUSED}: wasm-opt must not be told that nothing does"),
        }
    }
    Ok(())
}

/// Gives every function whose name is chosen another body; answers with how many there are.
fn rewrite(module: &mut Module, chosen: impl Fn(&str) -> bool, body: impl Fn(&mut InstrSeqBuilder<'_>)) -> usize {
    let functions: Vec<_> = module
        .funcs
        .iter_local()
        .filter(|(id, _)| module.funcs.get(*id).name.as_deref().is_some_and(&chosen))
        .map(|(id, function)| (id, function.ty(), function.args.clone()))
        .collect();
    let count = functions.len();
    for (id, ty, args) in functions {
        let (params, results) = module.types.params_results(ty);
        let (params, results) = (params.to_vec(), results.to_vec());
        let mut builder = FunctionBuilder::new(&mut module.types, &params, &results);
        body(&mut builder.func_body());
        module.funcs.get_mut(id).kind = FunctionKind::Local(builder.local_func(args));
    }
    count
}
