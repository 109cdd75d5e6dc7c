//! What people type around a domain or an address: invisible characters, quotes, parts of a URL.

use super::sink::Sink;
use crate::diagnostic::{Diagnostic, Edit, Fix, Problem, Span, is_invisible};

const QUOTES: [char; 14] = ['"', '\'', '`', '“', '”', '„', '‘', '’', '‚', '«', '»', '‹', '›', '\u{ff02}'];

/// Whether typographic quotes are around an item. It is no entry then, even if it parses.
#[inline]
pub(super) fn has_typographic_quotes(item: &str) -> bool {
    let ascii = |end: Option<&u8>| end.is_none_or(u8::is_ascii);
    if ascii(item.as_bytes().first()) && ascii(item.as_bytes().last()) {
        return false;
    }
    let printed = |character: char| !character.is_ascii() && QUOTES.contains(&character);
    item.starts_with(printed) || item.ends_with(printed)
}

/// Removes invisible characters and white space, and reports each run of them. Returns the clean text and the cuts, as
/// `Item::cut` keeps them.
pub(super) fn scrub(typed: &str, item: Span, sink: &mut Sink) -> (String, Vec<(usize, usize)>) {
    let display = typed.contains('<') || typed.contains('(') || typed.starts_with('"');
    let mut clean = String::with_capacity(typed.len());
    let mut cut = Vec::new();
    let mut gone = 0;
    let mut spaces: Vec<Edit> = Vec::new();
    let mut rest = typed.char_indices().peekable();
    while let Some((start, first)) = rest.next() {
        let kind = Unseen::of(first, display);
        let mut end = start + first.len_utf8();
        while let Some((_, next)) = rest.next_if(|&(_, next)| kind != Unseen::No && Unseen::of(next, display) == kind) {
            end += next.len_utf8();
        }
        let span = Span::new(start, end).offset(item.start);
        match kind {
            Unseen::No => {
                clean.push(first);
                continue;
            }
            Unseen::Space => spaces.push(Edit { span, replacement: String::new() }),
            Unseen::Lost => sink.push(Diagnostic::at(Problem::LostCharacter, span)),
            Unseen::Invisible => {
                let fix = Fix::replace("remove it", span, "", true);
                sink.push(Diagnostic::at(Problem::InvisibleCharacter { character: first }, span).fix(fix));
            }
        }
        gone += end - start;
        cut.push((clean.len(), gone));
    }
    if let Some(first) = spaces.first() {
        let span = first.span;
        let fix = Fix { title: "remove the white space".into(), edits: spaces, safe: true };
        sink.push(Diagnostic::at(Problem::SpaceInside { item: typed }, span).fix(fix));
    }
    (clean, cut)
}

/// The kinds of characters that `scrub` removes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unseen {
    No,
    Space,
    Invisible,
    Lost,
}

impl Unseen {
    /// `display`: the item may have a display name or a comment, which may contain white space.
    #[inline(never)]
    fn of(character: char, display: bool) -> Self {
        match character {
            '\u{fffd}' => Self::Lost,
            _ if character.is_whitespace() => {
                if display {
                    Self::No
                } else {
                    Self::Space
                }
            }
            _ if is_invisible(character) => Self::Invisible,
            _ => Self::No,
        }
    }
}

pub(super) const fn is_dot(character: char) -> bool {
    character == '.' || is_wide_dot(character)
}

pub(super) const fn is_wide_dot(character: char) -> bool {
    matches!(character, '\u{3002}' | '\u{ff0e}' | '\u{ff61}')
}

/// The length of the text before the host of `https://a.com`, `//a.com`, `http:a.com` or `mailto:info@a.com`, including
/// repetitions.
pub(super) fn scheme_length(text: &str) -> Option<usize> {
    let mut rest = text;
    loop {
        let after_slashes = if rest.starts_with("//") { rest.trim_start_matches('/') } else { rest };
        let after_scheme = match after_slashes.split_once(':') {
            Some((scheme, after)) if is_scheme(scheme, after) => after,
            _ => after_slashes,
        };
        if after_scheme.len() == rest.len() || after_scheme.is_empty() {
            break;
        }
        rest = after_scheme;
    }
    let length = text.len() - rest.len();
    (length > 0).then_some(length)
}

/// Whether a text before a colon is a scheme: a well-known one, or any if two slashes follow.
fn is_scheme(scheme: &str, after: &str) -> bool {
    let named = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'-' | b'.'));
    let known = ["http", "https", "ftp", "mailto", "smtp"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    named && (known || after.starts_with("//"))
}

/// The length of the quoted string at the start of a text, if an `@` follows it.
pub(super) fn quoted_length(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('"')?;
    let mut escaped = false;
    for (at, octet) in inner.bytes().enumerate() {
        match octet {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return text.get(at + 2..).is_some_and(|rest| rest.starts_with('@')).then_some(at + 2),
            _ => {}
        }
    }
    None
}

/// The inside of a text with quotes of any kind around it, or with a quote at one end. `None` for a quoted local-part.
pub(super) fn wrapped_in_quotes(text: &str, domains: bool) -> Option<Span> {
    if !domains && quoted_length(text).is_some() {
        return None;
    }
    let ends = |character: char| QUOTES.contains(&character) || matches!(character, '<' | '>');
    let inner = text.trim_start_matches(ends);
    let start = text.len() - inner.len();
    let inner = inner.trim_end_matches(ends);
    (inner.len() < text.len()).then_some(Span::new(start, start + inner.len()))
}
