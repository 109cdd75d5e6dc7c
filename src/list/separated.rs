//! Splitting a text at `;`, and at the separators that people type instead.

use super::sink::Sink;
use crate::diagnostic::{Diagnostic, Fix, Problem, Span};

/// The longest display name or quoted string that is recognized. It limits every look ahead.
const MAX_LOOK_AHEAD: usize = 256;

/// The text of a span; empty if the span is outside the text.
pub(super) fn slice(text: &str, start: usize, end: usize) -> &str {
    text.get(start..end).unwrap_or_default()
}

/// The kinds of characters between items.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    /// `;`.
    Semicolon,
    /// Characters that look like `;`: full-width, small, Arabic, the Greek question mark.
    Wide,
    /// Commas of several scripts.
    Comma,
    /// A line break.
    Newline,
    /// Any other white space.
    Space,
}

#[inline(never)]
const fn gap(character: char) -> Option<Gap> {
    match character {
        ';' => Some(Gap::Semicolon),
        '\u{ff1b}' | '\u{fe54}' | '\u{37e}' | '\u{61b}' => Some(Gap::Wide),
        ',' | '\u{ff0c}' | '\u{3001}' | '\u{ff64}' | '\u{60c}' | '\u{fe50}' => Some(Gap::Comma),
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(Gap::Newline),
        _ if character.is_whitespace() => Some(Gap::Space),
        _ => None,
    }
}

#[inline(never)]
fn is_gap(character: char) -> bool {
    gap(character).is_some()
}

/// The octets that end the fast path for items: 1 for `;`, 2 for those that need `careful_item`.
#[expect(clippy::indexing_slicing, reason = "evaluated when the crate is compiled")]
const STOPS: [u8; 256] = {
    let mut table = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        table[octet] = match octet as u8 {
            b';' => 1,
            b'\t'..=b'\r' | b' ' | b',' | b'"' | b'<' | b'(' | 0x80.. => 2,
            _ => 0,
        };
        octet += 1;
    }
    table
};

/// Iterates over the items of a text. Problems between them go into a [`Sink`].
pub(super) struct Items<'a> {
    text: &'a str,
    at: usize,
    /// The end of the previous item.
    before: Option<usize>,
    /// The next `<` at or after `at`, once it was searched.
    angle: Option<usize>,
}

