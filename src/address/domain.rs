//! Domains, compared by A-label (UTS #46, non-transitional, STD3, DNS lengths verified).

use super::GrammarError;
use std::borrow::Cow;

/// A domain of at least two labels, in lower-case A-label form.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Domain {
    ascii: Box<str>,
}

impl Domain {
    /// Reads a domain, in A-labels or U-labels, without white space around it.
    ///
    /// # Errors
    /// The first rule that the text breaks, and where.
    pub fn parse(text: &str) -> Result<Self, GrammarError> {
        let _ = text;
        todo!()
    }

    /// The lower-case A-label form.
    #[must_use]
    pub fn as_ascii(&self) -> &str {
        &self.ascii
    }

    /// The U-label form, for display.
    #[must_use]
    pub fn to_unicode(&self) -> Cow<'_, str> {
        todo!()
    }
}
