//! What is judged and read: a message, or the reverse-path of an envelope.

use sendergate::message::{Completion, apply_edits, header_edits};

use crate::engine::Engine;
use crate::messages::{Rows, message, path};
use crate::random::Random;

/// One of so many is a reverse-path.
const PATHS: u64 = 12;

/// What is judged. What is read of a reverse-path is a field that holds it: the readers know no envelope.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Case {
    pub(crate) path: bool,
    pub(crate) octets: Vec<u8>,
}

impl Case {
    /// The case of one number. The same number gives the same case.
    pub(crate) fn made(seed: u64, number: u64, rows: &Rows) -> Self {
        if number % PATHS == PATHS - 1 {
            let mut random = Random::new(seed.wrapping_mul(998_244_353).wrapping_add(number));
            return Self { path: true, octets: path(&mut random) };
        }
        Self { path: false, octets: message(seed, number, rows) }
    }

    /// The same kind of case with other octets.
    pub(crate) fn with(&self, octets: &[u8]) -> Self {
        Self { path: self.path, octets: octets.to_vec() }
    }

    pub(crate) fn is_authorized(&self, engine: &Engine) -> bool {
        if self.path { engine.authorizes_path(&self.octets) } else { engine.authorizes(&self.octets) }
    }

    /// What the readers are given: what leaves the gate.
    pub(crate) fn message(&self) -> Vec<u8> {
        if !self.path {
            return edited(&self.octets);
        }
        [b"From: <", self.octets.as_slice(), b">\r\nTo: you@rcpt.example\r\n\r\nhello\r\n"].concat()
    }
}

/// What the gate sends of a message: a name that breaks the grammar goes out in quotes.
pub(crate) fn edited(message: &[u8]) -> Vec<u8> {
    let Ok(completion) = Completion::new("gate.example", "1@gate.example", 1_795_507_509, None) else {
        return message.to_vec();
    };
    apply_edits(message, &header_edits(message, true, &completion))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Case;
    use crate::engine::Engine;
    use crate::messages::Rows;

    #[test]
    fn a_number_gives_the_same_case_and_the_engine_authorizes_some() {
        let rows = Rows::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).unwrap();
        let engine = Engine::new();
        let cases: Vec<Case> = (0..3_000).map(|number| Case::made(1, number, &rows)).collect();
        assert!((0..3_000).all(|number| Case::made(1, number, &rows) == cases[usize::try_from(number).unwrap()]));
        for path in [true, false] {
            let authorized = cases.iter().filter(|case| case.path == path && case.is_authorized(&engine)).count();
            assert!(authorized > 20, "paths {path}: {authorized}");
        }
    }
}
