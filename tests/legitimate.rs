//! Mail of real programs: authorized with the lists of its sender, unauthorized with those of another.

mod common;

use std::collections::BTreeSet;

#[test]
fn real_mail_is_authorized() {
    common::legitimate::run().assert(110);
}

#[test]
fn every_file_has_its_row() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/legitimate");
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".eml"))
        .collect();
    let table = common::table(common::legitimate::TABLE);
    let rows: BTreeSet<String> = common::rows(&table).iter().map(|row| common::text(row, "file").to_owned()).collect();
    assert_eq!(files, rows);
    let programs: BTreeSet<&str> = common::rows(&table).iter().map(|row| common::text(row, "program")).collect();
    assert!(programs.len() >= 8, "{programs:?}");
}
