//! `cargo xtask test`: everything that proves the engine and the package, each step timed.

use std::fs;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::run::{Cmd, cmd, npm_tool, root};
use crate::tools::WASM_TARGET;
use crate::{codes, differential, package, tools, wasm, wild};

/// The name of a step and its function.
type Step = (&'static str, fn() -> Result<()>);

const STEPS: [Step; 25] = [
    ("format", || cmd("cargo").args(["fmt", "--all", "--check"]).go()),
    ("lints", lints),
    ("codes", documented_codes),
    ("rust tests", rust_tests),
    ("oldest compiler", oldest_compiler),
    ("crate", published_crate),
    ("build", package::build),
    ("wasm tests in node", || wasm_tests(None)),
    ("wasm tests in chromium", || wasm_tests(Some("WASM_BINDGEN_USE_BROWSER"))),
    ("types", types),
    ("publint", || npm_tool("publint").args(["run", "pkg", "--strict"]).go()),
    ("attw", are_the_types_wrong),
    ("package in every runtime", runtimes),
    ("wild", wild::step),
    ("readme", || cmd("node").arg("tests/package/readme.mjs").go()),
    ("node tests", || node_tests(cmd("node"), "tests/node")),
    ("element in chromium", || {
        tools::chromium()?;
        node_tests(cmd("node"), "tests/browser")
    }),
    ("panel types", panel_types),
    ("panel build", package::panel),
    ("gate types", || worker("types")),
    ("gate", || worker("test")),
    ("door", door),
    // schemathesis, against every route of /openapi.json.
    ("gate api fuzz", || worker("fuzz")),
    // Other mail readers, on random messages.
    ("differential", differential::step),
    ("panel in chromium", || {
        tools::chromium()?;
        tools::worker()?;
        let folder = wasm::target_directory()?.join("panel-tests");
        cmd("node").arg("www/test/support/prepare.mjs").arg(&folder).go()?;
        // Two files at a time, because browser and gate often wait for each other.
        let node = cmd("node").arg("--test-concurrency=2").env("SENDERGATE_PREPARED", folder.join("prepared.json"));
        node_tests(node, "www/test")
    }),
];

/// Runs the steps whose names contain one of `words`, or all of them.
pub(crate) fn run(words: &[String]) -> Result<()> {
    tools::ensure()?;
    let mut failed = Vec::new();
    let mut passed = 0;
    for (name, step) in STEPS {
        if !words.is_empty() && !words.iter().any(|word| name.contains(word.as_str())) {
            continue;
        }
        println!("\n── {name} ──");
        let start = Instant::now();
        let result = step();
        let seconds = start.elapsed().as_secs_f32();
        match result {
            Ok(()) => {
                passed += 1;
                println!("── {name}: passed in {seconds:.1} s");
            }
            Err(error) => {
                println!("── {name}: FAILED in {seconds:.1} s: {error:#}");
                failed.push(name);
            }
        }
    }
    println!("\nsteps: {passed} passed, {} failed", failed.len());
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    if passed == 0 {
        bail!("no step is called `{}`", words.join(" "));
    }
    Ok(())
}

fn lints() -> Result<()> {
    let clippy = || cmd("cargo").args(["clippy", "--quiet"]);
    clippy().args(["--workspace", "--all-targets", "--", "-D", "warnings"]).go()?;
    clippy().args(["--package", "sendergate", "--all-targets", "--features", "serde", "--", "-D", "warnings"]).go()?;
    npm_tool("biome").args(["check", "--error-on-warnings"]).go()?;
    clippy()
        .args(["--package", "sendergate", "--features", "wasm", "--target", WASM_TARGET, "--", "-D", "warnings"])
        .go()?;
    cmd("cargo")
        .args(["doc", "--quiet", "--no-deps", "--package", "sendergate", "--features", "serde"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .go()
}

/// The engine compiles with the oldest compiler that its manifest names.
fn oldest_compiler() -> Result<()> {
    let version = tools::oldest_compiler()?;
    let toolchain = format!("+{version}");
    // Its lints differ from those of the pinned compiler.
    cmd("cargo")
        .args([&toolchain, "check", "--quiet", "--package", "sendergate", "--features", "serde"])
        .env("RUSTFLAGS", "-A warnings")
        .go()
}

/// The crate compiles as published: with the `idna_adapter` of crates.io, because users do not have this workspace's patch.
fn published_crate() -> Result<()> {
    cmd("cargo").args(["package", "--quiet", "--allow-dirty", "--package", "sendergate"]).go()
}

fn rust_tests() -> Result<()> {
    let engine = ["--workspace", "--exclude", "sendergate-submission", "--features", "sendergate/serde"];
    cmd("cargo").args(["test", "--quiet"]).args(engine).go()
}

/// The SMTP door: its own tests, then the program with the real gate.
fn door() -> Result<()> {
    tools::worker()?;
    cmd("cargo").args(["test", "--quiet", "--package", "sendergate-submission"]).go()?;
    cmd("cargo").args(["build", "--quiet", "--package", "sendergate-submission"]).go()?;
    let program = wasm::target_directory()?.join("debug/sendergate-submission");
    node_tests(cmd("node").env("SENDERGATE_SUBMISSION", program), "submission/tests/gate")
}

fn documented_codes() -> Result<()> {
    let written = fs::read_to_string(root().join(package::CODES)).unwrap_or_default();
    if written != codes::markdown() {
        bail!("{} is not what src/diagnostic/ says; run `cargo xtask build` and commit it", package::CODES);
    }
    Ok(())
}

/// The tests in tests/wasm.rs, in Node or, with `mode`, in headless Chromium (its flags are next to the runner).
fn wasm_tests(mode: Option<&str>) -> Result<()> {
    cmd("cargo").args(["build", "--quiet", "--package", "wasm-test-runner"]).go()?;
    let runner = wasm::target_directory()?.join("debug/wasm-test-runner");
    let mut tests = cmd("cargo")
        .args(["test", "--package", "sendergate", "--features", "wasm", "--target", WASM_TARGET])
        .args(["--test", "wasm"])
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner);
    if let Some(mode) = mode {
        tools::chromium()?;
        let driver = root().join("xtask/wasm-test-runner/webdriver.json");
        tests = tests
            .env(mode, "1")
            .env("CHROMEDRIVER", "/usr/bin/chromedriver")
            .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", driver);
    }
    tests.go()
}

fn panel_types() -> Result<()> {
    tools::panel()?;
    cmd("npm").args(["run", "--silent", "--prefix", "www", "types"]).go()
}

/// A script of worker/package.json.
fn worker(script: &str) -> Result<()> {
    tools::worker()?;
    cmd("npm").args(["run", "--silent", "--prefix", "worker", script]).go()
}

fn types() -> Result<()> {
    // Checks the package's JavaScript against its declarations and the exports of the module.
    npm_tool("tsc").args(["--project", "tests/package/core.tsconfig.json"]).go()?;
    cmd("node").arg("tests/package/types.mjs").go()
}

fn runtimes() -> Result<()> {
    tools::chromium()?;
    cmd("node").arg("tests/package/run.mjs").go()
}

fn are_the_types_wrong() -> Result<()> {
    let directory = wasm::target_directory()?;
    let packed = cmd("npm").args(["pack", "./pkg", "--silent", "--pack-destination"]).arg(&directory).read()?;
    let tarball = directory.join(packed.lines().last().context("npm pack named no file")?);
    npm_tool("attw").arg(tarball).go()
}

/// Runs the `.test.mjs` files of a folder.
fn node_tests(node: Cmd, directory: &str) -> Result<()> {
    let mut tests: Vec<_> = fs::read_dir(root().join(directory))
        .with_context(|| format!("{directory} is missing"))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with(".test.mjs"))
        .collect();
    tests.sort();
    node.args(["--test", "--expose-gc"]).args(tests).go()
}
