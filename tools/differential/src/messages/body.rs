//! The body of an originator field: what stands in it comes from one grammar, whose depth is bounded.

use super::encoded_word::encoded_word;
use crate::random::Random;

const OWN: [&str; 6] = [
    "x@attacker.example",
    "x@attacker.example",
    "<x@attacker.example>",
    "<x@attacker.example>",
    " <x@attacker.example>",
    "<X@Attacker.Example>",
];
const VICTIM: [&str; 14] = [
    "ceo@victim.example",
    "ceo@victim.example",
    "ceo@victim.example",
    "<ceo@victim.example>",
    "<ceo@victim.example>",
    "@victim.example",
    ".victim.example",
    "victim.example",
    "ceo@",
    "ceo @ victim.example",
    "ceo@victim.example,",
    "ceo@victim.example;",
    "ceo@victim.example <x@attacker.example>",
    "ceo@sub.victim.example",
];
const SPECIALS: [&str; 22] = [
    ",", ",", ";", ":", "<", ">", "@", ".", "\\", "\"", "(", ")", "[", "]", "<>", "()", "\"\"", "\\\"", "\\)", "\\(",
    "%", "!",
];
const WORDS: [&str; 14] =
    ["Jo", "a", "Shop", "x", "From", "Sender", "Dr.", "J. R", "ceo", "undisclosed-recipients", "=", "=?", "?=", "-"];
const SPACES: [&str; 9] = [" ", " ", "", "", "\t", "\r\n ", "\r\n\t", "  ", " \r\n "];
/// Controls, octets that are no UTF-8, and characters that some take for others.
const ODD: [&[u8]; 34] = [
    b"\x01",
    b"\x08",
    b"\x0b",
    b"\x0c",
    b"\x1b",
    b"\x1c",
    b"\x1d",
    b"\x1e",
    b"\x1f",
    b"\x7f",
    b"\x80",
    b"\x85",
    b"\xa0",
    b"\xc1\x80",
    b"\xe0\x81\x80",
    b"\xff",
    b"\xc2\x85",
    b"\xc2\xa0",
    b"\xc2\xad",
    b"\xc3\xa9",
    b"\xe9",
    "\u{2028}".as_bytes(),
    "\u{2029}".as_bytes(),
    "\u{3000}".as_bytes(),
    "\u{3002}".as_bytes(),
    "\u{ff20}".as_bytes(),
    "\u{fe6b}".as_bytes(),
    "\u{ff0c}".as_bytes(),
    "\u{ff1c}".as_bytes(),
    "\u{200b}".as_bytes(),
    "\u{202e}".as_bytes(),
    "\u{feff}".as_bytes(),
    "\u{ff1e}".as_bytes(),
    "\u{d7}".as_bytes(),
];
/// What an encoded-word hides.
const HIDDEN: [&str; 18] = [
    "ceo@victim.example",
    "ceo@victim.example, ",
    "ceo@victim.example,",
    "<ceo@victim.example>",
    "\"ceo@victim.example\"",
    "ceo@victim.example <",
    "Jo <ceo@victim.example>,",
    "x\r\nFrom: ceo@victim.example",
    "x\nFrom: ceo@victim.example",
    "x\rFrom: ceo@victim.example\r",
    "ceo@victim.example\0",
    "Jo\u{2028}From: ceo@victim.example",
    "@victim.example",
    "(",
    "\"",
    "<ceo@victim.example> (",
    ">, <ceo@victim.example",
    "Jo",
];

/// Appends one of the grammar's sequences.
pub(crate) fn sequence(random: &mut Random, depth: usize, out: &mut Vec<u8>) {
    for _ in 0..=random.below(if depth == 0 { 5 } else { 3 }) {
        part(random, depth, out);
        out.extend(random.pick(&SPACES).bytes());
    }
}

fn part(random: &mut Random, depth: usize, out: &mut Vec<u8>) {
    let deep = if depth > 3 { 60 } else { 100 };
    match random.below(deep) {
        0..12 => out.extend(random.pick(&WORDS).bytes()),
        12..32 => out.extend(random.pick(&VICTIM).bytes()),
        32..40 => out.extend(random.pick(&OWN).bytes()),
        40..52 => out.extend(random.pick(&SPECIALS).bytes()),
        52..58 => out.extend(random.pick(&ODD)),
        58..60 => long(random, out),
        60..73 => enclosed(random, depth, "(", ")", out),
        73..84 => enclosed(random, depth, "\"", "\"", out),
        84..86 => enclosed(random, depth, "[", "]", out),
        86..88 => enclosed(random, depth, "<", ">", out),
        88..90 => enclosed(random, depth, "g:", ";", out),
        90..91 => out.extend(b"<@victim.example:x@attacker.example>"),
        _ => words(random, depth, out),
    }
}

/// What is opened is not always closed, and not always with nothing odd before the closing.
fn enclosed(random: &mut Random, depth: usize, open: &str, close: &str, out: &mut Vec<u8>) {
    out.extend(open.bytes());
    sequence(random, depth + 1, out);
    if random.chance(6) {
        out.push(b'\\');
    }
    if random.chance(92) {
        out.extend(close.bytes());
    }
}

