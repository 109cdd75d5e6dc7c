//! The decision table, and the table of stored findings.

mod common;

#[test]
fn decisions() {
    common::decisions::run().assert(350);
}

#[test]
fn findings_that_were_kept() {
    common::rejudging::run().assert(30);
}
