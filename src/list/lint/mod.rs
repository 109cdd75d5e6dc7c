//! Warnings about valid entries. None of them is an error.

mod free_mail;
mod near;
mod script;

use super::ParsedList;
use super::entry::{DomainEntry, DomainKind, SenderEntry, SenderKind};
use super::public_suffix::registrable_part;
use super::seen::Seen;
use super::separated::{removal, slice};
use super::sink::{MAX_DIAGNOSTICS, Sink, in_order};
use super::sub_addresses::base_local_parts;
use crate::address::Domain;
use crate::diagnostic::{Diagnostic, Fix, Problem, Span};
use free_mail::{is_free_mail, often_mistyped};
use near::NearDuplicates;
use script::{is_symbol, mixes_scripts};

/// Reports the warnings about the entries of the list of domains. `seen` contains them, by [`domain_hash`].
pub(super) fn domain_list(text: &str, entries: &[DomainEntry], seen: &Seen, sink: &mut Sink) {
    let wildcards = entries.iter().any(|entry| entry.kind == DomainKind::Subdomains);
    let mut near = NearDuplicates::new(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let ascii = entry.domain.as_ascii();
        let prefix = if entry.kind == DomainKind::Subdomains { 2 } else { 0 };
        let name = Span::new(entry.span.start + prefix, entry.span.end);
        let registrable = domain(text, entry.span, name, &entry.domain, sink);
        if entry.kind == DomainKind::Domain && is_free_mail(ascii) {
            sink.push(Diagnostic::at(Problem::FreeMail { domain: ascii }, entry.span));
        }
        if wildcards && let Some(wildcard) = covering_wildcard(ascii, entries, seen) {
            let fix = Fix::replace("remove it", removal(text, entry.span), "", true);
            let typed = slice(text, entry.span.start, entry.span.end);
            let problem = Problem::CoveredByWildcard { domain: typed, wildcard };
            sink.push(Diagnostic::at(problem, entry.span).fix(fix));
        }
        if let Some(registrable) = registrable {
            near.add(registrable, index);
        }
    }
    near.pairs(&mut |later, earlier| {
        if let (Some(later), Some(earlier)) = (entries.get(later), entries.get(earlier)) {
            near_duplicate(text, later.span, earlier.span, sink);
        }
    });
}

/// Reports the warnings about the entries of the list of senders.
pub(super) fn sender_list(text: &str, entries: &[SenderEntry], seen: &Seen, sink: &mut Sink) {
    let sub_addresses = entries.iter().any(|entry| entry.kind == SenderKind::SubAddresses);
    let mut near = NearDuplicates::new(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let address = &entry.address;
        let written = address.local_part().as_written();
        let name = Span::new(entry.span.start + written.len() + 1, entry.span.end);
        let registrable = domain(text, name, name, address.domain(), sink);
        if sub_addresses && let Some(covering) = covering_sub_addresses(entry, entries, seen) {
            let fix = Fix::replace("remove it", removal(text, entry.span), "", true);
            let typed = slice(text, entry.span.start, entry.span.end);
            let entry_text = covering.address.canonical();
            let problem = Problem::CoveredBySubAddresses { address: typed, entry: &entry_text };
            sink.push(Diagnostic::at(problem, entry.span).fix(fix));
        }
        if let Some(registrable) = registrable {
            near.add(registrable, index);
        }
    }
    near.pairs(&mut |later, earlier| {
        let name = |entry: &SenderEntry| {
            Span::new(entry.span.start + entry.address.local_part().as_written().len() + 1, entry.span.end)
        };
        if let (Some(later), Some(earlier)) = (entries.get(later), entries.get(earlier)) {
            near_duplicate(text, name(later), name(earlier), sink);
        }
    });
}

#[inline(never)]
fn near_duplicate(text: &str, later: Span, earlier: Span, sink: &mut Sink) {
    let (domain, other) = (slice(text, later.start, later.end), slice(text, earlier.start, earlier.end));
    sink.push(Diagnostic::at(Problem::NearDuplicate { domain, other }, later));
}

/// Reports the warnings about a domain and returns its registrable part. `whole` is the span of the entry, `name` that
/// of the domain in it.
fn domain<'a>(text: &str, whole: Span, name: Span, domain: &'a Domain, sink: &mut Sink) -> Option<&'a str> {
    let ascii = domain.as_ascii();
    let registrable = registrable_part(ascii);
    let Some(part) = registrable else {
        let typed = slice(text, whole.start, whole.end);
        sink.push(Diagnostic::at(Problem::PublicSuffix { domain: typed }, whole));
        return None;
    };
    if ascii.starts_with("www.") && part.len() + 4 <= ascii.len() {
        let www = Span::new(name.start, name.start + 4);
        let fix = Fix::replace("remove `www.`", www, "", false);
        let typed = slice(text, name.start, name.end);
        sink.push(Diagnostic::at(Problem::Www { domain: typed }, www).fix(fix));
    }
    if let Some((label, "com")) = part.split_once('.')
        && let Some(known) = often_mistyped(label)
        && !is_free_mail(part)
    {
        let known = [known, ".com"].concat();
        let end = name.end;
        // If IDNA changed the letters, the fix replaces the whole domain.
        let place = Span::new(end.saturating_sub(part.len()).max(name.start), end);
        let place = if slice(text, place.start, place.end).eq_ignore_ascii_case(part) { place } else { name };
        let fix = Fix::replace(&["write `", &known, "`"].concat(), place, &known, false);
        sink.push(Diagnostic::at(Problem::LikelyTypo { domain: part, known: &known }, place).fix(fix));
    }
    if may_hold_a_label(ascii.as_bytes()) {
        labels(text, name, domain, sink);
    }
    registrable
}

