//! Builds the compact tables that the engine carries: public suffixes and script runs.
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
}
