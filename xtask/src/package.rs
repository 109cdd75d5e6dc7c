//! `pkg/`, the npm package, from `pkg-template/`, the engine's module and its tables.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::run::{cmd, npm_tool, root};
use crate::{codes, tools, wasm};

/// The placeholder for the version in the template.
const VERSION_MARK: &str = "0.0.0-version";
/// The files of the repository that the package contains: the README, the pages that it links to, and others.
const FROM_ROOT: [&str; 11] = [
    "README.md",
    "CHANGELOG.md",
    "LICENSE-MIT",
    "LICENSE-APACHE",
    CODES,
    "docs/cli.md",
    "docs/element.md",
    "docs/benchmarks.md",
    "docs/wild.md",
    "data/README.md",
    "data/replies.json",
];
/// How the classic script exports for CommonJS and AMD.
const UMD: &str = r#"if (typeof module === "object" && module.exports) module.exports = sendergate;
else if (typeof define === "function" && define.amd) define([], () => sendergate);"#;
/// The declarations.
const TYPES: [&str; 8] =
    ["index", "slim", "embedded", "dispose", "wasm", "codes", "element/sender-list", "element/frameworks"];
/// The page with the table of codes.
pub(crate) const CODES: &str = "docs/codes.md";

/// Builds `www/dist/`, the control panel, with the package in `pkg/`.
pub(crate) fn panel() -> Result<()> {
    tools::panel()?;
    cmd("npm").args(["run", "--silent", "--prefix", "www", "build"]).go()
}

/// Builds `pkg/` and the pages of `docs/` that are made from tables.
pub(crate) fn build() -> Result<()> {
    tools::ensure()?;
    let module = wasm::build()?;
    let (root, pkg) = (root(), root().join("pkg"));
    if pkg.exists() {
        fs::remove_dir_all(&pkg).context("could not remove the old pkg/")?;
    }
    copy_tree(&root.join("pkg-template"), &pkg)?;
    fs::write(root.join(CODES), codes::markdown())?;
    // The guides to mail programs and what to do about a reply, for those who read no panel.
    cmd("node").arg("xtask/pages.mjs").go()?;
    for name in FROM_ROOT {
        let target = pkg.join(name);
        fs::create_dir_all(target.parent().unwrap_or(&pkg))?;
        fs::copy(root.join(name), target).with_context(|| format!("could not copy {name}"))?;
    }
    fs::copy(&module, pkg.join("sendergate.wasm"))?;
    cmd("node").arg("xtask/embed.mjs").arg(&module).arg(&pkg).go()?;
    glue(&module, &pkg)?;
    // In Node, `require` and `import` share one instance, so the implementation is CommonJS.
    npm_tool("esbuild")
        .args(["pkg/internal.js", "--bundle", "--format=cjs", "--platform=neutral", "--target=es2022"])
        .args(["--log-level=warning", "--outfile=pkg/core.cjs"])
        .go()?;
    // For servers that `require` their components; browsers never load it.
    npm_tool("esbuild")
        .args(["pkg/element/sender-list.js", "--bundle", "--external:sendergate", "--format=cjs", "--target=es2022"])
        .args(["--log-level=warning", "--outfile=pkg/element/sender-list.cjs"])
        .go()?;
    // One classic script for pages; `require` and AMD work too.
    npm_tool("esbuild")
        .args(["pkg/standalone.js", "--bundle", "--alias:sendergate=./pkg/embedded.js", "--format=iife"])
        .args(["--global-name=sendergate", "--minify", "--target=es2022", "--log-level=warning"])
        .arg(format!("--footer:js={UMD}"))
        .arg("--outfile=pkg/umd/sendergate.js")
        .go()?;
    fs::write(pkg.join("codes.d.ts"), codes::typescript())?;
    common_js_types(&pkg)?;
    println!("pkg/ holds sendergate {}", env!("CARGO_PKG_VERSION"));
    // Last, so that a package that is too large can be inspected.
    wasm::weigh(&module)
}

/// Copies what wasm-bindgen wrote. Some environments hide `TextDecoder` from their global scope, so that it is imported.
fn glue(module: &Path, pkg: &Path) -> Result<()> {
    const PLATFORM: &str = "import { TextDecoder, TextEncoder } from \"../platform.js\";\n";
    let core = pkg.join("core");
    let text = fs::read_to_string(module.with_file_name(wasm::GLUE))?;
    fs::write(core.join(wasm::GLUE), [PLATFORM, &text].concat())?;
    fs::copy(module.with_file_name(wasm::EXPORTS), core.join(wasm::EXPORTS))?;
    Ok(())
}

fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("could not read {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            let text = fs::read(entry.path())?;
            match String::from_utf8(text) {
                Ok(text) => fs::write(&target, text.replace(VERSION_MARK, env!("CARGO_PKG_VERSION")))?,
                Err(other) => fs::write(&target, other.as_bytes())?,
            }
            fs::set_permissions(&target, entry.metadata()?.permissions())?;
        }
    }
    Ok(())
}

/// Copies the types as CommonJS declarations, which TypeScript reads for `require`.
fn common_js_types(pkg: &Path) -> Result<()> {
    for name in TYPES {
        let types = fs::read_to_string(pkg.join(format!("{name}.d.ts")))
            .with_context(|| format!("pkg-template lacks {name}.d.ts"))?;
        let types = types.replace(".js\"", ".cjs\"");
        fs::write(pkg.join(format!("{name}.d.cts")), types)?;
    }
    Ok(())
}
