//! One address: local-part, `@`, domain (RFC 5322 section 3.4.1 without comments and folding).

use super::{Domain, GrammarError, LocalPart};

/// An address whose domain is a name. Address literals are not among them: no entry can authorize one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AddrSpec {
    local_part: LocalPart,
    domain: Domain,
}

impl AddrSpec {
    /// Reads an address without white space, comments or brackets.
    ///
    /// # Errors
    /// The first rule that the text breaks, and where.
    pub fn parse(text: &str) -> Result<Self, GrammarError> {
        let _ = text;
        todo!()
    }

    /// The local-part.
    #[must_use]
    pub const fn local_part(&self) -> &LocalPart {
        &self.local_part
    }

    /// The domain.
    #[must_use]
    pub const fn domain(&self) -> &Domain {
        &self.domain
    }

    /// The canonical text: the local-part as it was written, the domain in A-labels.
    #[must_use]
    pub fn canonical(&self) -> String {
        format!("{}@{}", self.local_part.as_written(), self.domain.as_ascii())
    }
}
