//! Whether two texts are one typing error apart.

/// One octet added, left out or replaced, or two neighbours exchanged: a Damerau-Levenshtein distance of one.
pub(crate) fn is_typo(one: &str, other: &str) -> bool {
    let (mut one, mut other) = (one.as_bytes(), other.as_bytes());
    if one.len().abs_diff(other.len()) > 1 {
        return false;
    }
    while let (Some((a, rest)), Some((b, others))) = (one.split_first(), other.split_first())
        && a == b
    {
        (one, other) = (rest, others);
    }
    // The first difference is here. What follows it must be equal.
    let (shorter, longer) = if one.len() < other.len() { (one, other) } else { (other, one) };
    match (shorter, longer) {
        (_, [_, rest @ ..]) if shorter.len() == rest.len() => shorter == rest,
        ([a, b, rest @ ..], [c, d, others @ ..]) if a == d && b == c => rest == others,
        ([_, rest @ ..], [_, others @ ..]) => rest == others,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_typo;

    #[test]
    fn one_step_apart() {
        for (one, other, typo) in [
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
            assert_eq!(is_typo(one, other), typo, "{one} {other}");
            assert_eq!(is_typo(other, one), typo, "{other} {one}");
        }
    }
}
