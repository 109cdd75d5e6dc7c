//! Turns a grammar error of an item into a diagnostic with its fix.

use super::affixes::is_dot;
use super::faults::{Core, Item};
use super::separated::slice;
use crate::address::GrammarError;
use crate::diagnostic::{Code, Edit, Fix, Problem};

impl Item<'_> {
    /// Reports a grammar error of the clean text that begins at `base`.
    #[inline(never)]
    pub(super) fn report_grammar(&mut self, error: GrammarError, base: usize, whole: &str) {
        let core = Core { start: base + error.span.start, end: base + error.span.end };
        let fix = self.grammar_fix(error.code, core, base, whole);
        self.report(problem(error.code, self.text_of(core), whole), core, fix);
    }

    /// The fix of a grammar error, if the correction is plain.
    #[inline(never)]
    fn grammar_fix(&self, code: Code, core: Core, base: usize, whole: &str) -> Option<Fix> {
        if code == Code::TrailingDot {
            Some(self.cut("remove the dot", core))
        } else if code == Code::EmptyLabel && core.start == base {
            // A leading dot may mean every subdomain.
            Some(Fix { safe: false, ..self.cut("remove the dot", core) })
        } else if code == Code::EmptyLabel {
            Some(Fix::replace("write one dot", self.span(core), ".", true))
        } else if code == Code::Underscore {
            let rest = slice(self.clean, core.start, base + whole.len());
            let label = rest.split(is_dot).next().unwrap_or(rest);
            let edit = |(at, _)| Edit {
                span: self.span(Core { start: core.start + at, end: core.start + at + 1 }),
                replacement: "-".into(),
            };
            Some(Fix { title: "write `-`".into(), edits: label.match_indices('_').map(edit).collect(), safe: false })
        } else {
            None
        }
    }
}

/// The problem for a grammar rule, with the values for its message: `part` breaks the rule, `whole` is the text.
fn problem<'a>(code: Code, part: &'a str, whole: &'a str) -> Problem<'a> {
    match (code, part.chars().next()) {
        (Code::EmptyDomain, _) => Problem::EmptyDomain,
        (Code::EmptyLabel, _) => Problem::EmptyLabel { domain: whole },
        (Code::TrailingDot, _) => Problem::TrailingDot { domain: whole },
        (Code::SingleLabel, _) => Problem::SingleLabel { domain: whole },
        (Code::LabelTooLong, _) => Problem::LabelTooLong { label: part },
        (Code::DomainTooLong, _) => Problem::DomainTooLong { domain: whole },
        (Code::LabelHyphen, _) => Problem::LabelHyphen { label: part },
        (Code::Underscore, _) => Problem::Underscore { domain: whole },
        (Code::DomainCharacter, Some(character)) => Problem::DomainCharacter { character },
        (Code::InvalidIdna, _) => Problem::InvalidIdna { domain: whole },
        (Code::IpLiteral, _) => Problem::IpLiteral { domain: whole },
        (Code::AtMissing, _) => Problem::AtMissing { address: whole },
        (Code::LocalPartEmpty, _) => Problem::LocalPartEmpty { address: whole },
        (Code::LocalPartTooLong, _) => Problem::LocalPartTooLong { address: whole },
        (Code::LocalPartDot, _) => Problem::LocalPartDot { address: whole },
        (Code::LocalPartCharacter, Some(character)) => Problem::LocalPartCharacter { character },
        (Code::LocalPartQuote, _) => Problem::LocalPartQuote { address: whole },
        (Code::AddressTooLong, _) => Problem::AddressTooLong { address: whole },
        (other, _) => {
            debug_assert!(other == Code::InvalidItem, "a grammar says what no row above speaks of");
            Problem::InvalidItem { item: whole }
        }
    }
}
