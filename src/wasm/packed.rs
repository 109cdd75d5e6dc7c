//! Results that are asked for often, packed into words and one text that JavaScript decodes once.

use super::utf16::{self, Utf16Map};
use super::{narrow, with};
use crate::address::{Identities, Identity};
use crate::decision::{Action, Decision, Finding, Verdict};
use crate::diagnostic::Reason;
use crate::list::{DomainEntry, DomainKind, ListKind, ParsedList, SenderEntry, SenderKind};
use crate::policy::Rule;
use crate::priority::PriorityResolution;
use wasm_bindgen::prelude::wasm_bindgen;

/// Stands for something that is not there.
pub(super) const NONE: u32 = u32::MAX;
/// Where every packed result is described: the address of its words, address and length of its text, and the length of the
/// text in code units. The address stays the same.
#[wasm_bindgen]
pub fn result() -> *const u32 {
    with(|state| state.output.head.as_ptr())
}

/// A result being packed. Its buffers are kept from call to call.
#[derive(Default)]
pub(super) struct Packed {
    head: [u32; 4],
    words: Vec<u32>,
    text: String,
    units: u32,
}

impl Packed {
    pub(super) fn begin(&mut self) -> &mut Self {
        self.words.clear();
        self.text.clear();
        self.units = 0;
        self
    }

    pub(super) fn finish(&mut self) {
        let address = |pointer: usize| pointer as u32;
        self.head = [
            address(self.words.as_ptr() as usize),
            address(self.text.as_ptr() as usize),
            narrow(self.text.len()),
            self.units,
        ];
    }

    /// Gives back what an uncommonly large result has taken.
    pub(super) fn trim(&mut self) {
        const KEPT: usize = 1 << 20;
        if self.words.capacity() > KEPT || self.text.capacity() > KEPT {
            *self = Self::default();
        }
    }

    #[inline(never)]
    pub(super) fn word(&mut self, word: u32) -> &mut Self {
        self.quick_word(word)
    }

    /// The same for what each decision and each entry packs: there are many, and a call each costs 3 to 5 % of a decision.
    #[inline(always)]
    fn quick_word(&mut self, word: u32) -> &mut Self {
        self.words.push(word);
        self
    }

    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        let (start, units) = (self.units, utf16::length(text));
        self.text.push_str(text);
        self.units += units;
        self.quick_word(start).quick_word(units)
    }

    fn optional_text(&mut self, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.text(text),
            None => self.word(NONE).word(0),
        }
    }

    fn rule(&mut self, rule: &Rule) -> &mut Self {
        self.quick_word(u32::from(rule.list == ListKind::Senders)).text(&rule.entry)
    }

    pub(super) fn priority(&mut self, priority: &PriorityResolution) -> &mut Self {
        let level = |level: crate::priority::Level| u32::from(level.number());
        self.quick_word(
            level(priority.effective)
                | level(priority.user) << 4
                | priority.message.map_or(0, level) << 8
                | (priority.source as u32) << 12
                | u32::from(priority.conflict) << 16
                | u32::from(priority.capped) << 17,
        )
    }

    pub(super) fn finding(&mut self, finding: &Finding) -> &mut Self {
        let flags = u32::from(finding.address.is_some())
            | u32::from(finding.rule.is_some()) << 1
            | u32::from(finding.near_miss.is_some()) << 2
            | u32::from(!finding.candidates.is_empty()) << 3
            | u32::from(finding.of.is_some()) << 4
            | u32::from(finding.of == Some(Identity::Sender)) << 5;
        let head =
            finding.identity as u32 | (finding.verdict as u32) << 8 | (finding.reason as u32) << 16 | flags << 24;
        self.quick_word(head).quick_word(narrow(finding.field));
        if let Some(address) = &finding.address {
            self.text(address);
        }
        if let Some(rule) = &finding.rule {
            self.rule(rule);
        }
        if let Some(near_miss) = &finding.near_miss {
            self.quick_word(near_miss.how as u32).rule(&near_miss.rule);
        }
        if !finding.candidates.is_empty() {
            self.word(narrow(finding.candidates.len()));
            for candidate in &finding.candidates {
                self.text(candidate);
            }
        }
        self
    }

    pub(super) fn decision(&mut self, decision: &Decision) -> &mut Self {
        self.outcome(decision.action, decision.verdict, decision.reason, decision.checked);
        self.quick_word(decision.decided_by.map_or(NONE, narrow));
        self.priority(&decision.priority).optional_text(decision.alert.as_deref());
        self.findings(&decision.findings)
    }

    fn outcome(&mut self, action: Action, verdict: Verdict, reason: Reason, identities: Identities) -> &mut Self {
        let identities = u32::from(identities.bits());
        self.quick_word(action as u32 | (verdict as u32) << 8 | (reason as u32) << 16 | identities << 24)
    }

    fn findings(&mut self, findings: &[Finding]) -> &mut Self {
        self.quick_word(narrow(findings.len()));
        for finding in findings {
            self.finding(finding);
        }
        self
    }

    /// The canonical text comes first, so that what an entry says is a slice of it.
    pub(super) fn domains(&mut self, list: &ParsedList<DomainEntry>, map: &Utf16Map<'_>) {
        self.begin().text(&list.canonical).word(narrow(list.entries.len()));
        let mut at = 0;
        for entry in &list.entries {
            let (start, end) = map.span(entry.span);
            let ascii = entry.domain.as_ascii();
            let is_wild = entry.kind == DomainKind::Subdomains;
            let prefix = if is_wild { 2 } else { 0 };
            self.quick_word(start).quick_word(end).quick_word(at + prefix).quick_word(narrow(ascii.len()));
            at += prefix + narrow(ascii.len()) + 1;
            self.unicode(u32::from(is_wild), &entry.domain);
        }
        self.finish();
    }

    /// See [`Self::domains`].
    pub(super) fn senders(&mut self, list: &ParsedList<SenderEntry>, map: &Utf16Map<'_>) {
        self.begin().text(&list.canonical).word(narrow(list.entries.len()));
        let mut at = 0;
        for entry in &list.entries {
            let (start, end) = map.span(entry.span);
            let (local_part, domain) = (entry.address.local_part().as_written(), entry.address.domain());
            let (local, ascii) = (utf16::length(local_part), narrow(domain.as_ascii().len()));
            self.quick_word(start).quick_word(end).quick_word(at).quick_word(local + 1 + ascii);
            at += local + 1 + ascii + 1;
            self.unicode(local << 1 | u32::from(entry.kind == SenderKind::SubAddresses), domain);
        }
        self.finish();
    }

    /// A word whose lowest bit is shifted in: whether a U-label form follows that differs.
    fn unicode(&mut self, word: u32, domain: &crate::address::Domain) {
        let unicode = domain.to_unicode();
        if unicode == domain.as_ascii() {
            self.quick_word(word << 1);
        } else {
            self.word(word << 1 | 1).text(&unicode);
        }
    }
}
