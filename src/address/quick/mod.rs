//! The quick ways for what nearly every address, domain and field is.
//!
//! One contract for all: each gives the answer of the way that looks at everything, or none, and then somebody has to
//! look more closely. Properties beside each hold it to that.

pub(crate) mod mailbox;
pub(crate) mod octets;
pub(crate) mod plain;
