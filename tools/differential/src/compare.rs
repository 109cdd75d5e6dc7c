//! The comparison: messages are made, the engine judges them, and those that it authorizes are given to the readers.

use std::collections::{BTreeMap, HashSet};
use std::thread;
use std::time::{Duration, Instant};

use crate::case::Case;
use crate::engine::{Engine, is_own, is_victim};
use crate::messages::Rows;
use crate::reader::{Answer, Config, Reader};
use crate::reduce::reduce;
use crate::report::Difference;

/// How long, how much, and from where.
pub(crate) struct Limits {
    pub(crate) seed: u64,
    /// Messages to make; each is judged by the engine.
    pub(crate) count: u64,
    pub(crate) time: Option<Duration>,
    /// Minimal messages looked for in each configuration.
    pub(crate) each: usize,
}

/// What a comparison did.
pub(crate) struct Outcome {
    pub(crate) made: u64,
    pub(crate) authorized: usize,
    pub(crate) readings: usize,
    pub(crate) differing: usize,
    pub(crate) found: Vec<Difference>,
    pub(crate) time: Duration,
}

/// Authorized messages that are read together.
const BATCH: usize = 100;

/// A message, and the address that everybody reads in it.
type Control = (&'static [u8], fn(&str) -> bool);

/// Simple messages that every reader must read: the sender's own address and, elsewhere, the victim's.
const CONTROLS: [Control; 5] = [
    (b"From: x@attacker.example\r\nTo: you@rcpt.example\r\nSubject: hello\r\n\r\nhello\r\n", is_own),
    (b"From: Own Name <x@attacker.example>\r\nTo: you@rcpt.example\r\nSubject: hello\r\n\r\nhello\r\n", is_own),
    (b"Subject: hello\r\nTo: you@rcpt.example\r\nFrom: \"Name, Own\" <x@attacker.example>\r\n\r\nhello\r\n", is_own),
    (b"From: Ceo <ceo@victim.example>\r\nTo: you@rcpt.example\r\nSubject: hello\r\n\r\nhello\r\n", is_victim),
    (b"To: you@rcpt.example\r\nFrom: ceo@victim.example\r\nSubject: hello\r\n\r\nhello\r\n", is_victim),
];

/// The configurations that do not read a simple message as everybody does, with the control that showed it. They find
/// nothing, whatever they are given.
pub(crate) fn broken(reader: &mut Reader) -> Vec<(String, String)> {
    let mut broken = BTreeMap::new();
    for (control, expected) in CONTROLS {
        let answer = reader.read(control);
        for config in reader.configs.keys() {
            let read = answer.get(config).is_some_and(|found| found.iter().any(|address| expected(address)));
            if !read {
                broken.entry(config.clone()).or_insert_with(|| String::from_utf8_lossy(control).into_owned());
            }
        }
    }
    broken.into_iter().collect()
}

/// Messages that the engine authorizes, each once.
struct Source<'a> {
    engine: &'a Engine,
    rows: &'a Rows,
    limits: &'a Limits,
    made: u64,
    seen: HashSet<Case>,
}

impl Source<'_> {
    fn batch(&mut self, deadline: Option<Instant>) -> Vec<(u64, Case)> {
        let mut batch = Vec::new();
        while batch.len() < BATCH && self.made < self.limits.count && deadline.is_none_or(|end| Instant::now() < end) {
            let number = self.made;
            self.made += 1;
            let made = Case::made(self.limits.seed, number, self.rows);
            if made.is_authorized(self.engine) && self.seen.insert(made.clone()) {
                batch.push((number, made));
            }
        }
        batch
    }
}

/// What of an answer names the victim.
pub(crate) fn victims(answer: Answer) -> Answer {
    answer
        .into_iter()
        .filter_map(|(config, found)| {
            let found: Vec<String> = found.into_iter().filter(|address| is_victim(address)).collect();
            (!found.is_empty()).then_some((config, found))
        })
        .collect()
}

/// What one reader found in a batch.
#[derive(Default)]
struct Part {
    readings: usize,
    differing: Vec<u64>,
    minimal: Vec<(u64, Case)>,
}