impl<'a> Items<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, at: 0, before: None, angle: None }
    }

    /// The next item, without surrounding white space.
    pub(super) fn next(&mut self, sink: &mut Sink) -> Option<Span> {
        self.skip_gap(sink);
        let start = self.at;
        let bytes = self.text.as_bytes();
        if start >= bytes.len() {
            return None;
        }
        let rest = bytes.get(start..).unwrap_or_default();
        let length = rest.iter().position(|&octet| STOPS.get(usize::from(octet)).is_some_and(|&stop| stop != 0));
        let end = match length {
            None => bytes.len(),
            Some(length) if rest.get(length) == Some(&b';') && length > 0 => start + length,
            Some(_) => self.careful_item(start),
        };
        self.at = end;
        self.before = Some(end);
        Some(Span::new(start, end))
    }

    /// Moves to the next item, over one `;` and white space.
    fn skip_gap(&mut self, sink: &mut Sink) {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let mut at = start;
        if self.before.is_some() {
            if bytes.get(at) != Some(&b';') {
                return self.judge_gap(sink);
            }
            at += 1;
        }
        while bytes.get(at) == Some(&b' ') {
            at += 1;
        }
        match bytes.get(at) {
            Some(&octet) if !matches!(octet, b';' | b',' | b'\t'..=b'\r' | 0x80..) => self.at = at,
            _ => self.judge_gap(sink),
        }
    }

    /// Moves to the next item, and reports the problems before it.
    #[cold]
    fn judge_gap(&mut self, sink: &mut Sink) {
        let start = self.at;
        let rest = slice(self.text, start, self.text.len());
        let end = start + rest.find(|character| !is_gap(character)).unwrap_or(rest.len());
        self.at = end;
        let run = slice(self.text, start, end);
        let trailing = end == self.text.len();
        if trailing && self.before.is_none() {
            if run.chars().any(|character| !character.is_whitespace()) {
                let shift = run.len() - run.trim_start().len();
                sink.push(Diagnostic::at(Problem::NoEntry, Span::new(start + shift, start + run.trim_end().len())));
            }
            return;
        }
        let leading = self.before.is_none();
        let semicolon = run.find(';');
        if semicolon.is_none() {
            judge_part(run, start, true, !leading && !trailing, sink);
        } else {
            let mut at = start;
            for part in run.split(';') {
                judge_part(part, at, false, false, sink);
                at += part.len() + 1;
            }
        }
        let (Some(first), Some(last)) = (semicolon, run.rfind(';')) else { return };
        // The first `;` ends the item before it, unless the gap is at the start of the list.
        let excess = if leading { first } else { first + 1 };
        if excess <= last {
            let span = Span::new(start + excess, start + last + 1);
            let cut = if leading { Span::new(start, span.end) } else { span };
            sink.push(Diagnostic::at(Problem::EmptyItem, span).fix(Fix::replace(
                "remove the empty item",
                cut,
                "",
                true,
            )));
        }
    }

    /// The end of the item at `start`, which contains more than plain characters.
    #[cold]
    fn careful_item(&mut self, start: usize) -> usize {
        let first = slice(self.text, start, self.text.len());
        if let Some(end) = self.display_name_form(start) {
            return self.end_of_comment(end);
        }
        let mut end = start;
        if first.starts_with('"') {
            if let Some(close) = quoted_end(first) {
                let after = slice(first, close, first.len());
                let content = slice(first, 1, close.saturating_sub(1));
                // Quotes around a separator are a stray quote, unless an `@` after them shows that they are a
                // local-part.
                if after.starts_with('@') || !content.contains(is_gap) {
                    end = start + close;
                }
            }
        } else if first.starts_with('(')
            && let Some(close) = comment_end(first)
        {
            let after = slice(first, close, first.len());
            end = start + close + after.len() - after.trim_start_matches([' ', '\t']).len();
        }
        end = self.end_of_word(end);
        self.end_of_comment(self.end_of_split_word(start, end))
    }

    /// The end of the word that continues at `from`.
    #[inline(never)]
    fn end_of_word(&self, from: usize) -> usize {
        let rest = slice(self.text, from, self.text.len());
        from + rest.find(is_gap).unwrap_or(rest.len())
    }

    /// The end of white space without a line break, if no separator follows it.
    fn end_of_space(&self, from: usize) -> Option<usize> {
        let rest = slice(self.text, from, self.text.len());
        let length = rest.find(|character| gap(character) != Some(Gap::Space))?;
        let next = slice(rest, length, rest.len()).chars().next()?;
        (length > 0 && !is_gap(next)).then_some(from + length)
    }

    /// Joins `a. com` and `info @a.com` into one item with white space in it, instead of two items without a meaning.
    #[inline(never)]
    fn end_of_split_word(&self, start: usize, mut end: usize) -> usize {
        let mut has_at = slice(self.text, start, end).contains('@');
        let mut after_dot = false;
        while let Some(next) = self.end_of_space(end) {
            let next_end = self.end_of_word(next);
            let left = slice(self.text, start, end);
            let right = slice(self.text, next, next_end);
            let right_has_at = right.contains('@');
            if has_at && right_has_at {
                break;
            }
            let joins = if right.starts_with('@') {
                !has_at && right.len() > 1 || right == "@"
            } else if left.ends_with('@') {
                true
            } else if right_has_at {
                false
            } else if right.starts_with('.') || after_dot {
                true
            } else {
                left.ends_with('.') && {
                    let tail = slice(left, left.len().saturating_sub(MAX_LOOK_AHEAD), left.len());
                    let domain = tail.rsplit('@').next().unwrap_or(tail);
                    !domain.trim_end_matches('.').contains('.')
                }
            };
            if !joins {
                break;
            }
            has_at |= right_has_at;
            after_dot = right == ".";
            end = next_end;
        }
        end
    }

    /// The end of a comment in parentheses after the item, or `end` if there is none.
    #[inline(never)]
    fn end_of_comment(&self, end: usize) -> usize {
        let next = self.end_of_space(end).unwrap_or(end);
        let rest = slice(self.text, next, self.text.len());
        if next > end && rest.starts_with('(') { comment_end(rest).map_or(end, |close| next + close) } else { end }
    }

    /// The end of an item such as `Info Desk <info@a.com>` at `start`.
    #[inline(never)]
    fn display_name_form(&mut self, start: usize) -> Option<usize> {
        if self.angle.is_none_or(|angle| angle < start) {
            let rest = self.text.as_bytes().get(start..).unwrap_or_default();
            self.angle = Some(rest.iter().position(|&octet| octet == b'<').map_or(usize::MAX, |at| start + at));
        }
        let angle = self.angle.filter(|&angle| angle < self.text.len() && angle - start <= MAX_LOOK_AHEAD)?;
        let name = slice(self.text, start, angle);
        let rest = slice(self.text, angle, self.text.len());
        let stop = rest.char_indices().skip(1).take(MAX_LOOK_AHEAD).find(|&(_, character)| {
            matches!(character, '<' | '>' | '"') || matches!(gap(character), Some(found) if found != Gap::Space)
        });
        let close = stop.filter(|&(_, character)| character == '>').map(|(at, _)| at)?;
        let fits = is_display_name(name) || {
            let address = slice(rest, 1, close).trim();
            name.trim_end().eq_ignore_ascii_case(address) && !name.contains(['\n', '\r'])
        };
        let next = slice(rest, close + 1, rest.len()).chars().next();
        (fits && next.is_none_or(|next| next == '<' || is_gap(next))).then_some(angle + close + 1)
    }
}