/// Whether there are two adjacent hyphens, as in every A-label. Branchless, since nearly no domain has them.
fn may_hold_a_label(ascii: &[u8]) -> bool {
    let after = ascii.get(1..).unwrap_or_default();
    ascii.iter().zip(after).fold(false, |found, (one, next)| found | ((*one == b'-') & (*next == b'-')))
}

/// Reports the warnings about the labels of an internationalized domain.
#[inline(never)]
fn labels(text: &str, name: Span, domain: &Domain, sink: &mut Sink) {
    let mut start = name.start;
    let typed = slice(text, name.start, name.end).split('.');
    for (typed, label) in typed.zip(domain.to_unicode().split('.')) {
        let span = Span::new(start, start + typed.len());
        start = span.end + 1;
        if label.is_ascii() {
            continue;
        }
        if mixes_scripts(label) {
            sink.push(Diagnostic::at(Problem::MixedScripts { label }, span));
        }
        if label.chars().any(is_symbol) {
            sink.push(Diagnostic::at(Problem::SymbolInDomain { label }, span));
        }
    }
}

/// The hash of a sender entry's key. An entry for sub-addresses has the hash of its base address.
pub(super) fn sender_hash(seen: &Seen, local_part: &str, domain: &str) -> u64 {
    seen.hash_both(local_part.as_bytes(), domain.as_bytes())
}

/// The listed sub-addresses that cover an entry, which may be an address or sub-addresses itself.
fn covering_sub_addresses<'a>(entry: &SenderEntry, entries: &'a [SenderEntry], seen: &Seen) -> Option<&'a SenderEntry> {
    let domain = entry.address.domain();
    base_local_parts(entry.key()).find_map(|whose| {
        let covers = |other: &&SenderEntry| {
            other.kind == SenderKind::SubAddresses && other.key() == whose && other.address.domain() == domain
        };
        let found = |at: usize| entries.get(at).filter(covers);
        seen.find(sender_hash(seen, whose, domain.as_ascii()), |at| found(at).is_some()).and_then(found)
    })
}

/// The hash of a domain entry's key.
pub(super) fn domain_hash(seen: &Seen, kind: DomainKind, ascii: &str) -> u64 {
    seen.hash(kind as u32, ascii.as_bytes())
}

/// The listed wildcard that covers a domain, without `*.`.
pub(super) fn covering_wildcard<'a>(ascii: &'a str, entries: &[DomainEntry], seen: &Seen) -> Option<&'a str> {
    let mut rest = ascii;
    while let Some((_, parent)) = rest.split_once('.') {
        let hash = domain_hash(seen, DomainKind::Subdomains, parent);
        let same = |at| {
            let entry: Option<&DomainEntry> = entries.get(at);
            entry.is_some_and(|entry| entry.kind == DomainKind::Subdomains && entry.domain.as_ascii() == parent)
        };
        if seen.find(hash, same).is_some() {
            return Some(parent);
        }
        rest = parent;
    }
    None
}

/// Adds a warning about every sender that the list of domains covers. (It covers no sender that routes.) Without such a
/// sender the two lists authorize the same addresses, so the fix is safe.
pub(crate) fn mark_covered_senders(text: &str, domains: &[DomainEntry], senders: &mut ParsedList<SenderEntry>) {
    if domains.is_empty() || senders.entries.is_empty() {
        return;
    }
    let mut seen = Seen::new(domains.len());
    for entry in domains {
        seen.push(domain_hash(&seen, entry.kind, entry.domain.as_ascii()));
    }
    let before = senders.diagnostics.len();
    for entry in &senders.entries {
        let ascii = entry.address.domain().as_ascii();
        let same = |at| {
            let domain: Option<&DomainEntry> = domains.get(at);
            domain.is_some_and(|domain| domain.kind == DomainKind::Domain && domain.domain.as_ascii() == ascii)
        };
        let covering = if seen.find(domain_hash(&seen, DomainKind::Domain, ascii), same).is_some() {
            Some(ascii.to_owned())
        } else {
            covering_wildcard(ascii, domains, &seen).map(|wildcard| ["*.", wildcard].concat())
        };
        let covers = |_: &String| !entry.address.local_part().routes() && senders.diagnostics.len() < MAX_DIAGNOSTICS;
        let Some(covering) = covering.filter(covers) else { continue };
        let fix = Fix::replace("remove it", removal(text, entry.span), "", true);
        let typed = slice(text, entry.span.start, entry.span.end);
        let problem = Problem::SenderCovered { address: typed, entry: &covering };
        senders.diagnostics.push(Diagnostic::at(problem, entry.span).fix(fix));
    }
    if before > 0 && before < senders.diagnostics.len() {
        in_order(&mut senders.diagnostics);
    }
}

/// Reports an entry that is already in the list.
#[cold]
pub(super) fn duplicate(text: &str, span: Span, entry: &str, sink: &mut Sink) {
    if sink.warns() {
        let fix = Fix::replace("remove it", removal(text, span), "", true);
        sink.push(Diagnostic::at(Problem::Duplicate { entry }, span).fix(fix));
    }
}
