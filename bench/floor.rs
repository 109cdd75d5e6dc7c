//! The calls of the benchmark, compiled natively: the lower bound for Wasm.
//! `cargo run --release --example floor FILE`, where FILE is what bench/cases/native.mjs writes; prints nanoseconds as JSON.

use sendergate::decision::{ReversePath, Submission, decide};
use sendergate::list::{Lints, parse_domain_list, parse_sender_list};
use sendergate::policy::{PolicyOptions, SenderPolicy};
use serde_json::{Map, Value, json};
use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// The time of one turn, and the number of turns.
const TURN: Duration = Duration::from_micros(150);
const TURNS: usize = 1_000;

type Call<'a> = Box<dyn Fn(usize) + 'a>;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("the file of bench/cases/native.mjs is missing")?;
    let data: Value = serde_json::from_slice(&std::fs::read(&path)?)?;
    let text =
        |name: &str| data.get(name).and_then(Value::as_str).ok_or_else(|| format!("`{name}` of {path} is not a text"));
    let texts = |name: &str| {
        let all: Option<Vec<&str>> =
            data.get(name).and_then(Value::as_array).and_then(|all| all.iter().map(Value::as_str).collect());
        all.filter(|all| !all.is_empty())
            .ok_or_else(|| format!("`{name}` of {path} is not an array of texts, or empty"))
    };
    let policy = |domains, senders| SenderPolicy::new(&PolicyOptions { domains, senders, ..PolicyOptions::default() });
    let (few_domains, few_senders) = (text("fewDomains")?, text("fewSenders")?);
    let (many_domains, many_senders) = (text("manyDomains")?, text("manySenders")?);
    let few = policy(few_domains, few_senders)?;
    let many = policy(many_domains, many_senders)?;
    let (paths, plain, encoded, asked) = (texts("paths")?, texts("plain")?, texts("encoded")?, texts("asked")?);
    let ask = |messages: Option<&[&str]>, at: usize| {
        let header = messages.map(|all| nth(all, at).as_bytes());
        let mail_from = ReversePath::Path(nth(&paths, at));
        black_box(decide(&few, &Submission { mail_from, header, ..Submission::default() }));
    };
    let authorizes = |policy: &SenderPolicy, at: usize| {
        black_box(policy.authorizes(nth(&asked, at)));
    };
    let calls: [(&str, Call<'_>); 9] = [
        ("decide, 1.5 KB", Box::new(|at| ask(Some(&plain), at))),
        ("decide, 1.5 KB, encoded names", Box::new(|at| ask(Some(&encoded), at))),
        ("decide, mail-from alone", Box::new(|at| ask(None, at))),
        ("authorizes, 100 entries", Box::new(|at| authorizes(&few, at))),
        ("authorizes, 20,000 entries", Box::new(|at| authorizes(&many, at))),
        ("authorizesAll, 1,000 addresses", Box::new(|_| (0..asked.len()).for_each(|at| authorizes(&many, at)))),
        ("parseDomainList, 10,000", Box::new(|_| drop(black_box(parse_domain_list(many_domains, Lints::All))))),
        ("parseSenderList, 10,000", Box::new(|_| drop(black_box(parse_sender_list(many_senders, Lints::All))))),
        ("a policy of 100 entries", Box::new(|_| drop(black_box(policy(few_domains, few_senders))))),
    ];
    let shown: Map<String, Value> =
        calls.iter().map(|(name, call)| ((*name).to_owned(), json!(shortest(call)))).collect();
    println!("{}", Value::Object(shown));
    Ok(())
}

/// The text at this place, counted around a list that is not empty.
fn nth<'a>(all: &[&'a str], at: usize) -> &'a str {
    all.get(at % all.len()).copied().unwrap_or_default()
}

/// The nanoseconds of a call in the shortest hundredth of many turns, as `shortest` of bench/calls.mjs measures.
fn shortest(call: &Call<'_>) -> f64 {
    let time = |count: usize| {
        let begun = Instant::now();
        (0..count).for_each(call);
        begun.elapsed()
    };
    let mut count = 1;
    while time(count) < TURN {
        count *= 2;
    }
    let mut times: Vec<Duration> = (0..TURNS).map(|_| time(count)).collect();
    times.sort_unstable();
    let shortest = times.get(TURNS / 100).copied().unwrap_or_default();
    shortest.as_secs_f64() * 1e9 / count as f64
}
