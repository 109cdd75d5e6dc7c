//! `cargo xtask differential`: compares the engine with other mail readers. This file installs them; `tools/differential`
//! compares.

mod apt;
mod honest;
mod readers;
mod servers;
mod start;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::run::{cmd, root};

/// How to start a reader: it gets messages and prints the senders that it reads.
struct Start {
    name: String,
    command: Vec<String>,
    /// The reader gets one message out of so many.
    share: u32,
}

/// The folder for everything that is installed or built for the comparison.
fn workshop() -> PathBuf {
    root().join("target/differential")
}

/// The folder of the readers' sources.
fn sources() -> PathBuf {
    root().join("tools/differential/readers")
}

/// A package of Debian, unpacked and not installed.
pub(crate) fn unpacked(package: &str) -> Result<PathBuf> {
    fs::create_dir_all(workshop()).context("could not create target/differential")?;
    Ok(apt::unpacked(package)?.0)
}

/// Runs the command: `honest`, `--quick`, and the options of the comparison itself.
pub(crate) fn run(words: &[String]) -> Result<()> {
    let quick = words.iter().any(|word| word == "--quick");
    let rest = words.iter().filter(|word| *word != "--quick");
    fs::create_dir_all(workshop()).context("could not create target/differential")?;
    if let Some((first, folders)) = words.split_first()
        && first == "honest"
    {
        return honest::run(folders);
    }
    if words.iter().any(|word| word == "--mta" || word == "--relay") {
        for package in ["postfix", "exim4-daemon-light"] {
            apt::unpacked(package)?;
        }
    } else {
        install(quick)?;
    }
    compare(rest)
}

/// The step of `cargo xtask test`: the readers from npm and pip, with the same messages every time.
pub(crate) fn step() -> Result<()> {
    let words = ["--quick", "--seed", "1", "--count", "6000", "--seconds", "35"].map(str::to_owned);
    run(&words)
}

fn compare<'a>(words: impl Iterator<Item = &'a String>) -> Result<()> {
    cmd("cargo").args(["run", "--quiet", "--package", "differential", "--"]).args(words).go()
}

fn ends(mut all: Vec<Start>) -> Vec<Start> {
    let last = (all.len() > 1).then(|| all.pop()).flatten();
    all.truncate(1);
    all.extend(last);
    all
}

/// Installs and builds the readers, and writes how to start each. It prints which are missing, and why.
fn install(quick: bool) -> Result<()> {
    let mut starts = Vec::new();
    for (name, packages, prepare) in readers::READERS {
        if quick && !readers::QUICK.contains(&name) {
            continue;
        }
        let prepared = apt::install(packages).and_then(|()| prepare());
        match prepared {
            // In a quick run, the oldest and the newest of each kind.
            Ok(ready) if quick => starts.extend(ends(ready)),
            Ok(ready) => starts.extend(ready),
            Err(why) => println!("missing reader: {name}: {why:#}"),
        }
    }
    if starts.is_empty() {
        bail!("no reader could be installed; npm and python3 give the first ones");
    }
    let list: Vec<Value> = starts
        .iter()
        .map(|start| json!({ "name": start.name, "command": start.command, "share": start.share }))
        .collect();
    fs::write(workshop().join("readers.json"), serde_json::to_string_pretty(&list)?)
        .context("target/differential/readers.json cannot be written")
}