/// Whether the text before `<` is a display name: words and quoted strings, without an address among the words.
#[inline(never)]
fn is_display_name(name: &str) -> bool {
    let mut rest = name;
    let mut comma = false;
    let mut dotted = false;
    while let Some(character) = rest.chars().next() {
        let length = match character {
            '"' => match quoted_end(rest) {
                Some(length) => length,
                None => return false,
            },
            '@' => return false,
            _ => character.len_utf8(),
        };
        match gap(character) {
            Some(Gap::Semicolon | Gap::Wide | Gap::Newline) => return false,
            Some(Gap::Comma) => comma = true,
            Some(Gap::Space) | None => {}
        }
        rest = slice(rest, length, rest.len());
        dotted |= character == '.' && rest.chars().next().is_some_and(|next| !is_gap(next) && next != '<');
    }
    !(comma && dotted)
}

/// The length of the quoted string at the start of a text, with its quotes; `None` if it does not end on its line.
#[inline(never)]
fn quoted_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, octet) in text.bytes().enumerate().skip(1).take(MAX_LOOK_AHEAD) {
        match octet {
            b'\n' | b'\r' => return None,
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The length of the comment at the start of a text, with its parentheses. It may contain commas and spaces, but no
/// other separator.
#[inline(never)]
pub(super) fn comment_end(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    if !text.starts_with('(') {
        return None;
    }
    for (at, character) in text.char_indices().take(MAX_LOOK_AHEAD) {
        match character {
            '(' => depth += 1,
            ')' if depth == 1 => return Some(at + 1),
            ')' => depth -= 1,
            _ if matches!(gap(character), Some(Gap::Semicolon | Gap::Wide | Gap::Newline)) => return None,
            _ => {}
        }
    }
    None
}

/// Reports the problem of a gap between items, or of a part of it between two `;`. `alone`: the gap has no `;`.
/// `between`: there is an item on either side.
fn judge_part(part: &str, base: usize, alone: bool, between: bool, sink: &mut Sink) {
    let mut problem = None;
    let (mut start, mut end) = (0, part.len());
    let mut found = None;
    for (at, character) in part.char_indices() {
        let kind = gap(character);
        if !matches!(kind, Some(Gap::Comma | Gap::Wide)) {
            continue;
        }
        end = at + character.len_utf8();
        // The first character is shown. If the gap has commas and wide semicolons, it is reported as a comma.
        let first = *found.get_or_insert_with(|| {
            start = at;
            character
        });
        problem = match problem {
            Some(Problem::SeparatorComma { .. }) => problem,
            _ if kind == Some(Gap::Comma) => Some(Problem::SeparatorComma { found: first }),
            _ => Some(Problem::SeparatorFullWidth { found: first }),
        };
    }
    if problem.is_none() && between {
        let newline = part.chars().any(|character| gap(character) == Some(Gap::Newline));
        problem = Some(if newline { Problem::SeparatorNewline } else { Problem::SeparatorSpace });
    }
    let Some(problem) = problem else { return };
    let span = Span::new(base + start, base + end);
    let fix = if alone && between {
        Fix::replace("write `;`", span, ";", true)
    } else {
        Fix::replace("remove it", span, "", true)
    };
    sink.push(Diagnostic::at(problem, span).fix(fix));
}

/// The span to cut to remove the item at `span` with one separator, so that no empty item is left.
#[inline(never)]
pub(super) fn removal(text: &str, span: Span) -> Span {
    let before = slice(text, 0, span.start).trim_end_matches(is_gap);
    if !before.is_empty() {
        return Span::new(before.len(), span.end);
    }
    let after = slice(text, span.end, text.len());
    Span::new(0, span.end + after.len() - after.trim_start_matches(is_gap).len())
}
