//! What is judged and read: a message, or the reverse-path of an envelope.

use std::borrow::Cow;

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

    /// What the readers are given.
    pub(crate) fn message(&self) -> Cow<'_, [u8]> {
        if !self.path {
            return Cow::Borrowed(&self.octets);
        }
        Cow::Owned([b"From: <", self.octets.as_slice(), b">\r\nTo: you@rcpt.example\r\n\r\nhello\r\n"].concat())
    }
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
