//! Examples and limits of RFC 5321, 5322, 6531, 6532 and related standards.

mod common;

#[test]
fn addresses_of_the_standards() {
    common::addresses::run().assert(110);
}
