//! Installs the tools that are missing.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::run::{cmd, root};
use crate::wasm;

/// The oldest Node that the development tools run on.
const NODE: (u32, u32) = (20, 19);
/// The compiler's target for the engine's module.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Checks for Node; installs the npm packages that the lock file pins, and the compiler's target for Wasm.
pub(crate) fn ensure() -> Result<()> {
    node()?;
    npm_packages()?;
    wasm_target()
}

fn node() -> Result<()> {
    let version = cmd("node").arg("--version").read().context("Node is not installed; install Node 20.19 or later")?;
    let mut numbers = version.trim_start_matches('v').split('.').map(|part| part.parse().unwrap_or(0));
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if found < NODE {
        bail!("Node {version} is too old; install Node {}.{} or later", NODE.0, NODE.1);
    }
    Ok(())
}

fn npm_packages() -> Result<()> {
    npm_packages_of(".")
}

/// Installs the tools of the gate. It links `pkg/`, which must be built first.
pub(crate) fn worker() -> Result<()> {
    npm_packages_of("worker")
}

/// Installs the tools of the panel, which links `pkg/` too.
pub(crate) fn panel() -> Result<()> {
    npm_packages_of("www")
}

/// Likewise for any folder with a lock file.
pub(crate) fn npm_packages_of(folder: &str) -> Result<()> {
    let installed = changed(&format!("{folder}/node_modules/.package-lock.json"));
    if installed.is_some() && installed >= changed(&format!("{folder}/package-lock.json")) {
        return Ok(());
    }
    cmd("npm")
        .args(["ci", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", folder])
        .go()
        .with_context(|| format!("npm could not install what {folder}/package-lock.json names"))
}

fn changed(path: &str) -> Option<SystemTime> {
    fs::metadata(root().join(path)).and_then(|data| data.modified()).ok()
}

fn wasm_target() -> Result<()> {
    let libraries = cmd("rustc").args(["--print", "target-libdir", "--target", WASM_TARGET]).read()?;
    if Path::new(&libraries).is_dir() {
        return Ok(());
    }
    cmd("rustup")
        .args(["target", "add", WASM_TARGET])
        .go()
        .context("the compiler lacks its Wasm target; install it with `rustup target add wasm32-unknown-unknown`")
}

/// Installs the oldest compiler that the engine's manifest names, and returns its version.
pub(crate) fn oldest_compiler() -> Result<String> {
    let metadata = cmd("cargo").args(["metadata", "--no-deps", "--format-version", "1"]).read()?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let packages = metadata.get("packages").and_then(Value::as_array).context("cargo metadata names no packages")?;
    let engine = packages.iter().find(|package| package.get("name").is_some_and(|name| name == "sendergate"));
    let version = engine.and_then(|engine| engine.get("rust_version")).and_then(Value::as_str);
    let version = version.context("Cargo.toml states no rust-version")?;
    let version = if version.matches('.').count() == 1 { format!("{version}.0") } else { version.to_owned() };
    let installed = cmd("rustup").args(["toolchain", "list"]).read()?;
    if !installed.lines().any(|line| line.starts_with(&format!("{version}-"))) {
        cmd("rustup")
            .args(["toolchain", "install", &version, "--profile", "minimal"])
            .go()
            .with_context(|| format!("rustup could not install {version}, the oldest compiler of the engine"))?;
    }
    Ok(version)
}

/// Builds the SMTP door, and returns its program.
pub(crate) fn door() -> Result<PathBuf> {
    cmd("cargo").args(["build", "--quiet", "--profile", "door", "--package", "sendergate-submission"]).go()?;
    Ok(wasm::target_directory()?.join("door/sendergate-submission"))
}

/// Installs Chromium and its driver, which the browser tests need.
pub(crate) fn chromium() -> Result<()> {
    debian(&["/usr/bin/chromium", "/usr/bin/chromedriver"], &["chromium", "chromium-driver"])
}

/// Installs Firefox ESR, and WebKitGTK with its driver and a virtual display.
pub(crate) fn other_browsers() -> Result<()> {
    debian(
        &["/usr/bin/firefox-esr", "/usr/bin/WebKitWebDriver", "/usr/bin/xvfb-run", "/usr/bin/xauth"],
        &["firefox-esr", "webkit2gtk-driver", "xvfb", "xauth"],
    )
}

/// Installs Debian's packages if one of their programs is missing.
fn debian(programs: &[&str], packages: &[&str]) -> Result<()> {
    if programs.iter().all(|program| Path::new(program).exists()) {
        return Ok(());
    }
    let wanted = programs.join(", ");
    let root_user = cmd("id").arg("-u").read().is_ok_and(|id| id == "0");
    if !root_user || !Path::new("/usr/bin/apt-get").exists() {
        bail!("the browser tests need {wanted}; install them");
    }
    let apt = |args: &[&str]| cmd("apt-get").args(args).env("DEBIAN_FRONTEND", "noninteractive").go();
    apt(&["update", "-qq"])?;
    apt(&[&["install", "-y", "-qq", "--no-install-recommends"], packages].concat())
        .with_context(|| format!("apt-get could not install {wanted}, which the browser tests need"))
}
