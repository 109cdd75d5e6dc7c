//! Ways to mend what a diagnostic complains of.

use super::Span;
use crate::order::sort_by;

/// One replacement in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// What stands there afterwards.
    pub replacement: String,
}

/// A way to mend what a diagnostic complains of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What the fix does, as the words of a button.
    pub title: String,
    /// The edits; they do not overlap.
    pub edits: Vec<Edit>,
    /// Whether it says what was plainly meant and widens nothing.
    pub safe: bool,
}

impl Fix {
    /// A fix of a single edit.
    #[must_use]
    #[inline(never)]
    pub fn replace(title: &str, span: Span, with: &str, safe: bool) -> Self {
        Self { title: title.into(), edits: vec![Edit { span, replacement: with.into() }], safe }
    }

    /// `text` with every edit made.
    #[must_use]
    pub fn apply(&self, text: &str) -> String {
        let mut edits: Vec<&Edit> = self.edits.iter().collect();
        sort_by(&mut edits, |edit| u32::try_from(edit.span.start).unwrap_or(u32::MAX));
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for edit in edits {
            out.push_str(text.get(at..edit.span.start).unwrap_or_default());
            out.push_str(&edit.replacement);
            at = edit.span.end;
        }
        out.push_str(text.get(at..).unwrap_or_default());
        out
    }
}
