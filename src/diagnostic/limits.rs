//! The limits that messages name. Each rule and its message use the same constant.

/// A list longer than this many bytes is refused (`list-too-long`).
pub const MAX_LIST_BYTES: usize = 1024 * 1024;
/// The most characters of a username.
pub const MAX_USERNAME: usize = 64;
/// The most code points of a note.
pub const MAX_NOTE: usize = 2_000;
/// The longest label (RFC 1035 section 2.3.4).
pub(crate) const MAX_LABEL_OCTETS: usize = 63;
/// The longest domain (RFC 1035 section 2.3.4), without the root label.
pub(crate) const MAX_DOMAIN_OCTETS: usize = 253;
/// The longest local-part (RFC 5321 section 4.5.3.1.1).
pub(crate) const MAX_LOCAL_PART_OCTETS: usize = 64;
/// The longest address: a path has at most 256 octets with its angle brackets (RFC 5321 section 4.5.3.1.3).
pub(crate) const MAX_ADDRESS_OCTETS: usize = 254;

/// The digits of the longest number.
pub(super) const MOST_DIGITS: usize = 20;

/// The digits of a number, at the end of a buffer, and their count.
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

/// A number in decimal digits, made at compile time.
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
