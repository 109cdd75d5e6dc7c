//! What a `*` means in the list of senders.

use super::entry::{EVERY_DETAIL, SenderKind};
use crate::address::routes;

/// What is wrong with a `*` in the list of senders.
#[derive(Clone, Copy)]
pub(super) enum WrongStar {
    /// It stands for sub-addresses of what routes.
    Routes,
    /// It stands where it does not stand for sub-addresses.
    Place,
}

/// What a local-part says in the list of senders. In quotes a `*` means the character.
pub(super) fn kind_of(local_part: &str) -> Result<SenderKind, WrongStar> {
    // Without branches: nearly every one has none.
    if !local_part.bytes().fold(false, |found, octet| found | (octet == b'*')) || local_part.starts_with('"') {
        return Ok(SenderKind::Address);
    }
    match local_part.strip_suffix(EVERY_DETAIL) {
        Some(whose) if routes(whose.as_bytes()) => Err(WrongStar::Routes),
        Some(whose) if names(whose) => Ok(SenderKind::SubAddresses),
        _ => Err(WrongStar::Place),
    }
}

/// The local-part that a `*` at its end, and nowhere else, was nearly one of: `info+*` for `info*`, `info+**` and
/// `info+news*`.
pub(super) fn nearly_sub_addresses(local_part: &str) -> Option<String> {
    let start = local_part.trim_end_matches('*');
    let whose = start.rfind('+').and_then(|plus| start.get(..plus)).unwrap_or(start);
    (names(whose) && !routes(whose.as_bytes())).then(|| [whose, EVERY_DETAIL].concat())
}

/// Whether the beginning of a Dot-string is one without a `*` itself.
fn names(whose: &str) -> bool {
    !whose.is_empty() && !whose.contains('*') && !whose.ends_with('.')
}

/// The addresses that a local-part may be a sub-address of, the nearest first: what stands before each of its `+`
/// (RFC 5233 section 4), with or without a detail behind it. What routes is no sub-address.
pub(super) fn whose_sub_address(key: &str) -> impl Iterator<Item = &str> {
    let pluses = if routes(key.as_bytes()) { "" } else { key };
    pluses.rmatch_indices('+').filter(|&(plus, _)| plus > 0).filter_map(|(plus, _)| key.get(..plus))
}
