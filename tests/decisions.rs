//! The decision table, and that of findings that were kept.

mod common;

#[test]
fn decisions() {
    common::decisions::run().assert(350);
}

#[test]
fn findings_that_were_kept() {
    common::rejudging::run().assert(30);
}
