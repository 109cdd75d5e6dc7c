//! Fixes for diagnostics, and the only code that applies them.

use super::{Diagnostic, Span};
use crate::order::sort;

/// One replacement in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Edit {
    /// The span that is replaced, in bytes.
    pub span: Span,
    /// The new text of the span.
    pub replacement: String,
}

/// A correction that removes the cause of a diagnostic.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Fix {
    /// What the fix does, as the text of a button.
    pub title: String,
    /// The edits, without overlaps.
    pub edits: Vec<Edit>,
    /// Whether the meaning is plain and no additional sender is authorized.
    pub safe: bool,
}

impl Fix {
    /// A fix with a single edit.
    #[must_use]
    #[inline(never)]
    pub fn replace(title: &str, span: Span, with: &str, safe: bool) -> Self {
        Self { title: title.into(), edits: vec![Edit { span, replacement: with.into() }], safe }
    }

    /// `text` with every edit applied. `None` if the edits do not fit: one ends before it begins, is outside the text
    /// or inside a character, or two overlap. An insertion may be at either end of another edit.
    ///
    /// ```
    /// use sendergate::diagnostic::{Fix, Span};
    ///
    /// let fix = Fix::replace("write `;`", Span::new(5, 6), ";", true);
    /// assert_eq!(fix.apply("a.com,b.com").as_deref(), Some("a.com;b.com"));
    /// assert_eq!(fix.apply("a.com"), None);
    /// ```
    #[must_use]
    pub fn apply(&self, text: &str) -> Option<String> {
        let edits: Vec<&Edit> = self.edits.iter().collect();
        apply(text, &edits)
    }
}

/// A text after its safe fixes were applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Fixed {
    /// The corrected text.
    pub text: String,
    /// The applied fixes, in order. The spans of each belong to the text of the round that found it.
    pub applied: Vec<Fix>,
}

impl Fixed {
    /// Runs `rounds` on a text, see [`fix_rounds`].
    pub(crate) fn of(text: &str, rounds: impl FnOnce(&mut dyn FnMut(&str, &[&Fix])) -> Option<String>) -> Self {
        let mut applied = Vec::new();
        match rounds(&mut |_, fixes| applied.extend(fixes.iter().copied().cloned())) {
            Some(text) => Self { text, applied },
            None => Self { text: text.to_owned(), applied: Vec::new() },
        }
    }
}

/// The order in which to apply the edits at `spans`, as indices: by place, and an insertion before a replacement.
/// `None` if they do not fit, see [`Fix::apply`].
pub(crate) fn edit_order(text: &str, spans: &[Span]) -> Option<Vec<u64>> {
    let mut order = Vec::with_capacity(spans.len());
    for (span, place) in spans.iter().zip(0_u64..) {
        text.get(span.start..span.end)?;
        let start = u32::try_from(2 * span.start + usize::from(span.end > span.start)).ok()?;
        order.push(u64::from(start) << 32 | place);
    }
    sort(&mut order);
    let mut end = 0;
    for key in &mut order {
        *key &= u64::from(u32::MAX);
        let span = spans.get(*key as usize).filter(|span| span.start >= end)?;
        end = span.end;
    }
    Some(order)
}

fn apply(text: &str, edits: &[&Edit]) -> Option<String> {
    let spans: Vec<Span> = edits.iter().map(|edit| edit.span).collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for place in edit_order(text, &spans)? {
        let edit = edits.get(place as usize)?;
        out.push_str(text.get(at..edit.span.start)?);
        out.push_str(&edit.replacement);
        at = edit.span.end;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

/// Applies the safe ones of `fixes`, except those that overlap an earlier one. Returns these fixes and the new text, or
/// `None` if the text stays the same.
pub(crate) fn fix_round<'a>(text: &str, fixes: &mut dyn Iterator<Item = &'a Fix>) -> Option<(Vec<&'a Fix>, String)> {
    let mut edited = Edited { places: vec![0; text.len() + 1] };
    let (mut taken, mut edits) = (Vec::new(), Vec::new());
    for fix in fixes {
        if fix.safe && fix.edits.iter().all(|edit| edited.is_free(edit.span)) {
            for edit in &fix.edits {
                edited.take(edit.span);
                edits.push(edit);
            }
            taken.push(fix);
        }
    }
    let mended = apply(text, &edits).filter(|mended| mended != text)?;
    Some((taken, mended))
}

/// The bytes that are already edited. One byte of state each keeps a million edits fast, in any order.
struct Edited {
    places: Vec<u8>,
}

impl Edited {
    /// The byte is replaced.
    const REPLACED: u8 = 1;
    /// The byte before it is replaced by the same edit.
    const WITHIN: u8 = 2;
    /// Text is inserted before the byte.
    const INSERTED: u8 = 4;

    fn is_free(&self, span: Span) -> bool {
        match self.places.get(span.start..span.end) {
            Some([first, others @ ..]) => first & Self::REPLACED == 0 && others.iter().all(|place| *place == 0),
            Some([]) => self.places.get(span.start).is_some_and(|place| place & Self::WITHIN == 0),
            None => false,
        }
    }

    fn take(&mut self, span: Span) {
        match self.places.get_mut(span.start..span.end) {
            Some([first, others @ ..]) => {
                *first |= Self::REPLACED;
                others.fill(Self::REPLACED | Self::WITHIN);
            }
            Some([]) | None => {
                if let Some(place) = self.places.get_mut(span.start) {
                    *place |= Self::INSERTED;
                }
            }
        }
    }
}

/// The most bytes that are read for one text in all rounds. Real lists need two or three rounds, whatever their length.
/// A malicious text needs a round for every few bytes, and is finished only if it is short.
const MOST_READ: usize = 1 << 24;

/// Applies the safe fixes that `read` finds, and reads again, until there is none. Calls `each` with the text and the
/// fixes of every round. Returns the final text. `None` means that it would take too long: then the caller changes
/// nothing, so that a second call changes nothing either.
pub(crate) fn fix_rounds(
    text: &str,
    read: &dyn Fn(&str) -> Vec<Diagnostic>,
    each: &mut dyn FnMut(&str, &[&Fix]),
) -> Option<String> {
    let mut text = text.to_owned();
    let mut left = MOST_READ;
    loop {
        let diagnostics = read(&text);
        let Some((fixes, mended)) = fix_round(&text, &mut diagnostics.iter().filter_map(|it| it.fix.as_ref())) else {
            return Some(text);
        };
        left = left.checked_sub(text.len())?;
        each(&text, &fixes);
        text = mended;
    }
}
