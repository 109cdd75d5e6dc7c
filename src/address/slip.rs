//! Whether two texts differ as a slip of the hand makes them differ.

/// One character added, left out or replaced, or two neighbours exchanged (Damerau distance of one).
pub(crate) fn is_slip(one: &str, other: &str) -> bool {
    let (mut one, mut other) = (one.as_bytes(), other.as_bytes());
    if one.len().abs_diff(other.len()) > 1 {
        return false;
    }
    while let (Some((a, rest)), Some((b, others))) = (one.split_first(), other.split_first())
        && a == b
    {
        (one, other) = (rest, others);
    }
    while let (Some((a, rest)), Some((b, others))) = (one.split_last(), other.split_last())
        && a == b
    {
        (one, other) = (rest, others);
    }
    match (one, other) {
        ([_], [] | [_]) | ([], [_]) => true,
        ([a, b], [c, d]) => a == d && b == c,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_slip;

    #[test]
    fn one_step_apart() {
        for (one, other, slip) in [
            ("example", "exmaple", true),
            ("example", "exmple", true),
            ("example", "exxample", true),
            ("example", "exampla", true),
            ("example", "example", false),
            ("example", "exapmel", false),
            ("abcd", "badc", false),
            ("", "a", true),
            ("", "ab", false),
        ] {
            assert_eq!(is_slip(one, other), slip, "{one} {other}");
            assert_eq!(is_slip(other, one), slip, "{other} {one}");
        }
    }
}
