//! `sendergate-submission`: see `--help`.

use std::process::ExitCode;

use clap::Parser as _;
use sendergate_submission::run::run;
use sendergate_submission::settings::Settings;

fn main() -> ExitCode {
    let settings = Settings::parse();
    let run = || tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run(settings));
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
