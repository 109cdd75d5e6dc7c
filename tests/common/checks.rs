//! Properties of every input, for the property tests and both fuzzing runs.

use super::invariants::decide_checked;
use sendergate::address::{AddrSpec, Domain, Identities, Identity, read_mailboxes, read_reverse_path};
use sendergate::decision::{Action, ReversePath, Submission, Verdict, decide, decide_prefix, explain};
use sendergate::diagnostic::{Diagnostic, Edit, Fix, Fixed, Reason, Severity, Span};
use sendergate::list::{Lints, ListKind, ParsedList, fix_all, parse_domain_list, parse_sender_list};
use sendergate::message::{read_originators, read_priority_fields, split_header};
use sendergate::policy::{OnUnauthorized, PolicyOptions, SenderPolicy};

/// The policies that judge every message: lists, and the identities that they leave out.
pub(crate) fn policies() -> Vec<SenderPolicy> {
    let make = |domains, senders, on_unauthorized| {
        SenderPolicy::new(&PolicyOptions { domains, senders, on_unauthorized, ..PolicyOptions::default() }).unwrap()
    };
    vec![
        make(
            "a.example; *.b.example; bücher.example",
            "info@c.example; \"john doe\"@c.example; info+*@c.example; \"in*fo\"@c.example",
            OnUnauthorized::Block,
        ),
        make("attacker.example", "", OnUnauthorized::Alert),
        make("", "jörg@bücher.example", OnUnauthorized::Alert),
        make("", "", OnUnauthorized::Block),
    ]
}

fn is_inside(text: &str, span: Span) -> bool {
    span.start <= span.end && text.get(span.start..span.end).is_some()
}

/// An entry's canonical text and span.
type Read = (Vec<(String, Span)>, Vec<Diagnostic>, String);

/// Reads a list.
type Parse = fn(&str, Lints) -> Read;

fn read_domains(text: &str, lints: Lints) -> Read {
    read(parse_domain_list(text, lints), |entry| (format!("{:?} {}", entry.kind, entry.domain.as_ascii()), entry.span))
}

fn read_senders(text: &str, lints: Lints) -> Read {
    read(parse_sender_list(text, lints), |entry| (entry.address.canonical(), entry.span))
}

fn read<Entry>(list: ParsedList<Entry>, shown: impl Fn(&Entry) -> (String, Span)) -> Read {
    assert_eq!(list.ok(), !list.diagnostics.iter().any(is_error));
    (list.entries.iter().map(shown).collect(), list.diagnostics, list.canonical)
}

fn is_error(diagnostic: &Diagnostic) -> bool {
    diagnostic.severity() == Severity::Error
}

/// The properties of both list readers. A fix removes its diagnostic: there is no equal one in the same place.
pub(crate) fn lists(text: &str) {
    for parse in [read_domains, read_senders] {
        let (entries, diagnostics, canonical) = parse(text, Lints::All);
        for (entry, span) in &entries {
            assert!(is_inside(text, *span), "{entry} at {span:?} of {text:?}");
        }
        let starts: Vec<_> =
            diagnostics.iter().filter_map(|diagnostic| diagnostic.span).map(|span| span.start).collect();
        assert!(starts.is_sorted(), "in the order of the text: {diagnostics:?} of {text:?}");
        for diagnostic in &diagnostics {
            check_diagnostic(text, diagnostic);
            let Some(fix) = &diagnostic.fix else { continue };
            let fixed = fix.apply(text).unwrap();
            let after = parse(&fixed, Lints::All).1;
            let place = diagnostic.span.map(|span| (moved(span.start, fix), moved(span.end, fix)));
            let alike = |other: &&Diagnostic| other.code == diagnostic.code && other.params().eq(diagnostic.params());
            // Of two equal ones next to each other, the second moves to the place of the first. What followed and joined it is a different
            // one, too.
            let fewer = after.iter().filter(alike).count() < diagnostics.iter().filter(alike).count();
            let is_it = |span: Span| place.is_some_and(|(start, end)| span.start == start && span.end <= end);
            let still = after.iter().filter(alike).any(|other| other.span.map_or(place.is_none(), is_it));
            assert!(fewer || !still, "{diagnostic} is still in {fixed:?}, fixed from {text:?}: {after:?}");
        }
        // Reading for errors only gives the same errors and entries.
        let (few_entries, few, few_canonical) = parse(text, Lints::Errors);
        let errors: Vec<_> = diagnostics.iter().filter(|d| is_error(d)).map(|d| (d.code, d.span)).collect();
        let few_errors: Vec<_> = few.iter().filter(|d| is_error(d)).map(|d| (d.code, d.span)).collect();
        assert_eq!(errors, few_errors, "{text:?}");
        assert_eq!((&few_entries, &few_canonical), (&entries, &canonical), "{text:?}");
        // Canonical is a fixed point.
        let (again, said, fixed_point) = parse(&canonical, Lints::All);
        assert!(!said.iter().any(is_error), "{canonical:?} of {text:?}: {said:?}");
        assert_eq!(fixed_point, canonical, "of {text:?}");
        let texts = |entries: &[(String, Span)]| entries.iter().map(|(entry, _)| entry.clone()).collect::<Vec<_>>();
        assert_eq!(texts(&again), texts(&entries), "{canonical:?} of {text:?}");
    }
    fixes(text);
}

