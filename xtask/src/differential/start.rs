//! How to start a reader.

use std::path::Path;

use super::Start;

pub(super) fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

pub(super) fn start(name: &str, command: &[&str]) -> Vec<Start> {
    let command = command.iter().map(|&word| word.to_owned()).collect();
    vec![Start { name: name.to_owned(), command, share: 1 }]
}
