//! `cargo xtask wild`: tests the package in many runtimes and tools. The rows are in `tests/wild`.

use anyhow::Result;

use crate::run::cmd;
use crate::{package, tools};

/// Passes the arguments to the program, after installing what it needs besides npm packages.
pub(crate) fn run(words: &[String]) -> Result<()> {
    tools::ensure()?;
    if words.iter().any(|word| word == "--list") {
        return matrix(words);
    }
    // A package from another folder is not built.
    if !words.iter().any(|word| word.starts_with("--package")) {
        package::build()?;
    }
    browsers();
    matrix(words)?;
    // Only without words, because it takes a while.
    if words.is_empty() { door() } else { Ok(()) }
}

/// Tests the SMTP door with mail programs, with kills under load, and with large messages.
fn door() -> Result<()> {
    tools::worker()?;
    let program = tools::door()?;
    let node = || cmd("node").env("SENDERGATE_SUBMISSION", &program);
    node().arg("submission/tests/programs/run.mjs").go()?;
    node().env("SENDERGATE_KILL_MESSAGES", "1500").args(["--test", "submission/tests/gate/kill.test.mjs"]).go()?;
    door_memory()
}

/// Measures the memory of the SMTP door during many large messages.
fn door_memory() -> Result<()> {
    cmd("cargo")
        .args(["test", "--quiet", "--profile", "door", "--package", "sendergate-submission", "--test", "program"])
        .args(["--", "--ignored", "--nocapture"])
        .go()
}

/// The step of `cargo xtask test`: the quick rows, with the package that was built before.
pub(crate) fn step() -> Result<()> {
    browsers();
    matrix(&["--quick".to_owned()])
}

fn matrix(words: &[String]) -> Result<()> {
    cmd("node").arg("tests/wild/run.mjs").args(words).go()
}

/// Installs the browsers. If that fails, their rows are skipped.
fn browsers() {
    for installed in [tools::chromium(), tools::other_browsers()] {
        if let Err(why) = installed {
            println!("{why:#}");
        }
    }
}
