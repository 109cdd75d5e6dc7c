//! Reports every problem of an item that is no entry.
//!
//! An item is taken apart from the outside in: invisible characters, comments, brackets, parts of a URL. The rest is a
//! domain or an address, whose grammar is checked label by label. Each problem has its own span, and its fix changes
//! only that span.

use super::affixes::{is_dot, is_wide_dot, quoted_length, scheme_length, scrub, wrapped_in_quotes};
use super::separated::{comment_end, slice};
use super::sink::Sink;
use super::sub_addresses::{WildcardError, kind_of, likely_sub_addresses};
use crate::address::{AddrSpec, Domain, GrammarError, LocalPart};
use crate::diagnostic::{Code, Diagnostic, Edit, Fix, Problem, Span};

/// Reports the problems of an item in the list of domains.
#[cold]
pub(super) fn of_domain_item(text: &str, item: Span, sink: &mut Sink) {
    Item::examine(text, item, sink, |item, core| {
        let Some(core) = item.unwrap(core, true) else { return };
        let Some(core) = item.strip_url(core) else { return };
        match item.text_of(core).find('@') {
            Some(0) => {
                let ats = item.text_of(core).len() - item.text_of(core).trim_start_matches('@').len();
                let at = Core { end: core.start + ats, ..core };
                let fix = item.cut("remove the `@`", at);
                item.report(Problem::LeadingAt, at, Some(fix));
                item.domain(Core { start: at.end, ..core }, true);
            }
            Some(_) => item.address_among_domains(core, core),
            None => item.domain(core, true),
        }
    });
}

/// Reports the problems of an item in the list of senders.
#[cold]
pub(super) fn of_sender_item(text: &str, item: Span, sink: &mut Sink) {
    Item::examine(text, item, sink, |item, core| {
        let Some(core) = item.unwrap(core, false) else { return };
        let Some(core) = item.strip_url(core) else { return };
        item.sender(core);
    });
}

/// A part of an item's cleaned text.
#[derive(Clone, Copy)]
pub(super) struct Core {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The item that is examined.
pub(super) struct Item<'a> {
    /// The text without the characters that were already reported and cut.
    pub(super) clean: &'a str,
    /// The cuts: each with its place in the clean text, and the number of bytes that were cut up to there.
    cut: &'a [(usize, usize)],
    span: Span,
    sink: &'a mut Sink,
}

impl<'a> Item<'a> {
    fn examine(text: &str, span: Span, sink: &mut Sink, look: impl FnOnce(&mut Item<'_>, Core)) {
        let typed = slice(text, span.start, span.end);
        let before = sink.errors();
        let (clean, cut) = scrub(typed, span, sink);
        let mut item = Item { clean: &clean, cut: &cut, span, sink };
        look(&mut item, Core { start: 0, end: clean.len() });
        // INVARIANT: an item that is no entry has an error. A full sink already has one.
        if item.sink.errors() == before {
            item.report_grammar(GrammarError { code: Code::InvalidItem, span: Span::new(0, clean.len()) }, 0, typed);
        }
    }

    pub(super) fn text_of(&self, core: Core) -> &'a str {
        slice(self.clean, core.start, core.end)
    }

    /// The place in the whole text of a byte of the clean text.
    fn place(&self, at: usize) -> usize {
        let after = self.cut.partition_point(|&(place, _)| place <= at);
        let gone = after.checked_sub(1).and_then(|last| self.cut.get(last)).map_or(0, |&(_, gone)| gone);
        self.span.start + at + gone
    }

    #[inline(never)]
    pub(super) fn span(&self, core: Core) -> Span {
        let start = self.place(core.start);
        let end = if core.end > core.start { self.place(core.end - 1) + 1 } else { start };
        Span::new(start, end)
    }

    #[inline(never)]
    pub(super) fn cut(&self, title: &str, core: Core) -> Fix {
        Fix::replace(title, self.span(core), "", true)
    }

    /// A diagnostic at a part of the item.
    #[inline(never)]
    pub(super) fn report(&mut self, problem: Problem<'_>, core: Core, fix: Option<Fix>) {
        let mut diagnostic = Diagnostic::at(problem, self.span(core));
        diagnostic.fix = fix;
        self.sink.push(diagnostic);
    }