/// Compares until the count or the time is used up.
pub(crate) fn compare(readers: &mut [Reader], engine: &Engine, rows: &Rows, limits: &Limits) -> Outcome {
    let start = Instant::now();
    let deadline = limits.time.map(|time| start + time);
    let mut source = Source { engine, rows, limits, made: 0, seen: HashSet::new() };
    let mut tallies: Vec<BTreeMap<String, usize>> = vec![BTreeMap::new(); readers.len()];
    let mut outcome =
        Outcome { made: 0, authorized: 0, readings: 0, differing: 0, found: Vec::new(), time: Duration::ZERO };
    let mut minimal: BTreeMap<Case, u64> = BTreeMap::new();
    loop {
        let batch = source.batch(deadline);
        if batch.is_empty() {
            break;
        }
        outcome.authorized += batch.len();
        let parts: Vec<Part> = thread::scope(|scope| {
            let running: Vec<_> = readers
                .iter_mut()
                .zip(&mut tallies)
                .map(|(reader, tally)| scope.spawn(|| read_batch(reader, tally, engine, &batch, limits, deadline)))
                .collect();
            running.into_iter().filter_map(|thread| thread.join().ok()).collect()
        });
        let mut differing = HashSet::new();
        for part in parts {
            outcome.readings += part.readings;
            differing.extend(part.differing);
            for (number, case) in part.minimal {
                minimal.entry(case).or_insert(number);
            }
        }
        outcome.differing += differing.len();
        println!(
            "{:>6.0} s: {} made, {} authorized, {} read otherwise by somebody, {} minimal",
            start.elapsed().as_secs_f32(),
            source.made,
            outcome.authorized,
            outcome.differing,
            minimal.len(),
        );
    }
    outcome.made = source.made;
    // Whoever else reads the small ones so is asked at the end.
    outcome.found = read_minimal(readers, minimal);
    outcome.time = start.elapsed();
    outcome
}

fn read_batch(
    reader: &mut Reader,
    tally: &mut BTreeMap<String, usize>,
    engine: &Engine,
    batch: &[(u64, Case)],
    limits: &Limits,
    deadline: Option<Instant>,
) -> Part {
    let mut part = Part::default();
    let share = reader.start.share.max(1) as u64;
    for (number, case) in batch.iter().filter(|(number, _)| number % share == 0) {
        if deadline.is_some_and(|end| Instant::now() > end) {
            break;
        }
        let answer = victims(reader.read(&case.message()));
        part.readings += reader.configs.len();
        if answer.is_empty() {
            continue;
        }
        part.differing.push(*number);
        // The configuration with the fewest examples so far is the one to learn from.
        let Some(config) = answer.keys().min_by_key(|config| tally.get(*config).copied().unwrap_or(0)) else {
            continue;
        };
        let count = tally.entry(config.clone()).or_insert(0);
        if *count >= limits.each {
            continue;
        }
        *count += 1;
        let small = reduce(&case.octets, &mut |octets| {
            let candidate = case.with(octets);
            candidate.is_authorized(engine) && reader.reads(config, &candidate.message(), is_victim)
        });
        part.minimal.push((*number, case.with(&small)));
    }
    part
}

fn read_minimal(readers: &mut [Reader], minimal: BTreeMap<Case, u64>) -> Vec<Difference> {
    let cases: Vec<(Case, u64)> = minimal.into_iter().collect();
    let answers: Vec<Vec<Answer>> = thread::scope(|scope| {
        let running: Vec<_> = readers
            .iter_mut()
            .map(|reader| {
                let cases = &cases;
                scope.spawn(move || {
                    cases.iter().map(|(case, _)| victims(reader.read(&case.message()))).collect::<Vec<_>>()
                })
            })
            .collect();
        running.into_iter().filter_map(|thread| thread.join().ok()).collect()
    });
    let mut found: Vec<Difference> =
        cases.into_iter().map(|(case, number)| Difference { case, number, readings: Answer::new() }).collect();
    for (at, difference) in found.iter_mut().enumerate() {
        difference.readings = answers.iter().filter_map(|of_reader| of_reader.get(at)).flat_map(Clone::clone).collect();
    }
    found
}

/// Every configuration of every reader.
pub(crate) fn configs(readers: &[Reader]) -> BTreeMap<String, Config> {
    readers.iter().flat_map(|reader| reader.configs.clone()).collect()
}
