//! The rows of the engine's own tables, each changed by a few strokes.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::body;
use crate::random::Random;

/// What is changed: whole messages that begin with a header section.
pub(crate) struct Rows(Vec<Vec<u8>>);

impl Rows {
    /// Reads the tables below `tests/data`; a table that is not there is an error.
    pub(crate) fn read(root: &Path) -> Result<Self, String> {
        let mut rows = Vec::new();
        let data = root.join("tests/data");
        for row in list(&data.join("attacks.json"), true)? {
            if let Some(header) = row["header"].as_str() {
                rows.push(for_the_own_domain(header.as_bytes(), false));
            }
        }
        for row in list(&data.join("mailboxes.json"), false)? {
            if let Some(body) = row["input"].as_str() {
                let message = format!("From: {body}\r\nTo: you@rcpt.example\r\n\r\n");
                rows.push(for_the_own_domain(message.as_bytes(), true));
            }
        }
        for row in list(&data.join("originators.json"), false)? {
            if let Some(header) = row["input"].as_str() {
                rows.push(for_the_own_domain(header.as_bytes(), true));
            }
        }
        if rows.is_empty() {
            return Err("the tables in tests/data hold no message".to_owned());
        }
        Ok(Self(rows))
    }

    /// A row, changed.
    pub(crate) fn changed(&self, random: &mut Random) -> Vec<u8> {
        let mut message = self.0[random.below(self.0.len())].clone();
        for _ in 0..random.below(4) {
            self.stroke(random, &mut message);
        }
        message
    }

    fn stroke(&self, random: &mut Random, message: &mut Vec<u8>) {
        // Most strokes fall into the first lines, where the originators stand.
        let within = if random.chance(80) { message.len().min(160) } else { message.len() };
        let at = random.below(within + 1);
        let end = (at + 1 + random.below(12)).min(message.len());
        match random.below(6) {
            0 => drop(message.drain(at.min(end)..end)),
            1 => drop(message.splice(at..at, body::odd(random).iter().copied())),
            2 => {
                let copy = message[at.min(end)..end].to_vec();
                let to = random.below(message.len() + 1);
                message.splice(to..to, copy);
            }
            3 => {
                let mut part = Vec::new();
                body::sequence(random, 2, &mut part);
                message.splice(at..at, part);
            }
            4 => {
                let other = &self.0[random.below(self.0.len())];
                let from = random.below(other.len());
                let part = other[from..other.len().min(from + 1 + random.below(60))].to_vec();
                message.splice(at..at, part);
            }
            _ => {
                let special = random.pick(&[
                    "\"",
                    "(",
                    ")",
                    "\\",
                    "<",
                    ">",
                    ",",
                    ";",
                    ":",
                    "@",
                    " ",
                    "\r\n ",
                    "=?utf-8?q?",
                    "?=",
                ]);
                message.splice(at..at, special.bytes());
            }
        }
    }
}

fn list(path: &Path, inside: bool) -> Result<Vec<Value>, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let table: Value = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let rows = if inside { &table["rows"] } else { &table };
    rows.as_array().cloned().ok_or_else(|| format!("{} is no list of rows", path.display()))
}

/// The domains of a table's examples become the sender's own; with `second`, every other one the victim's.
fn for_the_own_domain(text: &[u8], second: bool) -> Vec<u8> {
    let mut text = String::from_utf8_lossy(text).replace("@PAD@", "a");
    text = text
        .replace("mallory@attacker.example", "x@attacker.example")
        .replace("admin@victim.example", "ceo@victim.example");
    if second {
        for (example, name) in [
            ("@a.example", "@attacker.example"),
            ("@b.example", "@attacker.example"),
            ("@c.example", "@victim.example"),
            ("@y.example", "@victim.example"),
            ("@d.example", "@victim.example"),
        ] {
            text = text.replace(example, name);
        }
    }
    text.into_bytes()
}
