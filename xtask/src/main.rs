//! The one door of the house: `cargo xtask start | demo | test | build | bench | sample | release`.

mod codes;
mod differential;
mod package;
mod release;
mod run;
mod test;
mod tools;
mod wasm;
mod wild;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::run::cmd;

const HELP: &str = "\
cargo xtask start   build everything and serve the gate on this machine, until Ctrl-C
                    [--port 8787] [--data DIR] [--admin-token TOKEN]
cargo xtask demo    send messages through the gate that `start` serves, and show what became of each
                    [--url URL] [--data DIR] [--admin-token TOKEN]
cargo xtask sample  build the package, lint a sample list, decide the sample messages
cargo xtask build   make pkg/, the npm package, and docs/codes.md
cargo xtask test    everything that proves the engine and the package
                    (with words: only the steps whose names contain one of them)
cargo xtask bench   measure the packaged engine and its peers
cargo xtask bench against FOLDER
                    measure the package beside another build's pkg/, in turns
cargo xtask bench gate
                    measure the gate beside the same worker without it
cargo xtask bench panel
                    measure a keystroke in lists of 10,000 entries
cargo xtask differential
                    whom other mail readers take for the sender of a message that the engine authorizes
                    [--quick: those of npm and pip] [--seed N] [--count N] [--seconds N] [--only READER]
                    [--mta: through Postfix and Exim instead] [--record: write docs/readers.md]
cargo xtask differential honest [FOLDER...]
                    judge mail that nobody here wrote by its own From
cargo xtask release VERSION
                    what is published of a commit, made twice and compared, into target/publish: the npm package, the
                    crate, SBOMs, provenance, checksums [--rehearse: say what is not ready, and go on]
cargo xtask wild    the package in every runtime, bundler, framework and browser that its users have
                    [--list] [--only ROW] [--package FOLDER: another build's pkg/]
                    [--record: write docs/wild.md]
cargo xtask screenshots [DIR]
                    the panel's pages in light, dark and on a phone, into target/screens
cargo xtask help    this text

Needs rustup and Node 20.19 or later with npm; what else is missing it installs.";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_else(|| "help".to_owned());
    let rest: Vec<String> = arguments.collect();
    match dispatch(&command, &rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: &str, rest: &[String]) -> Result<()> {
    match command {
        "start" => {
            package::build()?;
            package::panel()?;
            tools::worker()?;
            cmd("node").arg("worker/local/serve.mjs").args(rest).go()
        }
        "demo" => {
            tools::worker()?;
            cmd("node").arg("worker/local/demo.mjs").args(rest).go()
        }
        "sample" => {
            package::build()?;
            cmd("node").arg("samples/start.mjs").args(rest).go()
        }
        "build" => package::build(),
        "test" => test::run(rest),
        "bench" if rest.first().is_some_and(|first| first == "gate") => {
            package::build()?;
            tools::worker()?;
            cmd("node").arg("worker/bench/run.mjs").args(rest.iter().skip(1)).go()
        }
        "bench" if rest.first().is_some_and(|first| first == "against") => {
            package::build()?;
            cmd("node").args(["--expose-gc", "bench/against.mjs"]).args(rest.iter().skip(1)).go()
        }
        "bench" if rest.first().is_some_and(|first| first == "panel") => {
            panel_in_chromium()?;
            cmd("node").arg("www/test/support/typing.mjs").go()
        }
        "bench" => {
            package::build()?;
            cmd("node").args(["--expose-gc", "bench/run.mjs"]).args(rest).go()
        }
        "differential" => {
            tools::ensure()?;
            differential::run(rest)
        }
        "release" => {
            tools::ensure()?;
            release::run(rest)
        }
        "wild" => wild::run(rest),
        "screenshots" => {
            panel_in_chromium()?;
            cmd("node").arg("www/test/support/screenshots.mjs").args(rest).go()
        }
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        other => bail!("`{other}` is not a command\n\n{HELP}"),
    }
}

/// Everything that the panel needs to be looked at by a program.
fn panel_in_chromium() -> Result<()> {
    package::build()?;
    package::panel()?;
    tools::worker()?;
    tools::chromium()
}
