//! Local-parts: Dot-string or Quoted-string (RFC 5321 section 4.1.2, with UTF-8 by RFC 6531 section 3.3).

use super::GrammarError;

/// A local-part, as it was written and as it compares.
#[derive(Clone, Debug)]
pub struct LocalPart {
    written: Box<str>,
    key: Box<str>,
}

impl LocalPart {
    /// Reads a Dot-string or a Quoted-string.
    ///
    /// # Errors
    /// The first rule that the text breaks, and where.
    pub fn parse(text: &str) -> Result<Self, GrammarError> {
        let _ = text;
        todo!()
    }

    /// As it was written, quotes and all.
    #[must_use]
    pub fn as_written(&self) -> &str {
        &self.written
    }

    /// What it compares by: unquoted, NFC, ASCII letters in lower case.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl PartialEq for LocalPart {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}
impl Eq for LocalPart {}
impl std::hash::Hash for LocalPart {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}
