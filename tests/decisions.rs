//! The decision table.

mod common;

#[test]
fn decisions() {
    common::decisions::run().assert(350);
}
