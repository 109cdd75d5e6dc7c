//! Other people's mail readers beside the engine. `cargo xtask differential` installs the readers and calls this.

mod case;
mod classes;
mod compare;
mod engine;
mod honest;
mod messages;
mod mta;
mod random;
mod reader;
mod record;
mod reduce;
mod report;
mod smtp;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use serde_json::Value;

use crate::compare::Limits;
use crate::engine::Engine;
use crate::messages::Rows;
use crate::reader::{Reader, Start};

/// What was asked for.
struct Options {
    limits: Limits,
    /// Only readers whose names contain one of these.
    only: Vec<String>,
    show: usize,
    /// Authorized messages to relay through mail servers instead.
    relay: usize,
    readers: PathBuf,
    /// Keep the list of readers, with what these findings say of them, and the page that is made from it.
    record: Option<Vec<PathBuf>>,
    out: PathBuf,
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn options() -> Result<Options, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let out = root.join("target/differential");
    let mut options = Options {
        limits: Limits { seed: 1, count: 100_000, time: None, each: 12 },
        only: Vec::new(),
        show: 60,
        relay: 0,
        readers: out.join("readers.json"),
        record: None,
        out,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
        let number = |text: String| text.parse::<u64>().map_err(|_| format!("{argument} {text}: not a number"));
        match argument.as_str() {
            "--seed" => options.limits.seed = number(value()?)?,
            "--count" => options.limits.count = number(value()?)?,
            "--seconds" => options.limits.time = Some(Duration::from_secs(number(value()?)?)),
            "--each" => options.limits.each = usize::try_from(number(value()?)?).unwrap_or(usize::MAX),
            "--show" => options.show = usize::try_from(number(value()?)?).unwrap_or(usize::MAX),
            "--mta" => options.relay = 1_000,
            "--relay" => options.relay = usize::try_from(number(value()?)?).unwrap_or(usize::MAX),
            "--record" => drop(options.record.get_or_insert_default()),
            "--findings" => options.record.get_or_insert_default().push(value()?.into()),
            "--only" => options.only.push(value()?),
            "--out" => options.out = value()?.into(),
            "--readers" => options.readers = value()?.into(),
            other => return Err(format!("`{other}` is no option of the differential run")),
        }
    }
    Ok(options)
}

fn starts(options: &Options) -> Result<Vec<Start>, String> {
    let path = &options.readers;
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let list: Value = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let start = |reader: &Value| Start {
        name: reader["name"].as_str().unwrap_or_default().to_owned(),
        command: reader["command"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|word| Some(word.as_str()?.to_owned()))
            .collect(),
        share: reader["share"].as_u64().and_then(|share| usize::try_from(share).ok()).unwrap_or(1),
    };
    let wanted = |start: &Start| options.only.is_empty() || options.only.iter().any(|word| start.name.contains(word));
    Ok(list.as_array().into_iter().flatten().map(start).filter(wanted).collect())
}

fn run() -> Result<bool, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut words = std::env::args().skip(1);
    if words.next().is_some_and(|word| word == "honest") {
        let folders: Vec<PathBuf> = words.map(PathBuf::from).collect();
        return honest::judge(&folders, &root.join("target/differential")).map(|()| true);
    }
    let options = options()?;
    let rows = Rows::read(&root)?;
    let engine = Engine::new();
    if options.relay > 0 {
        return mta::relay(&engine, &rows, &options.limits, options.relay, &options.out);
    }
    let mut readers = Vec::new();
    let mut sound = true;
    for start in starts(&options)? {
        let name = start.name.clone();
        let log = options.out.join(format!("{}.log", name.replace([' ', '/'], "-")));
        match Reader::start(start, &log) {
            Ok(mut reader) => {
                for (config, control) in compare::broken(&mut reader) {
                    println!("broken: {config} does not read {control:?}");
                    reader.configs.remove(&config);
                    sound = false;
                }
                readers.push(reader);
            }
            Err(why) => {
                println!("does not run: {name}: {why}");
                sound = false;
            }
        }
    }
    let configs = compare::configs(&readers);
    if configs.is_empty() {
        return Err("no reader runs; `cargo xtask differential` installs them".to_owned());
    }
    println!("{} readers, {} configurations", readers.len(), configs.len());
    if let Some(findings) = &options.record {
        record::record(&mut readers, &engine, findings, &root)?;
    }
    let outcome = compare::compare(&mut readers, &engine, &rows, &options.limits);
    for reader in readers.iter().filter(|reader| reader.gave_up > 0) {
        println!("{} gave no answer to {} messages", reader.start.name, reader.gave_up);
    }
    let classes = report::classes(outcome.found, &configs);
    report::show(&classes, options.show);
    report::write(&classes, options.limits.seed, &options.out.join("differences.json"))?;
    let in_scope = classes.iter().filter(|class| !class.in_scope.is_empty()).count();
    println!(
        "seed {}: {} messages made, {} authorized, {} readings in {:.0} s; {} messages read otherwise; {} classes, {in_scope} in scope",
        options.limits.seed,
        outcome.made,
        outcome.authorized,
        outcome.readings,
        outcome.time.as_secs_f32(),
        outcome.differing,
        classes.len(),
    );
    println!("all of it: {}", options.out.join("differences.json").display());
    Ok(sound && in_scope == 0)
}