    /// Removes and reports comments, brackets, quotes and a display name.
    #[inline(never)]
    fn unwrap(&mut self, mut core: Core, domains: bool) -> Option<Core> {
        loop {
            let text = self.text_of(core);
            let (start, end) = (core.start, core.end);
            if let Some(close) = comment_end(text).filter(|&close| text.starts_with('(') && close < text.len()) {
                let rest = text.get(close..).unwrap_or_default();
                let comment = Core { start, end: end - rest.trim_start().len() };
                let fix = self.cut("remove the comment", comment);
                self.report(Problem::Comment { found: self.text_of(comment) }, comment, Some(fix));
                core.start = comment.end;
            } else if text.ends_with(')')
                && let Some(open) = text.find('(').filter(|&open| open > 0)
            {
                let name = text.get(..open).unwrap_or_default().trim_end().len();
                let comment = Core { start: start + name, end };
                let fix = self.cut("remove the comment", comment);
                self.report(Problem::Comment { found: self.text_of(comment) }, comment, Some(fix));
                core.end = start + name;
            } else if text.ends_with('>')
                && let Some(open) = text.rfind('<')
            {
                let (name, inner) = (text.get(..open).unwrap_or_default().trim(), text.get(open + 1..text.len() - 1));
                let inner = inner.unwrap_or_default();
                let address = inner.trim();
                let lead = inner.len() - inner.trim_start().len();
                let within = Core { start: start + open + 1 + lead, end: start + open + 1 + lead + address.len() };
                if domains && address.contains('@') {
                    self.address_among_domains(core, within);
                    return None;
                }
                let found = text;
                let problem = if name.is_empty() { Problem::Wrapped { found } } else { Problem::DisplayName { found } };
                let named = name.contains('@') && !name.trim_matches('"').eq_ignore_ascii_case(address);
                let safe = !named && !address.contains(char::is_whitespace);
                self.report_wrapped(problem, core, within, safe);
                core = within;
            } else if let Some(within) = wrapped_in_quotes(text, domains) {
                let within = Core { start: start + within.start, end: start + within.end };
                self.report_wrapped(Problem::Wrapped { found: text }, core, within, true);
                core = within;
            } else {
                return Some(core);
            }
            if core.start >= core.end {
                return None;
            }
        }
    }

    #[inline(never)]
    fn report_wrapped(&mut self, problem: Problem<'_>, outer: Core, within: Core, safe: bool) {
        let parts = [Core { end: within.start, ..outer }, Core { start: within.end, ..outer }];
        let edits = parts.into_iter().filter(|part| part.start < part.end);
        let edits = edits.map(|part| Edit { span: self.span(part), replacement: String::new() }).collect();
        self.report(problem, outer, Some(Fix { title: "leave what is inside".into(), edits, safe }));
    }

