//! A reader: a program that is given messages and says whom each of its configurations reads.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// What a configuration is: a program, its version, and how it is asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Config {
    pub(crate) program: String,
    pub(crate) version: String,
    pub(crate) how: String,
}

/// How a reader is started, as `cargo xtask differential` found it on this machine.
#[derive(Clone, Debug)]
pub(crate) struct Start {
    pub(crate) name: String,
    pub(crate) command: Vec<String>,
    /// Reads one message in so many: slow programs see a share.
    pub(crate) share: usize,
}

/// What each configuration read in one message; those that read nobody are absent.
pub(crate) type Answer = BTreeMap<String, Vec<String>>;

/// A running reader.
pub(crate) struct Reader {
    pub(crate) start: Start,
    pub(crate) configs: BTreeMap<String, Config>,
    /// It can be asked for one configuration alone.
    asks_one: bool,
    child: Child,
    input: ChildStdin,
    lines: Receiver<String>,
    /// Messages on which it fell over or gave no answer in time.
    pub(crate) gave_up: usize,
}

/// Longer than any answer takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

impl Reader {
    /// Starts a reader; an error says why it does not run here.
    pub(crate) fn start(start: Start, log: &std::path::Path) -> Result<Self, String> {
        let (child, input, lines) = spawn(&start, log)?;
        let mut reader = Self { start, configs: BTreeMap::new(), asks_one: false, child, input, lines, gave_up: 0 };
        let hello = reader.line().ok_or("it said nothing when it was started")?;
        reader.asks_one = hello.contains("\"asks_one\"");
        reader.configs = configs(&hello).ok_or_else(|| format!("it began with {hello:.80}"))?;
        Ok(reader)
    }

    fn line(&mut self) -> Option<String> {
        self.lines.recv_timeout(PATIENCE).ok()
    }

    /// Whom it reads in `message`.
    pub(crate) fn read(&mut self, message: &[u8]) -> Answer {
        self.ask(message, None)
    }

    /// Whether one of its configurations reads something in `message` that is `wanted`.
    pub(crate) fn reads(&mut self, config: &str, message: &[u8], wanted: fn(&str) -> bool) -> bool {
        let only = self.asks_one.then_some(config);
        self.ask(message, only).get(config).is_some_and(|found| found.iter().any(|address| wanted(address)))
    }

    fn ask(&mut self, message: &[u8], only: Option<&str>) -> Answer {
        let length = u32::try_from(message.len()).unwrap_or(0);
        let mut question = Vec::with_capacity(message.len() + 128);
        match only {
            Some(config) => {
                question.extend((length | 1 << 31).to_be_bytes());
                question.extend(u16::try_from(config.len()).unwrap_or(0).to_be_bytes());
                question.extend(config.bytes());
            }
            None => question.extend(length.to_be_bytes()),
        }
        question.extend(message);
        let sent = self.input.write_all(&question).and_then(|()| self.input.flush());
        let answer = if sent.is_ok() { self.line() } else { None };
        let mut parsed = answer.and_then(|line| parse(&line));
        if let Some(answer) = &mut parsed {
            answer.retain(|config, _| self.configs.contains_key(config));
        }
        parsed.unwrap_or_else(|| {
            self.gave_up += 1;
            self.restart();
            Answer::new()
        })
    }

    fn restart(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Ok((child, input, lines)) = spawn(&self.start, std::path::Path::new("/dev/null")) {
            (self.child, self.input, self.lines) = (child, input, lines);
            let _ = self.line();
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(start: &Start, log: &std::path::Path) -> Result<(Child, ChildStdin, Receiver<String>), String> {
    let (program, arguments) = start.command.split_first().ok_or("it has no command")?;
    let errors = File::create(log).map(Stdio::from).unwrap_or_else(|_| Stdio::null());
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(errors)
        .spawn()
        .map_err(|error| format!("{program}: {error}"))?;
    let input = child.stdin.take().ok_or("it has no standard input")?;
    let output = child.stdout.take().ok_or("it has no standard output")?;
    let (sender, lines) = channel();
    thread::spawn(move || {
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        while output.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
            if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                return;
            }
            line.clear();
        }
    });
    Ok((child, input, lines))
}

fn configs(hello: &str) -> Option<BTreeMap<String, Config>> {
    let hello: Value = serde_json::from_str(hello).ok()?;
    let text = |about: &Value, key: &str| about[key].as_str().unwrap_or_default().to_owned();
    let configs = hello["configs"].as_object()?.iter();
    Some(
        configs
            .map(|(name, about)| {
                let [program, version, how] = ["program", "version", "how"].map(|key| text(about, key));
                (name.clone(), Config { program, version, how })
            })
            .collect(),
    )
}

fn parse(line: &str) -> Option<Answer> {
    let answer: Value = serde_json::from_str(line).ok()?;
    let read = |addresses: &Value| {
        addresses.as_array().into_iter().flatten().filter_map(|one| one.as_str().map(str::to_owned)).collect()
    };
    Some(answer.as_object()?.iter().map(|(config, addresses)| (config.clone(), read(addresses))).collect())
}
