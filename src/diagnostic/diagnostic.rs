//! A diagnostic: a problem, its place, its message, and a fix.

use super::code::Value;
use super::{Code, Fix, ParamKind, Problem};
use crate::named::named;
use std::fmt;
use std::ops::Range;

/// A half-open range of UTF-8 bytes, on character boundaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The place after the last byte.
    pub end: usize,
}

impl Span {
    /// The range from `start` to `end`, without `end`.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The range moved by `base` bytes.
    #[must_use]
    pub const fn offset(self, base: usize) -> Self {
        Self { start: self.start + base, end: self.end + base }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

impl From<Span> for Range<usize> {
    fn from(span: Span) -> Self {
        span.start..span.end
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self::new(range.start, range.end)
    }
}

/// The severity of a diagnostic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Grammar or length. The text is refused.
    Error,
    /// Depends on changing data or on taste. The text is accepted.
    Warning,
    /// Information.
    Info,
}

impl Severity {
    /// All severities, the most severe first.
    pub const ALL: &'static [Self] = &[Self::Error, Self::Warning, Self::Info];

    /// The name in JSON and in messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// A field of the form of an SMTP+ user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UserField {
    /// The name for SMTP AUTH.
    Username,
    /// Whether the user is active.
    Active,
    /// The level of the user.
    Priority,
    /// Free text.
    Note,
    /// The authorized domains.
    Domains,
    /// The authorized senders.
    Senders,
}

impl UserField {
    /// All fields, in the order of the form.
    pub const ALL: &'static [Self] =
        &[Self::Username, Self::Active, Self::Priority, Self::Note, Self::Domains, Self::Senders];

    /// The name in JSON and in messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Username => "username",
            Self::Active => "active",
            Self::Priority => "priority",
            Self::Note => "note",
            Self::Domains => "domains",
            Self::Senders => "senders",
        }
    }
}

named!(Severity: "severity", UserField: "field of a user");

/// One problem or piece of information, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The code.
    pub code: Code,
    /// The place in the text, in bytes.
    pub span: Option<Span>,
    /// The field of the form, if a whole form was checked.
    pub field: Option<UserField>,
    /// The fix, if there is one.
    pub fix: Option<Fix>,
    /// The values of the parameters, without limits, safe to show.
    values: Vec<String>,
}

impl Diagnostic {
    /// A diagnostic of a problem at a place.
    #[must_use]
    #[inline(never)]
    pub fn at(problem: Problem<'_>, span: Span) -> Self {
        Self { span: Some(span), ..Self::new(problem) }
    }

    /// A diagnostic of a whole field.
    #[must_use]
    pub fn of(problem: Problem<'_>, field: UserField) -> Self {
        Self { field: Some(field), ..Self::new(problem) }
    }

    fn new(problem: Problem<'_>) -> Self {
        let mut values = Vec::new();
        for value in problem.values() {
            match value {
                Some(Value::Text(text)) => values.push(shown(text)),
                Some(Value::Character(character)) => values.push(shown(character.encode_utf8(&mut [0; 4]))),
                None => {}
            }
        }
        Self { code: problem.code(), span: None, field: None, fix: None, values }
    }

    /// Sets the field of the form.
    #[must_use]
    pub fn in_field(self, field: UserField) -> Self {
        Self { field: Some(field), ..self }
    }

    /// Sets the fix.
    #[must_use]
    #[inline(never)]
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }

    /// The severity.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// The parameters of the message: their names, and their values safe to show.
    pub fn params(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let mut values = self.values.iter();
        self.code.params().iter().map(move |param| {
            let value = match param.kind {
                ParamKind::Limit(limit) => limit,
                ParamKind::Text | ParamKind::Character => values.next().map_or("", |value| value),
            };
            (param.name, value)
        })
    }

    /// The message in English: lower case, no final period, the user's text in backticks.
    #[must_use]
    pub fn message(&self) -> String {
        self.interpolate(self.code.template())
    }

    /// What to do about it; empty if the message is enough.
    #[must_use]
    pub fn help(&self) -> String {
        self.interpolate(self.code.help())
    }

    fn interpolate(&self, mut rest: &str) -> String {
        let mut out = String::new();
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let Some((name, tail)) = after.split_once('}') else { break };
            let value = self.params().find(|(param, _)| *param == name);
            out.push_str(value.map_or("", |(_, value)| value));
            rest = tail;
        }
        out.push_str(rest);
        out
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} [{}]", self.severity().as_str(), self.message(), self.code.as_str())
    }
}

/// The most code points of a person's text that a message shows.
pub const SHOWN_CODE_POINTS: usize = 80;

/// `text` as a message shows it: cut after 80 code points, with invisible characters by name.
#[must_use]
pub fn shown(text: &str) -> String {
    if text.len() <= SHOWN_CODE_POINTS && text.bytes().all(|octet| matches!(octet, b' '..=b'~') && octet != b'`') {
        return text.to_owned();
    }
    let mut out = String::new();
    for (count, character) in text.chars().enumerate() {
        if count == SHOWN_CODE_POINTS {
            out.push('…');
            break;
        }
        // The Greek question mark looks like `;`.
        if is_invisible(character) || matches!(character, '`' | '\u{37e}') {
            push_code_point(character, &mut out);
        } else {
            out.push(character);
        }
    }
    out
}

/// Appends a name such as `U+200B`. The standard formatter would make the module larger.
fn push_code_point(character: char, out: &mut String) {
    let code_point = u32::from(character);
    out.push_str("U+");
    for place in (0..6).rev() {
        if place < 4 || code_point >> (4 * place) > 0 {
            let digit = char::from_digit(code_point >> (4 * place) & 15, 16).unwrap_or_default();
            out.push(digit.to_ascii_uppercase());
        }
    }
}

/// Whether a character is invisible: controls, bidi controls, joiners, fillers, lone surrogates.
#[must_use]
pub const fn is_invisible(character: char) -> bool {
    matches!(character,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}'
        | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffd}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_points_are_written_as_unicode_writes_them() {
        for character in ['\0', '`', '\u{ad}', '\u{200b}', '\u{feff}', '\u{1d173}', '\u{e0001}', '\u{10ffff}'] {
            let mut written = String::new();
            push_code_point(character, &mut written);
            assert_eq!(written, format!("U+{:04X}", u32::from(character)));
        }
    }
}
