//! Conformance with Unicode Technical Standard 46.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod common;

use std::process::Command;

/// The file in the source of the `idna` crate, where cargo stores it.
fn idna_test_v2() -> String {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .unwrap();
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let metadata = common::table(&String::from_utf8(metadata.stdout).unwrap());
    let packages = metadata["packages"].as_array().unwrap();
    let idna = packages.iter().find(|package| package["name"] == "idna").unwrap();
    let manifest = std::path::Path::new(idna["manifest_path"].as_str().unwrap());
    std::fs::read_to_string(manifest.with_file_name("tests").join("IdnaTestV2.txt")).unwrap()
}

#[test]
fn idna_test_v2_with_every_departure_named() {
    common::idna::run(&idna_test_v2()).assert(6000);
}
