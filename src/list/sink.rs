//! Collects the diagnostics of a list.

use super::Lints;
use crate::diagnostic::{Diagnostic, Problem, Severity, Span, fix_round};
use crate::order::sort_by;

/// The most errors of one list, and the number of diagnostics after which warnings are dropped. A list of 1 MiB could
/// have a million. One `more-problems` stands for all that were dropped.
pub(super) const MAX_DIAGNOSTICS: usize = 1 << 17;

/// The diagnostics of one list.
pub(super) struct Sink {
    pub(super) lints: Lints,
    diagnostics: Vec<Diagnostic>,
    errors: usize,
    dropped: bool,
}

impl Sink {
    pub(super) const fn new(lints: Lints) -> Self {
        Self { lints, diagnostics: Vec::new(), errors: 0, dropped: false }
    }

    /// Whether warnings are wanted.
    pub(super) fn warns(&self) -> bool {
        self.lints == Lints::All
    }

    #[inline(never)]
    pub(super) fn push(&mut self, diagnostic: Diagnostic) {
        let is_error = diagnostic.severity() == Severity::Error;
        if !is_error && !self.warns() {
            return;
        }
        let room = if is_error { self.errors } else { self.diagnostics.len() } < MAX_DIAGNOSTICS;
        if room {
            self.errors += usize::from(is_error);
            self.diagnostics.push(diagnostic);
        } else {
            self.dropped = true;
        }
    }

    /// The number of errors.
    pub(super) const fn errors(&self) -> usize {
        self.errors
    }

    /// The diagnostics, in the order of the text. `entries`: the list has an entry.
    pub(super) fn finish(self, text: &str, entries: bool) -> Vec<Diagnostic> {
        let mut diagnostics = self.diagnostics;
        in_order(&mut diagnostics);
        if !entries {
            mark_emptying_fixes_unsafe(text, &mut diagnostics);
        }
        if self.dropped {
            let end = diagnostics.last().and_then(|last| last.span).map_or(0, |span| span.end);
            diagnostics.push(Diagnostic::at(Problem::MoreProblems, Span::new(end.min(text.len()), text.len())));
        }
        diagnostics
    }
}

/// An empty list may authorize every sender, so fixes that leave no entry are not safe.
#[cold]
fn mark_emptying_fixes_unsafe(text: &str, diagnostics: &mut [Diagnostic]) {
    let mended = fix_round(text, &mut diagnostics.iter().filter_map(|it| it.fix.as_ref()));
    if mended.is_some_and(|(_, mended)| mended.chars().all(|it| it == ';' || it.is_whitespace())) {
        for fix in diagnostics.iter_mut().filter_map(|diagnostic| diagnostic.fix.as_mut()) {
            fix.safe = false;
        }
    }
}

/// Sorts diagnostics by their place in the text.
pub(super) fn in_order(diagnostics: &mut [Diagnostic]) {
    sort_by(diagnostics, |diagnostic| {
        diagnostic.span.and_then(|span| u32::try_from(span.start).ok()).unwrap_or(u32::MAX)
    });
}
