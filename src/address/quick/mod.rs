//! The quick ways for what nearly every address, domain and field is.
//!
//! One contract for all: each gives the answer of the way that looks at everything, or none, and then somebody has to
//! look more closely. Properties beside each hold it to that.

mod mailbox;
pub(crate) mod octets;
mod plain;

pub(crate) use mailbox::{plain_address, read_plain};
pub(crate) use octets::{SHORT_OCTETS, find_octet, fold_short_address, fold_short_domain};
pub(crate) use plain::{ATEXT_OR_DOT, KEY_OCTETS, Ldh, fold_ldh, fold_plain};
