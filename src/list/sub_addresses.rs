//! The meaning of `*` in the list of senders.

use super::entry::{EVERY_DETAIL, SenderKind};
use crate::address::routes;

/// Why a `*` in the list of senders is an error.
#[derive(Clone, Copy)]
pub(super) enum WildcardError {
    /// It would mean sub-addresses of a local-part that routes.
    Routes,
    /// It is in the wrong place to mean sub-addresses.
    Place,
}

/// The kind of entry that a local-part is. In quotes a `*` is the character.
pub(super) fn kind_of(local_part: &str) -> Result<SenderKind, WildcardError> {
    // Branchless, since nearly no local-part has a `*`.
    if !local_part.bytes().fold(false, |found, octet| found | (octet == b'*')) || local_part.starts_with('"') {
        return Ok(SenderKind::Address);
    }
    match local_part.strip_suffix(EVERY_DETAIL) {
        Some(whose) if routes(whose.as_bytes()) => Err(WildcardError::Routes),
        Some(whose) if names(whose) => Ok(SenderKind::SubAddresses),
        _ => Err(WildcardError::Place),
    }
}

/// The likely meaning of a local-part with a `*` only at its end: `info+*` for `info*`, `info+**` and `info+news*`.
pub(super) fn likely_sub_addresses(local_part: &str) -> Option<String> {
    let start = local_part.trim_end_matches('*');
    let whose = start.rfind('+').and_then(|plus| start.get(..plus)).unwrap_or(start);
    (names(whose) && !routes(whose.as_bytes())).then(|| [whose, EVERY_DETAIL].concat())
}

/// Whether the start of a Dot-string is a Dot-string itself, without a `*`.
fn names(whose: &str) -> bool {
    !whose.is_empty() && !whose.contains('*') && !whose.ends_with('.')
}

/// The local-parts that this one is a sub-address of (RFC 5233 section 4), longest first: the text before each `+`,
/// whether a detail follows or not. A local-part that routes is no sub-address.
pub(super) fn base_local_parts(key: &str) -> impl Iterator<Item = &str> {
    let pluses = if routes(key.as_bytes()) { "" } else { key };
    pluses.rmatch_indices('+').filter(|&(plus, _)| plus > 0).filter_map(|(plus, _)| key.get(..plus))
}
