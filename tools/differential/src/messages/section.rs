//! Header sections: the fields around the originators, and the names that some read as theirs.

use super::body;
use crate::random::Random;

const ORIGINATORS: [&str; 9] =
    ["From", "From", "From", "Sender", "Resent-From", "Resent-Sender", "FROM", "from", "Apparently-From"];
const OTHERS: [&str; 9] = [
    "Subject: hello",
    "To: you@rcpt.example",
    "Date: Tue, 24 Nov 2026 08:00:00 +0000",
    "Message-ID: <1@attacker.example>",
    "MIME-Version: 1.0",
    "Reply-To: ceo@victim.example",
    "Resent-To: you@rcpt.example",
    "Resent-Date: Tue, 24 Nov 2026 08:00:00 +0000",
    "Content-Type: text/plain; charset=utf-8",
];
/// What stands before or after a name that is nearly a field's.
const AROUND: [&str; 30] = [
    " ",
    "\t",
    "\r\n ",
    "()",
    "(x)",
    "(",
    ")",
    ">",
    "<",
    "\"",
    "\\",
    ";",
    ",",
    ".",
    "-",
    "_",
    "*",
    "=",
    "?",
    "[",
    "]",
    "@",
    "/",
    "#",
    "'",
    "X-",
    "Original-",
    ":",
    "\0",
    "=?utf-8?q?x?=",
];

/// One `From`, with an odd body.
pub(crate) fn one_field(random: &mut Random) -> Vec<u8> {
    let mut lines = vec![[b"From: ".as_slice(), &body::own_body(random)].concat()];
    if random.chance(10) {
        let name = random.pick(&["Sender", "Resent-From", "Resent-Sender"]).as_bytes();
        lines[0] = b"From: x@attacker.example".to_vec();
        lines.push([name, b": ", &body::own_body(random)].concat());
    }
    around(random, &mut lines);
    finish(random, &lines)
}

/// An honest `From`, and another line that some program takes for an originator.
pub(crate) fn several_fields(random: &mut Random) -> Vec<u8> {
    let own = if random.chance(80) { b"x@attacker.example".to_vec() } else { body::own_body(random) };
    let mut lines = vec![[b"From: ".as_slice(), &own].concat()];
    let place = if random.chance(50) { 0 } else { 1 };
    let other = match random.below(4) {
        0 => hidden_in_text(random),
        1 => resent(random),
        _ => nearly(random),
    };
    lines.insert(place, other);
    around(random, &mut lines);
    finish(random, &lines)
}

/// A field whose name is an originator's, or nearly.
fn nearly(random: &mut Random) -> Vec<u8> {
    let name = random.pick(&ORIGINATORS).as_bytes();
    let mut field = Vec::new();
    match random.below(6) {
        0 | 1 => field.extend([random.pick(&AROUND).as_bytes(), name].concat()),
        2 | 3 => field.extend([name, random.pick(&AROUND).as_bytes()].concat()),
        4 => {
            let at = random.below(name.len() + 1);
            let odd = if random.chance(50) { random.pick(&AROUND).as_bytes() } else { body::odd(random) };
            field.extend([&name[..at], odd, &name[at..]].concat());
        }
        _ => field.extend([body::odd(random), name, body::odd(random)].concat()),
    }
    field.extend(random.pick(&[":", ":", ":", ": ", ": ", "", ";", " : ", "::", "\u{ff1a}"]).bytes());
    field.extend(body::victim_body(random));
    field
}

/// Text of another field that some program cuts into lines elsewhere.
fn hidden_in_text(random: &mut Random) -> Vec<u8> {
    let mut field = random
        .pick(&["Subject: hello", "To: you", "X-Note:", "Comments: a\r\n b", "Received: from a"])
        .as_bytes()
        .to_vec();
    field.extend(match random.below(6) {
        0 => b"\r\n ".as_slice(),
        1 => b"\r\n\t",
        2 => b"\\",
        _ => body::odd(random),
    });
    field.extend(random.pick(&["From: ", "From : ", "Sender: ", "\nFrom: ", "\r\n\u{b}From: ", "from:"]).bytes());
    field.extend(body::victim_body(random));
    field
}

fn resent(random: &mut Random) -> Vec<u8> {
    let mut field = random
        .pick(&["Resent-From: ", "Resent-Sender: ", "Sender: ", "Return-Path: ", "Reply-To: ", "Apparently-From: "])
        .as_bytes()
        .to_vec();
    let body = if random.chance(50) { body::own_body(random) } else { body::victim_body(random) };
    field.extend(body);
    field
}

fn around(random: &mut Random, lines: &mut Vec<Vec<u8>>) {
    for _ in 0..random.below(4) {
        let at = random.below(lines.len() + 1);
        lines.insert(at, random.pick(&OTHERS).as_bytes().to_vec());
    }
}

/// The lines, an empty one, and a body that begins like a header section.
fn finish(random: &mut Random, lines: &[Vec<u8>]) -> Vec<u8> {
    let mut message = lines.join(b"\r\n".as_slice());
    message.extend(b"\r\n\r\n");
    message.extend(random.pick(&["hello\r\n", "hello\r\n", "From: ceo@victim.example\r\n\r\nhello\r\n", ""]).bytes());
    // Mail of Unix: LF throughout.
    if random.chance(5) {
        message.retain(|&octet| octet != b'\r');
    }
    message
}