/// The position of a place in the text after the fix.
fn moved(place: usize, fix: &Fix) -> usize {
    let mut place = isize::try_from(place).unwrap();
    let mut edits: Vec<_> = fix.edits.iter().collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
    for edit in edits {
        let [start, end, length] =
            [edit.span.start, edit.span.end, edit.replacement.len()].map(|n| isize::try_from(n).unwrap());
        place = if place >= end { place - end + start + length } else { place.min(start) };
    }
    usize::try_from(place).unwrap()
}

fn check_diagnostic(text: &str, diagnostic: &Diagnostic) {
    let message = diagnostic.message();
    assert!(!message.is_empty() && !message.ends_with('.'), "{message}");
    assert!(!message.contains(['{', '}']) || text.contains(['{', '}']), "a parameter is missing: {message}");
    assert!(!message.chars().any(char::is_control), "{message:?}");
    assert!(diagnostic.span.is_none_or(|span| is_inside(text, span)), "{diagnostic:?} of {text:?}");
    if let Some(fix) = &diagnostic.fix {
        let mut edits: Vec<_> = fix.edits.iter().map(|edit| edit.span).collect();
        assert!(edits.iter().all(|span| is_inside(text, *span)), "{diagnostic:?} of {text:?}");
        edits.sort();
        assert!(edits.windows(2).all(|pair| pair[0].end <= pair[1].start), "{fix:?} of {text:?}");
    }
}

/// Fixes of both lists: one fix, and all of them, give what their definitions say.
pub(crate) fn fixes(text: &str) {
    for (kind, parse) in [(ListKind::Domains, read_domains as Parse), (ListKind::Senders, read_senders)] {
        for fix in parse(text, Lints::All).1.iter().filter_map(|diagnostic| diagnostic.fix.as_ref()) {
            assert_eq!(fix.apply(text), applied(text, &fix.edits), "{fix:?} of {text:?}");
        }
        let fixed = fix_all(kind, text);
        assert!(fixed.applied.iter().all(|fix| fix.safe), "{fixed:?} of {text:?}");
        assert_eq!(fixed.applied.is_empty(), fixed.text == text, "{fixed:?} of {text:?}");
        let again = fix_all(kind, &fixed.text);
        assert_eq!((&again.text, again.applied.len()), (&fixed.text, 0), "of {text:?}");
        let is_nothing = |text: &str| text.chars().all(|character| character == ';' || character.is_whitespace());
        assert!(!is_nothing(&fixed.text) || is_nothing(text), "{text:?} is no list any more: {:?}", fixed.text);
        // A long text may take too long, and then stays as it is.
        if text.len() <= 2_000 {
            assert_eq!(fixed, fixed_by_definition(text, parse));
            let left = parse(&fixed.text, Lints::All).1;
            assert!(!left.iter().any(|it| it.fix.as_ref().is_some_and(|fix| fix.safe)), "{left:?} of {:?}", fixed.text);
        }
    }
}

