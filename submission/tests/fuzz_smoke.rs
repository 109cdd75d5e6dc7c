//! A short fuzzing run on stable Rust with small changes to the dialogues of the tables. The long run is in `fuzz/`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail")]

mod common;

use common::{Dialogue, checks, dialogues};

/// SplitMix64: the same changes in every run.
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

const SPICE: &[&[u8]] = &[
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b".",
    b"\r\n.\r\n",
    b".\r\n",
    b"<",
    b">",
    b"\"",
    b"\\",
    b" ",
    b"=",
    b"+",
    b"*",
    b"\xff",
    b"\xfe",
    b"\xc3\xb6",
    b"@",
    b"BDAT 3\r\n",
    b"BDAT 0 LAST\r\n",
    b"BDAT 9 LAST\r\n",
    b"DATA\r\n",
    b"RSET\r\n",
    b"EHLO x\r\n",
    b"STARTTLS\r\n",
    b"QUIT\r\n",
    b"AUTH PLAIN AHMxAHg=\r\n",
    b"AUTH LOGIN\r\n",
    b"MAIL FROM:<a@b.example>\r\n",
    b"RCPT TO:<c@d.example>\r\n",
    b" SMTPUTF8",
];

#[test]
fn sessions() {
    let seeds: Vec<Vec<u8>> = dialogues().iter().map(Dialogue::seed).filter(|octets| octets.len() < 3_000).collect();
    let mut dice = Dice(11);
    for tried in 0..6_000 {
        let mut bytes = vec![u8::try_from(dice.below(256)).unwrap()];
        bytes.extend(&seeds[dice.below(seeds.len())]);
        for _ in 0..=dice.below(6) {
            let at = 1 + dice.below(bytes.len());
            let end = (at + dice.below(8)).min(bytes.len());
            match dice.below(4) {
                0 if at < bytes.len() => drop(bytes.drain(at..end)),
                1 | 2 => drop(bytes.splice(at..at, SPICE[dice.below(SPICE.len())].iter().copied())),
                _ => {
                    let other = &seeds[dice.below(seeds.len())];
                    let from = dice.below(other.len() + 1);
                    let piece = other[from..(from + dice.below(60)).min(other.len())].to_vec();
                    drop(bytes.splice(at..at, piece));
                }
            }
        }
        let caught = std::panic::catch_unwind(|| checks::session(&bytes));
        if let Err(panic) = caught {
            eprintln!("after {tried}: {:?}", String::from_utf8_lossy(&bytes));
            std::panic::resume_unwind(panic);
        }
    }
}
