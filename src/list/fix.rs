//! Applying all safe fixes of a list.

use super::{Lints, ListKind, parse_domain_list, parse_sender_list};
use crate::diagnostic::{Fix, Fixed, fix_rounds};

/// Applies all safe fixes of a list and reads it again, until none is left. Of two fixes that overlap it applies the
/// first. A second call changes nothing. "Fix all" in the form and in the command is this function.
///
/// A list over the limit stays as it is. So does a list for which more than 16 MiB would have to be read; only a list
/// made for that purpose needs so much.
///
/// ```
/// use sendergate::list::{ListKind, fix_all};
///
/// let fixed = fix_all(ListKind::Domains, "https://a.example, b.example;b.example");
/// assert_eq!(fixed.text, "a.example; b.example");
/// assert_eq!(fixed.applied.len(), 3);
/// ```
#[must_use]
pub fn fix_all(kind: ListKind, text: &str) -> Fixed {
    Fixed::of(text, |each| fix_list(kind, text, each))
}

/// [`fix_all`], which calls `each` after every round with the text and the fixes applied to it.
pub(crate) fn fix_list(kind: ListKind, text: &str, each: &mut dyn FnMut(&str, &[&Fix])) -> Option<String> {
    let read = |text: &str| match kind {
        ListKind::Domains => parse_domain_list(text, Lints::All).diagnostics,
        ListKind::Senders => parse_sender_list(text, Lints::All).diagnostics,
    };
    fix_rounds(text, &read, each)
}