/// Any edits of any text: those that fit are applied, all others are refused.
pub(crate) fn edits(text: &str, edits: Vec<Edit>) {
    let expected = applied(text, &edits);
    assert_eq!(Fix { title: String::new(), edits, safe: true }.apply(text), expected);
}

/// Applies `edits` to `text`, from the last to the first.
fn applied(text: &str, edits: &[Edit]) -> Option<String> {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let fit = edits.iter().all(|edit| edit.span.start <= edit.span.end && is_inside(text, edit.span));
    if !fit || edits.windows(2).any(|pair| pair[0].span.end > pair[1].span.start) {
        return None;
    }
    let mut text = text.to_owned();
    for edit in edits.into_iter().rev() {
        text.replace_range(edit.span.start..edit.span.end, &edit.replacement);
    }
    Some(text)
}

/// Applies the safe fixes in order, without those that overlap earlier ones, and parses again, until there are none.
fn fixed_by_definition(text: &str, parse: Parse) -> Fixed {
    let mut fixed = Fixed { text: text.to_owned(), applied: Vec::new() };
    loop {
        let mut taken: Vec<Edit> = Vec::new();
        for fix in parse(&fixed.text, Lints::All).1.into_iter().filter_map(|it| it.fix).filter(|fix| fix.safe) {
            let overlaps = |span: Span| taken.iter().any(|it| span.start < it.span.end && it.span.start < span.end);
            if !fix.edits.iter().any(|edit| overlaps(edit.span)) {
                taken.extend(fix.edits.iter().cloned());
                fixed.applied.push(fix);
            }
        }
        if taken.is_empty() {
            return fixed;
        }
        fixed.text = applied(&fixed.text, &taken).unwrap();
    }
}

/// Every reader of an address: `authorizes`, `explain` and `decide` agree.
pub(crate) fn address(text: &str) {
    if let Err(error) = AddrSpec::parse(text) {
        assert!(is_inside(text, error.span), "{error:?} of {text:?}");
    }
    match Domain::parse(text) {
        Ok(domain) => {
            assert_eq!(Domain::parse(domain.as_ascii()).as_ref(), Ok(&domain));
            assert_eq!(Domain::parse(&domain.to_unicode()).as_ref(), Ok(&domain), "{text:?}");
            assert!(domain.as_ascii().len() <= 253 && domain.as_ascii().contains('.'), "{domain:?}");
        }
        Err(error) => assert!(is_inside(text, error.span), "{error:?} of {text:?}"),
    }
    let _ = read_reverse_path(text);
    for policy in policies() {
        agree(&policy, text);
    }
    covers(text);
}

/// What each kind of entry, made from an address, covers.
fn covers(text: &str) {
    let (Ok(spec), Ok(_)) = (AddrSpec::parse(text), read_reverse_path(text)) else { return };
    let (key, domain) = (spec.local_part().key(), spec.domain().as_ascii());
    let straight = !key.contains(['%', '!']);
    // The rest of `a.0.2.19` is an IP address, which is no valid entry.
    let is_name = |parent: &&str| parent.contains('.') && sendergate::address::Domain::parse(parent).is_ok();
    let parent = domain.split_once('.').map(|(_, parent)| parent).filter(is_name);
    let domains = [Some(domain.to_owned()), parent.map(|parent| format!("*.{parent}"))];
    for domains in domains.into_iter().flatten() {
        let policy = SenderPolicy::new(&PolicyOptions { domains: &domains, ..PolicyOptions::default() }).unwrap();
        agree(&policy, text);
        assert_eq!(policy.authorizes(text), straight, "{text:?} by {domains:?}");
        let expected = if straight { Reason::ListedDomain } else { Reason::RoutingLocalPart };
        assert_eq!(explain(&policy, text).reason, expected, "{text:?} by {domains:?}");
    }
    // In quotes no character is special.
    let written = spec.local_part().as_written();
    let quoted = if written.starts_with('"') { written.to_owned() } else { format!("\"{written}\"") };
    let senders = format!("{quoted}@{domain}");
    if let Ok(policy) = SenderPolicy::new(&PolicyOptions { senders: &senders, ..PolicyOptions::default() }) {
        agree(&policy, text);
        assert!(policy.authorizes(text), "{text:?} by {senders:?}");
    }
    // Only local-parts that begin with the name and `+` are sub-addresses.
    for (at, _) in key.char_indices().skip(1).chain([(key.len(), ' ')]) {
        let senders = format!("{}+*@{domain}", &key[..at]);
        let Ok(policy) = SenderPolicy::new(&PolicyOptions { senders: &senders, ..PolicyOptions::default() }) else {
            continue;
        };
        let is_one = key[at..].starts_with('+');
        assert_eq!(policy.authorizes(text), is_one && straight, "{text:?} by {senders:?}");
        let expected = match (is_one, straight) {
            (true, true) => Reason::ListedSender,
            (true, false) => Reason::RoutingLocalPart,
            (false, _) => Reason::NotListed,
        };
        let explained = explain(&policy, text);
        assert_eq!(explained.reason, expected, "{text:?} by {senders:?}");
        assert!(explained.rule.is_none_or(|rule| rule.entry == senders), "{text:?} by {senders:?}");
        if is_one {
            agree(&policy, text);
        }
    }
}

