//! Ways to mend what a diagnostic complains of, and the one way in which they are applied.

use super::{Diagnostic, Span};
use crate::order::sort;

/// One replacement in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// What stands there afterwards.
    pub replacement: String,
}

/// A way to mend what a diagnostic complains of.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Fix {
    /// What the fix does, as the words of a button.
    pub title: String,
    /// The edits; they do not overlap.
    pub edits: Vec<Edit>,
    /// Whether it says what was plainly meant and widens nothing.
    pub safe: bool,
}

impl Fix {
    /// A fix of a single edit.
    #[must_use]
    #[inline(never)]
    pub fn replace(title: &str, span: Span, with: &str, safe: bool) -> Self {
        Self { title: title.into(), edits: vec![Edit { span, replacement: with.into() }], safe }
    }

    /// `text` with every edit made; `None` where the edits do not fit it: one ends before it begins, lies outside of the
    /// text or within a character, or two of them overlap. What only inserts may stand at
    /// either end of another edit.
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

/// What became of a text whose safe fixes were applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Fixed {
    /// The text, mended.
    pub text: String,
    /// What was applied, in order, each as the reading gave it that found it: its spans are of the text of that reading.
    pub applied: Vec<Fix>,
}

impl Fixed {
    /// What `rounds` make of a text, see [`fix_rounds`].
    pub(crate) fn of(text: &str, rounds: impl FnOnce(&mut dyn FnMut(&str, &[&Fix])) -> Option<String>) -> Self {
        let mut applied = Vec::new();
        match rounds(&mut |_, fixes| applied.extend(fixes.iter().copied().cloned())) {
            Some(text) => Self { text, applied },
            None => Self { text: text.to_owned(), applied: Vec::new() },
        }
    }
}

/// The order in which edits at `spans` are made, by their places among them: that of the text, and what inserts before
/// what replaces. `None` where they do not fit, see [`Fix::apply`].
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

/// Those of `fixes` that are safe, without those that overlap one before them, and what they make of the text; `None`
/// where they make nothing else of it.
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

/// What is edited already, byte by byte: a million edits in any order take no time to speak of.
struct Edited {
    places: Vec<u8>,
}

impl Edited {
    /// The byte is replaced.
    const REPLACED: u8 = 1;
    /// The byte before it is replaced by the same edit.
    const WITHIN: u8 = 2;
    /// Something is put in before the byte.
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

/// How many bytes are read again and again for one text. Lists of people take two or three rounds, whatever their
/// length; a text made for it takes one for every few bytes, which may be finished only where it is short.
const MOST_READ: usize = 1 << 24;

/// Applies the safe fixes that `read` finds, and reads again, until there is none. `each` is told the text and the fixes
/// of every round. Gives the text at last; `None` where that would take too long, and then nothing may be changed, so
/// that to ask again changes nothing either.
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