    /// Removes and reports a scheme, a path and a port.
    #[inline(never)]
    fn strip_url(&mut self, mut core: Core) -> Option<Core> {
        let text = self.text_of(core);
        if let Some(length) = scheme_length(text) {
            let scheme = Core { end: core.start + length, ..core };
            let mailto = text.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("mailto:"));
            let found = self.text_of(scheme);
            let fix = self.cut("remove it", scheme);
            let problem = if mailto { Problem::Mailto { found } } else { Problem::UrlScheme { found } };
            self.report(problem, scheme, Some(fix));
            core.start = scheme.end;
        }
        let text = self.text_of(core);
        // Before the `@` these characters are part of a name.
        let from = text.rfind('@').unwrap_or(0);
        let tail = text.get(from..).unwrap_or_default();
        if let Some(slash) = tail.find(['/', '\\', '?', '#']).filter(|&slash| from + slash > 0) {
            let path = Core { start: core.start + from + slash, ..core };
            let fix = self.cut("remove it", path);
            self.report(Problem::UrlPath { found: self.text_of(path) }, path, Some(fix));
            core.end = path.start;
        }
        let text = self.text_of(core);
        if let Some((host, port)) = text.rsplit_once(':')
            && !port.is_empty()
            && port.bytes().all(|octet| octet.is_ascii_digit())
            && !host.is_empty()
            && !host.contains(':')
        {
            let port = Core { start: core.start + host.len(), ..core };
            let fix = self.cut("remove it", port);
            self.report(Problem::UrlPort { found: self.text_of(port) }, port, Some(fix));
            core.end = port.start;
        }
        (core.start < core.end).then_some(core)
    }

    /// Reports an address in the list of domains. A fix that writes its domain authorizes every address there, so it is
    /// safe only for `*@a.com`, which says the same.
    #[inline(never)]
    fn address_among_domains(&mut self, outer: Core, address: Core) {
        let text = self.text_of(address);
        let (local_part, domain) = text.rsplit_once('@').unwrap_or(("", text));
        let safe = local_part == "*";
        let fits = Domain::parse(domain).is_ok();
        let diagnostic = Diagnostic::at(Problem::AddressInDomains { address: text }, self.span(outer));
        self.sink.push(if fits {
            diagnostic.fix(Fix::replace("authorize its whole domain", self.span(outer), domain, safe))
        } else {
            diagnostic
        });
        if !fits {
            self.domain(Core { start: address.end - domain.len(), ..address }, false);
        }
    }

    /// Reports the problems of a bare item in the list of senders.
    fn sender(&mut self, core: Core) {
        let text = self.text_of(core);
        if let Some(wide) = text.find('＠').filter(|_| !text.contains('@')) {
            let core_of_at = Core { start: core.start + wide, end: core.start + wide + '＠'.len_utf8() };
            let fix = Fix::replace("write `@`", self.span(core_of_at), "@", true);
            self.report(Problem::FullWidthAt { character: '＠' }, core_of_at, Some(fix));
            return self.halves(core, wide, '＠'.len_utf8());
        }
        let quoted = quoted_length(text);
        let from = quoted.unwrap_or(0);
        let Some(at) = text.get(from..).and_then(|rest| rest.find('@')).map(|at| from + at) else {
            let is_domain = Domain::parse(text.strip_prefix("*.").unwrap_or(text)).is_ok();
            let problem = if is_domain {
                Problem::DomainInSenders { domain: text }
            } else {
                Problem::AtMissing { address: text }
            };
            return self.report(problem, core, None);
        };
        let domain = text.get(at + 1..).unwrap_or_default();
        if at == 0 && Domain::parse(domain).is_ok() {
            return self.report(Problem::DomainInSenders { domain: text }, core, None);
        }
        if domain.contains('@') {
            let run = domain.len() - domain.trim_start_matches('@').len();
            let doubled = Core { start: core.start + at, end: core.start + at + 1 + run };
            let only = run > 0 && !domain.trim_start_matches('@').contains('@');
            let place = if only { doubled } else { core };
            let fix = only.then(|| Fix::replace("write one `@`", self.span(doubled), "@", true));
            return self.report(Problem::SeveralAt { address: self.text_of(place) }, place, fix);
        }
        self.halves(core, at, 1);
        if LocalPart::parse(text.get(..at).unwrap_or_default()).is_ok()
            && Domain::parse(domain).is_ok()
            && let Err(error) = AddrSpec::parse(text)
        {
            self.report_grammar(error, core.start, text);
        }
    }

    /// Reports the problems of local-part and domain.
    #[inline(never)]
    fn halves(&mut self, core: Core, at: usize, at_length: usize) {
        let text = self.text_of(core);
        let local_part = text.get(..at).unwrap_or_default();
        if let Err(error) = LocalPart::parse(local_part) {
            let error = if at == 0 { GrammarError { span: Span::new(0, at_length), ..error } } else { error };
            self.report_grammar(error, core.start, text);
        } else if let Err(wrong) = kind_of(local_part) {
            self.wildcard(wrong, Core { end: core.start + at, ..core }, text);
        }
        let domain = Core { start: core.start + at + at_length, ..core };
        if domain.start < domain.end {
            self.domain(domain, false);
        } else {
            let at = Core { start: core.start + at, end: domain.start };
            self.report(Problem::EmptyDomain, at, None);
        }
    }

    /// Reports a `*` without a meaning. Every possible correction covers more addresses than the text, so no fix is
    /// safe.
    #[inline(never)]
    fn wildcard(&mut self, wrong: WildcardError, local_part: Core, address: &str) {
        let span = self.span(local_part);
        let (problem, meant) = match wrong {
            WildcardError::Routes => (Problem::RoutingSubAddresses { address }, None),
            WildcardError::Place => {
                (Problem::WildcardLocalPart { address }, likely_sub_addresses(self.text_of(local_part)))
            }
        };
        let fix = meant.map(|meant| Fix::replace(&["write `", &meant, "`"].concat(), span, &meant, false));
        self.report(problem, local_part, fix);
    }

    /// Reports the problems of a bare domain: wildcards, dots, then the grammar label by label.
    #[inline(never)]
    fn domain(&mut self, core: Core, wildcards: bool) {
        let text = self.text_of(core);
        if wildcards && matches!(text, "*" | "*.") {
            return self.report(Problem::WildcardAlone, core, None);
        }
        let prefix = if wildcards && text.starts_with("*.") { 2 } else { 0 };
        let core = Core { start: core.start + prefix, ..core };
        let text = text.get(prefix..).unwrap_or_default();
        let mut stars = text.match_indices('*').peekable();
        if stars.peek().is_some() {
            for (star, _) in stars {
                let star = Core { start: core.start + star, end: core.start + star + 1 };
                self.report(Problem::WildcardPlace, star, None);
            }
            return;
        }
        for (dot, character) in text.char_indices().filter(|&(_, character)| is_wide_dot(character)) {
            let dot = Core { start: core.start + dot, end: core.start + dot + character.len_utf8() };
            let fix = Fix::replace("write `.`", self.span(dot), ".", true);
            self.report(Problem::FullWidthDot { character }, dot, Some(fix));
        }
        if text.chars().all(is_dot) {
            return self.report(Problem::EmptyDomain, core, None);
        }
        let error = if text.contains(is_wide_dot) {
            let narrow: String = text.chars().map(|it| if is_wide_dot(it) { '.' } else { it }).collect();
            let Err(error) = Domain::parse(&narrow) else { return };
            // The narrow text has the same number of characters, but fewer octets.
            let place = |at: usize| {
                let count = slice(&narrow, 0, at).chars().count();
                text.char_indices().nth(count).map_or(text.len(), |(at, _)| at)
            };
            GrammarError { span: Span::new(place(error.span.start), place(error.span.end)), ..error }
        } else {
            let Err(error) = Domain::parse(text) else { return };
            error
        };
        let of_label =
            matches!(error.code, Code::LabelHyphen | Code::LabelTooLong | Code::InvalidIdna | Code::Underscore);
        if error.span == Span::new(0, text.len()) && !of_label && error.code != Code::DomainCharacter {
            return self.report_grammar(error, core.start, text);
        }
        if !self.labels(text, core.start) {
            self.report_grammar(error, core.start, text);
        }
    }

    /// Reports every label that breaks a rule and every superfluous dot. Returns whether there was one.
    #[inline(never)]
    fn labels(&mut self, text: &str, base: usize) -> bool {
        let before = self.sink.errors();
        let (mut start, mut dot) = (0, 0);
        loop {
            let rest = text.get(start..).unwrap_or_default();
            let length = rest.find(is_dot).unwrap_or(rest.len());
            let label = rest.get(..length).unwrap_or_default();
            let mut end = start + length;
            if label.is_empty() {
                let dots = rest.len() - rest.trim_start_matches(is_dot).len();
                let code = if dots == 0 { Code::TrailingDot } else { Code::EmptyLabel };
                end = start + dots;
                self.report_grammar(GrammarError { code, span: Span::new(dot, end) }, base, text);
                if end == text.len() {
                    break;
                }
                start = end;
                continue;
            }
            if let Err(error) = Domain::parse(&[label, ".a"].concat())
                && error.span.end <= length
            {
                let span = error.span.offset(start);
                self.report_grammar(GrammarError { span, ..error }, base, text);
            }
            let Some(next) = text.get(end..).and_then(|rest| rest.chars().next()) else { break };
            dot = end;
            start = end + next.len_utf8();
        }
        self.sink.errors() > before
    }
}
