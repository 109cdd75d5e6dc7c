//! The commands of this repository: `cargo xtask start | demo | test | build | bench | sample | wild | release`.

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
cargo xtask start   build everything, serve the gate and its SMTP door on this machine, until Ctrl-C
                    [--port 8787] [--smtp-port 2587 (0: any free port; none: no door)] [--data DIR] [--admin-token TOKEN]
cargo xtask demo    send messages through the gate of `start`, and show what happened to each
                    [--url URL] [--data DIR] [--admin-token TOKEN]
cargo xtask sample  build the package, lint a sample list, and decide the sample messages
cargo xtask build   make pkg/, the npm package, and docs/codes.md
cargo xtask test    run every test (with words: only the steps whose names contain one of them)
cargo xtask bench   measure the packaged engine and its peers
cargo xtask bench against FOLDER
                    compare the package with another build's pkg/, in alternating turns
cargo xtask bench gate
                    compare the gate with the same worker without the gate
cargo xtask bench door
                    compare the SMTP door and the gate with the gate alone, another SMTP server and Postfix
cargo xtask bench panel
                    measure a keystroke in lists of 10,000 entries
cargo xtask differential
                    look for mail readers that find another sender in a message that the engine authorizes
                    [--quick: only those from npm and pip] [--seed N] [--count N] [--seconds N] [--only READER]
                    [--mta: through Postfix and Exim instead] [--record: write docs/readers.md]
cargo xtask differential honest [FOLDER...]
                    judge real mail by its own From
cargo xtask release VERSION
                    make the published files twice, compare them, and write them into target/publish: the npm package,
                    the crate, SBOMs, provenance, checksums [--rehearse: report what is not ready, and continue]
cargo xtask wild    try the package in every runtime, bundler, framework and browser that its users have
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
            let door = tools::door()?;
            cmd("node").arg("worker/local/serve.mjs").args(rest).env("SENDERGATE_SUBMISSION", door).go()
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
        "bench" if rest.first().is_some_and(|first| first == "door") => bench_door(rest),
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

/// Measures the door as it is released. Without Postfix it says so.
fn bench_door(rest: &[String]) -> Result<()> {
    tools::ensure()?;
    package::build()?;
    tools::worker()?;
    cmd("cargo").args(["build", "--quiet", "--profile", "door", "--package", "sendergate-submission"]).go()?;
    let program = wasm::target_directory()?.join("door/sendergate-submission");
    let bench =
        cmd("node").arg("submission/bench/run.mjs").args(rest.iter().skip(1)).env("SENDERGATE_SUBMISSION", program);
    match differential::unpacked("postfix") {
        Ok(folder) => bench.env("SENDERGATE_POSTFIX", folder).go(),
        Err(why) => {
            println!("skipped: Postfix: {why:#}");
            bench.go()
        }
    }
}

/// Prepares what a program needs to open the panel in a browser.
fn panel_in_chromium() -> Result<()> {
    package::build()?;
    package::panel()?;
    tools::worker()?;
    tools::chromium()
}