/// `authorizes`, `explain` and `decide` agree on one address.
pub(crate) fn agree(policy: &SenderPolicy, address: &str) {
    if address.is_empty() {
        return; // The null reverse-path, which no address is.
    }
    let submission = Submission { mail_from: ReversePath::Path(address), ..Submission::default() };
    let (decision, broken) = decide_checked(policy, &submission);
    assert!(broken.is_empty(), "{address:?}: {broken:?}");
    let explained = explain(policy, address);
    assert_eq!(explained.verdict, decision.verdict, "{address:?}: {explained:?} {decision:?}");
    assert_eq!(policy.authorizes(address), decision.verdict == Verdict::Authorized, "{address:?}: {decision:?}");
}

/// The end of the header section by its definition, if there is one.
pub(crate) fn section_end(message: &[u8]) -> Option<usize> {
    let empty = |at: usize| match message.get(at..) {
        Some([b'\n', ..]) => Some(at + 1),
        Some([b'\r', b'\n', ..]) => Some(at + 2),
        _ => None,
    };
    empty(0).or_else(|| (0..message.len()).filter(|at| message[*at] == b'\n').find_map(|at| empty(at + 1)))
}

/// The properties of every message, and of octets that are no message.
pub(crate) fn message(bytes: &[u8], mail_from: ReversePath<'_>) {
    let section = split_header(bytes, false);
    for field in &section.fields {
        let range = bytes.as_ptr_range();
        assert!(range.contains(&field.name.as_ptr()) || field.name.is_empty(), "a field is a part of the message");
    }
    let readings = read_originators(&section);
    assert!(readings.is_sorted_by_key(|reading| (reading.identity, reading.field)), "{readings:?}");
    let _ = read_priority_fields(&section);
    let end = section_end(bytes);
    for policy in policies() {
        let whole = Submission { mail_from, header: Some(bytes), ..Submission::default() };
        let (decision, broken) = decide_checked(&policy, &whole);
        assert!(broken.is_empty(), "{broken:?} of {:?}", String::from_utf8_lossy(bytes));
        if end.is_none() {
            assert_ne!(decision.verdict, Verdict::Authorized, "without its end: {decision:?}");
        }
        let complete = Submission { header_complete: true, ..whole };
        let (_, broken) = decide_checked(&policy, &complete);
        assert!(broken.is_empty(), "complete: {broken:?}");
        // The body changes nothing.
        if let Some(end) = end {
            let with_body = [&bytes[..end], b"From: <x@y.example>\r\n\0\r\r\n".as_slice()].concat();
            let other = decide(&policy, &Submission { header: Some(&with_body), ..whole });
            assert_eq!(decision, other, "the body is not read");
        }
        for at in cuts(bytes.len(), end) {
            let cut = Submission { header: Some(&bytes[..at]), ..whole };
            if end.is_none_or(|end| at < end) {
                let verdict = decide(&policy, &cut).verdict;
                assert_ne!(verdict, Verdict::Authorized, "cut at {at}: {:?}", String::from_utf8_lossy(bytes));
            }
            // A beginning of a message gives the same decision, or asks for more.
            if let Some(early) = decide_prefix(&policy, &cut, true) {
                assert_eq!(early, decision, "from {at} octets of {:?}", String::from_utf8_lossy(bytes));
            }
        }
        one_identity_more(policy.on_unauthorized(), &whole);
    }
}

