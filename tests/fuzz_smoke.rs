//! A short fuzzing run on stable Rust: small mutations of every row of the tables, through every reader. The long run is
//! in `fuzz/`.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, reason = "a test may fail")]

mod common;

use common::{checks, completing, facts, rejudging};
use sendergate::decision::{ReversePath, Submission};

/// SplitMix64: the same mutations in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit.max(1) as u64).unwrap()
    }
}

/// Octets with a meaning for some reader.
const SPICE: &[&[u8]] = &[
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b" ",
    b"\t",
    b"\"",
    b"(",
    b")",
    b"<",
    b">",
    b"[",
    b"]",
    b"@",
    b",",
    b";",
    b":",
    b"\\",
    b".",
    b"=?utf-8?q?",
    b"?=",
    b"From:",
    b"Sender:",
    b"\r\n\r\n",
    b"\r\n ",
    b"\xff",
    b"\xc3",
    b"\xe2\x80\x8b",
    b"\xef\xbb\xbf",
    b"xn--",
    b"*.",
    b"info@a.example",
    b"\xef\xbc\x9b",
    b"\xe3\x80\x82",
    b"https://",
    b"mailto:",
    b"www.",
];

/// A seed with one to six mutations: octets are removed, inserted, doubled, or replaced by a part of another seed.
fn mutated(dice: &mut Dice, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = seeds[dice.below(seeds.len())].clone();
    for _ in 0..=dice.below(6) {
        let at = dice.below(bytes.len() + 1);
        let end = (at + dice.below(8)).min(bytes.len());
        match dice.below(6) {
            0 => drop(bytes.drain(at..end)),
            1 | 2 => drop(bytes.splice(at..at, SPICE[dice.below(SPICE.len())].iter().copied())),
            3 if at < bytes.len() => bytes[at] = u8::try_from(dice.below(256)).unwrap(),
            4 => {
                let piece = bytes[at..end].to_vec();
                drop(bytes.splice(at..at, piece));
            }
            _ => {
                let other = &seeds[dice.below(seeds.len())];
                let from = dice.below(other.len() + 1);
                let piece = other[from..(from + dice.below(40)).min(other.len())].to_vec();
                drop(bytes.splice(at..end, piece));
            }
        }
    }
    bytes
}

/// Calls `check` with so many mutations, the same in every run and on every machine.
fn fuzz(seed: u64, times: u32, seeds: &[Vec<u8>], check: impl Fn(&[u8])) {
    let mut dice = Dice(seed);
    for tried in 0..times {
        let bytes = mutated(&mut dice, seeds);
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| check(&bytes)));
        if let Err(panic) = caught {
            eprintln!("after {tried} of seed {seed}: {:?}", String::from_utf8_lossy(&bytes));
            std::panic::resume_unwind(panic);
        }
    }
}

#[test]
fn lists() {
    let seeds = common::seeds::lists();
    fuzz(1, 8_000, &seeds, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        // A known exception: if two items in brackets have nothing between them, the fix of one joins it to the other.
        if !text.contains("><") {
            checks::lists(&text);
        }
    });
}

/// The fix removes brackets, and the next item, in as many brackets, joins the first.
#[test]
fn an_item_that_joins_another() {
    for text in ["a.> \0>", "a.>> \0\0>>b", "j\u{f6}rg\0-a.>>> \0\0>>>\u{17}\n>> \0>>a.ex"] {
        checks::lists(text);
    }
}

#[test]
fn addresses() {
    let seeds = common::seeds::addresses();
    fuzz(2, 20_000, &seeds, |bytes| checks::address(&String::from_utf8_lossy(bytes)));
}

#[test]
fn mailboxes() {
    let seeds = common::seeds::bodies();
    fuzz(3, 15_000, &seeds, checks::mailboxes);
}

#[test]
fn messages() {
    let seeds = common::seeds::messages();
    fuzz(4, 1_500, &seeds, |bytes| checks::message(bytes, ReversePath::Path("info@a.example")));
}

/// What a gate does with a message besides the decision.
#[test]
fn kept_and_edited() {
    let (seeds, policies) = (common::seeds::messages(), checks::policies());
    fuzz(5, 1_500, &seeds, |bytes| {
        facts::read(bytes);
        completing::edited(&policies, bytes, bytes.len() % 2 == 0);
        let submission =
            Submission { mail_from: ReversePath::Path("info@a.example"), header: Some(bytes), ..Submission::default() };
        for then in &policies {
            for now in &policies {
                rejudging::rejudged(then, now, &submission);
            }
        }
    });
}