/// Encoded-words in a row, one in another, or one cut in two.
fn words(random: &mut Random, depth: usize, out: &mut Vec<u8>) {
    let hidden = if random.chance(75) {
        random.pick(&HIDDEN).to_owned()
    } else {
        let mut inner = Vec::new();
        if random.chance(40) {
            let hidden = random.pick(&HIDDEN);
            inner = encoded_word(random, hidden);
        } else {
            sequence(random, depth + 2, &mut inner);
        }
        String::from_utf8_lossy(&inner).into_owned()
    };
    if random.chance(25) {
        let middle = hidden.char_indices().nth(random.below(hidden.chars().count().max(1))).map_or(0, |(at, _)| at);
        let (before, after) = hidden.split_at(middle);
        let (first, second) = (encoded_word(random, before), encoded_word(random, after));
        out.extend(first);
        out.extend(random.pick(&SPACES).bytes());
        out.extend(second);
    } else {
        let word = encoded_word(random, &hidden);
        out.extend(word);
    }
}

fn long(random: &mut Random, out: &mut Vec<u8>) {
    let count = [60, 75, 120, 250, 900, 1990, 2500][random.below(7)];
    let unit = random.pick(&["a", "a", "a ", "\u{e9}", "a,", "a\r\n ", "(", "=?utf-8?q?a?= ", "."]);
    out.extend(unit.bytes().cycle().take(count * if random.chance(50) { 1 } else { unit.len() }));
}

/// The body of a field of a sender who may send, with something beside his address.
pub(crate) fn own_body(random: &mut Random) -> Vec<u8> {
    let mut odd = Vec::new();
    match random.below(9) {
        0 => enclosed(random, 1, "(", ")", &mut odd),
        1 => enclosed(random, 1, "\"", "\"", &mut odd),
        2 => words(random, 1, &mut odd),
        3 => part(random, 0, &mut odd),
        _ => sequence(random, 0, &mut odd),
    }
    let space = random.pick(&SPACES).as_bytes();
    let bare: &[u8] = b"x@attacker.example";
    let angle: &[u8] = b"<x@attacker.example>";
    let mut second = Vec::new();
    match random.below(10) {
        0..4 => [&odd, space, angle].concat(),
        4 => [bare, space, &odd].concat(),
        5 => [angle, space, &odd].concat(),
        6 => [&odd, space, bare].concat(),
        7 => {
            part(random, 1, &mut second);
            [&odd, space, angle, &second].concat()
        }
        8 => [b"x", odd.as_slice(), b"@attacker.example"].concat(),
        _ => {
            part(random, 1, &mut second);
            [&odd, space, &second, angle].concat()
        }
    }
}

/// The body of a field that names the victim, plainly or oddly.
pub(crate) fn victim_body(random: &mut Random) -> Vec<u8> {
    let mut body = Vec::new();
    if random.chance(60) {
        body.extend(random.pick(&["ceo@victim.example", "Ceo <ceo@victim.example>", "<ceo@victim.example>"]).bytes());
    } else {
        sequence(random, 0, &mut body);
    }
    body
}

/// An octet or two that some program takes for nothing, for white space or for the end of a line.
pub(crate) fn odd(random: &mut Random) -> &'static [u8] {
    random.pick(&ODD)
}

/// A reverse-path of the sender's domain with something odd in it.
pub(crate) fn path(random: &mut Random) -> Vec<u8> {
    const ENDS: [&str; 6] = [
        "@attacker.example",
        "@attacker.example",
        "@attacker.example",
        "@attacker.example.",
        "@ATTACKER.example",
        "@[attacker.example]",
    ];
    let mut path = Vec::new();
    match random.below(9) {
        0 => enclosed(random, 2, "\"", "\"", &mut path),
        1 => part(random, 2, &mut path),
        2 => path.extend([random.pick(&VICTIM).as_bytes(), random.pick(&SPECIALS).as_bytes()].concat()),
        3 => path.extend(
            random
                .pick(&["@victim.example:x", "victim.example!x", "x%victim.example", "x(ceo@victim.example)", "x"])
                .bytes(),
        ),
        4 => {
            let hidden = random.pick(&HIDDEN);
            path.extend(encoded_word(random, hidden));
        }
        // What an atom may hold, and what a program may take for more.
        5 | 6 => {
            const ATOMS: [&str; 14] =
                ["ceo", "x", ".", "+", "=", "%", "!", "=40", "victim.example", "{", "|", "~", "\u{e9}", "\u{ff20}"];
            for _ in 0..=random.below(5) {
                path.extend(random.pick(&ATOMS).bytes());
            }
        }
        7 => path.extend(
            [b"\"".as_slice(), random.pick(&WORDS).as_bytes(), b" ", random.pick(&WORDS).as_bytes(), b"\""].concat(),
        ),
        _ => sequence(random, 2, &mut path),
    }
    path.extend(random.pick(&ENDS).bytes());
    if random.chance(15) {
        part(random, 2, &mut path);
    }
    path
}
