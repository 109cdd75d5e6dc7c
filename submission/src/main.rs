//! The SMTP door.
fn main() {}
