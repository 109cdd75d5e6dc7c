//! All safe fixes of a list.

use super::{Lints, parse_domain_list, parse_sender_list};
use crate::diagnostic::{Fix, Fixed, fix_rounds};
use crate::named::named;

/// Which of the two lists a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ListKind {
    /// The authorized domains.
    Domains,
    /// The authorized senders.
    Senders,
}

impl ListKind {
    /// Both.
    pub const ALL: &'static [Self] = &[Self::Domains, Self::Senders];

    /// The name used outside.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Domains => "domains",
            Self::Senders => "senders",
        }
    }
}

named!(ListKind: "list");

/// Applies every safe fix of a list, in order and but for those that overlap one before them, and reads the list again,
/// until none is left: what "fix all" does in the form and in the command. A second call changes nothing.
///
/// A list over the limit has nothing to fix. Nor has one that takes more than 16 MiB of reading: no list does that is
/// not made for it.
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

/// [`fix_all`], told round by round.
pub(crate) fn fix_list(kind: ListKind, text: &str, each: &mut dyn FnMut(&str, &[&Fix])) -> Option<String> {
    let read = |text: &str| match kind {
        ListKind::Domains => parse_domain_list(text, Lints::All).diagnostics,
        ListKind::Senders => parse_sender_list(text, Lints::All).diagnostics,
    };
    fix_rounds(text, &read, each)
}
