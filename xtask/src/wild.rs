//! `cargo xtask wild`: the package wherever its users are. The rows, and what each has to answer, stand in `tests/wild`.

use anyhow::Result;

use crate::run::cmd;
use crate::{package, tools};

/// The words of the command go on to the program; what it needs besides npm's packages is installed here.
pub(crate) fn run(words: &[String]) -> Result<()> {
    tools::ensure()?;
    if words.iter().any(|word| word == "--list") {
        return matrix(words);
    }
    // Another folder's package is taken as it is.
    if !words.iter().any(|word| word.starts_with("--package")) {
        package::build()?;
    }
    browsers();
    matrix(words)
}

/// The step of `cargo xtask test`: the rows that cost little, on the package that was built.
pub(crate) fn step() -> Result<()> {
    browsers();
    matrix(&["--quick".to_owned()])
}

fn matrix(words: &[String]) -> Result<()> {
    cmd("node").arg("tests/wild/run.mjs").args(words).go()
}

/// The browsers: a row whose browser is missing says so.
fn browsers() {
    for installed in [tools::chromium(), tools::other_browsers()] {
        if let Err(why) = installed {
            println!("{why:#}");
        }
    }
}
