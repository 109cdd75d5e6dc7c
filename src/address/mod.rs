//! Addresses and their parts, by RFC 5321, 5322, 5890, 6531 and 6532.

mod addr_spec;
mod charset;
mod display_names;
mod domain;
mod element;
mod encoded_word;
mod hidden;
mod identity;
mod inside;
mod local_part;
mod loose;
mod mailbox;
mod path;
pub(crate) mod quick;
mod reading;
mod strict;
mod tokens;
mod typo;

pub use addr_spec::AddrSpec;
pub(crate) use charset::Charset;
pub use display_names::addresses_in_names;
pub use domain::Domain;
pub(crate) use encoded_word::EncodedWord;
pub(crate) use hidden::{MAX_NESTED, holds_hidden_field};
pub use identity::{Identities, Identity};
pub use local_part::LocalPart;
pub(crate) use local_part::is_atext;
pub(crate) use local_part::routes;
pub use mailbox::read_mailboxes;
pub use path::{PathProblem, read_reverse_path};
pub(crate) use quick::mailbox::{plain_address, read_plain};
#[cfg(feature = "wasm")]
pub(crate) use quick::octets::find_octet;
pub(crate) use quick::octets::{SHORT_OCTETS, fold_short_address};
pub(crate) use quick::plain::{KEY_OCTETS, fold_plain};
pub use reading::{FoundAddress, LooseName, MAX_FIELD_OCTETS, MailboxProblem, MailboxReading};
pub(crate) use typo::is_typo;

use crate::diagnostic::{Code, Span};
use std::error::Error;
use std::fmt;

/// The grammar rule that a text breaks, and the place.
///
/// ```
/// use sendergate::address::AddrSpec;
/// let error = "info@a.example.".parse::<AddrSpec>().unwrap_err();
/// assert_eq!(error.to_string(), "the domain ends in a dot [trailing-dot, octets 14..15]");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GrammarError {
    /// The rule, as the code of its diagnostic.
    pub code: Code,
    /// The place, in bytes of the parsed text.
    pub span: Span,
}

impl GrammarError {
    pub(crate) const fn new(code: Code, start: usize, end: usize) -> Self {
        Self { code, span: Span::new(start, end) }
    }
}

impl fmt::Display for GrammarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code.in_general())?;
        write!(f, " [{}, octets {}]", self.code, self.span)
    }
}

impl Error for GrammarError {}
