//! Every limit that a message names, written once: the rule and the message that tells of it take it from here.

/// A list longer than this many bytes is refused (`list-too-long`).
pub const MAX_LIST_BYTES: usize = 1024 * 1024;
/// How many characters a username may have.
pub const MAX_USERNAME: usize = 64;
/// How many code points a note may have.
pub const MAX_NOTE: usize = 2_000;
/// RFC 1035 section 2.3.4.
pub(crate) const MAX_LABEL_OCTETS: usize = 63;
/// RFC 1035 section 2.3.4, without the root label.
pub(crate) const MAX_DOMAIN_OCTETS: usize = 253;
/// RFC 5321 section 4.5.3.1.1.
pub(crate) const MAX_LOCAL_PART_OCTETS: usize = 64;
/// RFC 5321 section 4.5.3.1.3: a path is 256 octets at most, angle brackets and all.
pub(crate) const MAX_ADDRESS_OCTETS: usize = 254;

/// How many digits the longest number has.
pub(super) const MOST_DIGITS: usize = 20;

/// The digits of a number at the end of a buffer, and how many there are.
pub(super) const fn digits(mut number: usize) -> ([u8; MOST_DIGITS], usize) {
    let mut buffer = [b'0'; MOST_DIGITS];
    let mut rest: &mut [u8] = &mut buffer;
    let mut count = 0;
    while let [others @ .., last] = rest {
        *last = b'0' + (number % 10) as u8;
        number /= 10;
        count += 1;
        if number == 0 {
            break;
        }
        rest = others;
    }
    (buffer, count)
}

/// A number in decimal digits, made when the crate is compiled.
macro_rules! decimal {
    ($number:expr) => {{
        const DIGITS: ([u8; crate::diagnostic::limits::MOST_DIGITS], usize) =
            crate::diagnostic::limits::digits($number);
        const TEXT: &str = {
            let (_, shown) = DIGITS.0.split_at(DIGITS.0.len() - DIGITS.1);
            match std::str::from_utf8(shown) {
                Ok(text) => text,
                Err(_) => "",
            }
        };
        TEXT
    }};
}
pub(super) use decimal;

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_are_written_as_people_write_them() {
        let written: [&str; 5] = [decimal!(0), decimal!(9), decimal!(10), decimal!(1_048_576), decimal!(usize::MAX)];
        assert_eq!(written, ["0", "9", "10", "1048576", &usize::MAX.to_string()]);
    }
}
