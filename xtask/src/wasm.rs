//! From the engine's Rust to `sendergate.wasm`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use sha2::{Digest, Sha256};
use walrus::ir::Value as Number;
use walrus::{ConstExpr, DataKind, Module, RawCustomSection};
use wasm_bindgen_cli_support::Bindgen;

use crate::run::{cmd, npm_tool, root};
use crate::tools::WASM_TARGET;

/// What the compiler may put into the module (rustc's defaults for the target), so what `wasm-opt` must know.
///
/// `simd128` is not among them: with the flags of .cargo/config.toml it makes no call faster, and the module 0.5 KB (brotli) larger.
/// To turn it on, add `-C target-feature=+simd128` there, and its name here.
const FEATURES: [&str; 7] = [
    "mutable-globals",
    "sign-ext",
    "nontrapping-float-to-int",
    "bulk-memory",
    "bulk-memory-opt",
    "reference-types",
    "multivalue",
];

/// What the module exports, as TypeScript reads it: for the check of `core/`, and not for the package.
pub(crate) const EXPORTS: &str = "bindgen.d.ts";
/// The JavaScript that wasm-bindgen writes for it.
pub(crate) const GLUE: &str = "bindgen.js";

/// Makes the finished module; answers with its path.
pub(crate) fn build() -> Result<PathBuf> {
    let compiled = compile()?;
    let out = compiled.with_file_name("sendergate.finished.wasm");
    let bound = compiled.with_file_name("sendergate.bound.wasm");
    bind(&compiled, &bound)?;
    let mut opt = npm_tool("wasm-opt")
        .args(["-O3", "--converge", "--low-memory-unused"])
        // What is called from one place stays a function, where the compiler left it one: 1.4 KB less in transit.
        .args(["--one-caller-inline-max-function-size=1"])
        .args(keeps_names().then_some("-g"));
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
        .arg("--config")
        .arg(remapped_paths()?)
        .go()?;
    Ok(target_directory()?.join(WASM_TARGET).join("release/sendergate.wasm"))
}

/// A panic names its place in the source. Without the paths of this machine the module is shorter, and the same everywhere.
/// Cargo adds these flags to those of .cargo/config.toml.
fn remapped_paths() -> Result<String> {
    let cargo_home = match std::env::var_os("CARGO_HOME") {
        Some(home) => PathBuf::from(home),
        None => std::env::home_dir().context("there is no home directory, and no CARGO_HOME")?.join(".cargo"),
    };
    let mut flags = vec![format!("--remap-path-prefix={}=", root().display())];
    if let Ok(registries) = fs::read_dir(cargo_home.join("registry/src")) {
        for registry in registries {
            flags.push(format!("--remap-path-prefix={}=", registry?.path().display()));
        }
    }
    Ok(format!("target.{WASM_TARGET}.rustflags={}", serde_json::to_string(&flags)?))
}

/// Where cargo puts what it builds.
pub(crate) fn target_directory() -> Result<PathBuf> {
    let metadata = cmd("cargo").args(["metadata", "--no-deps", "--format-version", "1"]).read()?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let directory = metadata.get("target_directory").and_then(Value::as_str);
    Ok(root().join(directory.context("cargo metadata names no target directory")?))
}

/// Has wasm-bindgen write the module's JavaScript beside it.
///
/// Its `reset_state_function` makes another instance when a call has failed in one, and tells objects of the former one apart.
fn bind(compiled: &Path, bound: &Path) -> Result<()> {
    let mut output = Bindgen::new()
        .web(true)?
        .omit_default_module_path(true)
        .reset_state_function(true)
        .out_name("bindgen")
        .input_path(compiled)
        .typescript(true)
        .keep_debug(false)
        .remove_name_section(!keeps_names())
        .remove_producers_section(true)
        .generate_output()
        .with_context(|| format!("wasm-bindgen could not read {}", compiled.display()))?;
    for (name, text) in [(GLUE, Some(output.js())), (EXPORTS, output.ts())] {
        fs::write(bound.with_file_name(name), text.context("wasm-bindgen wrote no glue")?)?;
    }
    let module = output.wasm_mut();
    check_low_memory(module)?;
    // Stands at the end of the finished module, where Node's loader compares it: xtask/embed.mjs. It is the digest of what is left here:
    // the names of functions, which are gone, hold hashes of this machine's paths.
    let digest = Sha256::digest(module.emit_wasm());
    let data = env!("CARGO_PKG_VERSION").bytes().chain(digest.iter().copied().take(16)).collect();
    module.customs.add(RawCustomSection { name: "build".to_owned(), data });
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