/// Places to cut a message: all places of a short one; for a long one, those near the end of the header section.
fn cuts(length: usize, end: Option<usize>) -> Vec<usize> {
    if length <= 60 {
        return (0..length).collect();
    }
    let end = end.unwrap_or(length);
    let near = end.saturating_sub(5)..(end + 3).min(length);
    (0..8).map(|part| length * part / 8).chain(near).collect()
}

/// Checking one more identity never makes a verdict better, unless there was no identity at all.
fn one_identity_more(on_unauthorized: OnUnauthorized, submission: &Submission<'_>) {
    let verdict_of = |identities: &[Identity]| {
        let options = PolicyOptions {
            domains: "a.example; *.b.example; attacker.example",
            senders: "info@c.example",
            on_unauthorized,
            identities: Identities::new(identities).unwrap(),
            ..PolicyOptions::default()
        };
        let decision = decide(&SenderPolicy::new(&options).unwrap(), submission);
        (decision.verdict, decision.reason)
    };
    for more in Identity::ALL {
        let all: Vec<Identity> = Identity::ALL.to_vec();
        let fewer: Vec<Identity> = all.iter().copied().filter(|identity| *identity != more).collect();
        for few in [fewer.clone(), fewer[..2].to_vec(), fewer[2..].to_vec()] {
            let before = verdict_of(&few);
            let after = verdict_of(&[few.as_slice(), &[more]].concat());
            assert!(
                before.1 == Reason::NoIdentity || after.0 >= before.0,
                "{few:?} and {more:?}: {before:?} {after:?}"
            );
        }
    }
}

/// A From field's body, alone and in a message.
pub(crate) fn mailboxes(body: &[u8]) {
    let reading = read_mailboxes(body);
    for address in &reading.addresses {
        assert!(reading.problem.is_some() || !address.text.is_empty(), "{reading:?}");
    }
    let message_bytes = [b"From: ".as_slice(), body, b"\r\n\r\n"].concat();
    for policy in policies() {
        let submission = Submission { header: Some(&message_bytes), ..Submission::default() };
        let (decision, broken) = decide_checked(&policy, &submission);
        assert!(broken.is_empty(), "{broken:?} of {:?}", String::from_utf8_lossy(body));
        if policy.is_unrestricted() || decision.action != Action::Send {
            continue;
        }
        // If it is sent, every visible address in it is a listed one.
        for finding in decision.findings {
            let address = finding.address.unwrap();
            assert!(policy.authorizes(&address), "{address} of {:?}", String::from_utf8_lossy(body));
        }
    }
}

/// Adding an entry to a policy that has one never removes an authorization.
pub(crate) fn one_entry_more(domains: &str, senders: &str, more_domains: &str, more_senders: &str, address: &str) {
    let policy_of = |domains: &str, senders: &str| {
        SenderPolicy::new(&PolicyOptions { domains, senders, ..PolicyOptions::default() }).ok()
    };
    let joined = |list: &str, more: &str| {
        [list, more].iter().filter(|text| !text.trim().is_empty()).copied().collect::<Vec<_>>().join(";")
    };
    let (Some(before), Some(after)) =
        (policy_of(domains, senders), policy_of(&joined(domains, more_domains), &joined(senders, more_senders)))
    else {
        return;
    };
    if before.size() > 0 && before.authorizes(address) {
        assert!(after.authorizes(address), "{address}: {domains:?} {senders:?} and {more_domains:?} {more_senders:?}");
    }
    assert!(after.size() >= before.size());
}
