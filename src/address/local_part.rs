//! Local-parts: Dot-string or Quoted-string (RFC 5321 section 4.1.2, with UTF-8 by RFC 6531 section 3.3).

use super::GrammarError;
pub(crate) use crate::diagnostic::MAX_LOCAL_PART_OCTETS;
use crate::diagnostic::{Code, is_invisible};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

/// A local-part, as written and in the form that is compared.
///
/// ```
/// use sendergate::address::LocalPart;
/// let quoted = LocalPart::parse(r#""Info""#).unwrap();
/// assert_eq!(quoted.as_written(), r#""Info""#);
/// assert_eq!(quoted, LocalPart::parse("info").unwrap());
/// assert_ne!(quoted, LocalPart::parse("info+tag").unwrap());
/// ```
#[derive(Clone, Debug)]
pub struct LocalPart {
    written: Box<str>,
    /// `None` if it equals `written`.
    key: Option<Box<str>>,
}

impl LocalPart {
    /// Reads a Dot-string or a Quoted-string.
    ///
    /// # Errors
    /// The first rule that the text breaks, and its place.
    pub fn parse(text: &str) -> Result<Self, GrammarError> {
        if text.is_empty() || text == "\"\"" {
            return Err(GrammarError::new(Code::LocalPartEmpty, 0, text.len()));
        }
        if text.len() > MAX_LOCAL_PART_OCTETS {
            return Err(GrammarError::new(Code::LocalPartTooLong, 0, text.len()));
        }
        let key = match text.strip_prefix('"') {
            None => {
                check_dot_string(text)?;
                if text.bytes().all(|octet| octet.is_ascii() && !octet.is_ascii_uppercase()) {
                    None
                } else {
                    Some(fold(text))
                }
            }
            Some(rest) => Some(fold(&unquote(rest)?)),
        };
        Ok(Self { written: text.into(), key })
    }

    /// An ASCII Dot-string and its lower case, unchecked.
    pub(super) fn of_atoms(written: &str, key: &str) -> Self {
        Self { written: written.into(), key: (written != key).then(|| key.into()) }
    }

    /// As written, with its quotes.
    #[must_use]
    pub fn as_written(&self) -> &str {
        &self.written
    }

    /// The form that is compared: unquoted, NFC, ASCII letters in lower case.
    #[must_use]
    pub fn key(&self) -> &str {
        self.key.as_deref().unwrap_or(&self.written)
    }

    /// Whether some servers would relay it to another address: `a%b.example` (the percent hack, RFC 1123 section
    /// 5.2.16) or `b.example!a` (UUCP, RFC 976), quoted or not.
    #[must_use]
    pub fn routes(&self) -> bool {
        routes(self.key().as_bytes())
    }
}

/// [`LocalPart::routes`] for a key.
pub(crate) fn routes(key: &[u8]) -> bool {
    key.iter().any(|octet| matches!(octet, b'%' | b'!'))
}

impl PartialEq for LocalPart {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}
impl Eq for LocalPart {}
impl Hash for LocalPart {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl fmt::Display for LocalPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.written)
    }
}

impl FromStr for LocalPart {
    type Err = GrammarError;

    fn from_str(text: &str) -> Result<Self, GrammarError> {
        Self::parse(text)
    }
}

impl TryFrom<&str> for LocalPart {
    type Error = GrammarError;

    fn try_from(text: &str) -> Result<Self, GrammarError> {
        Self::parse(text)
    }
}

impl AsRef<str> for LocalPart {
    fn as_ref(&self) -> &str {
        &self.written
    }
}

/// RFC 5322 section 3.2.3.
pub(crate) const fn is_atext(octet: u8) -> bool {
    octet.is_ascii_alphanumeric()
        || matches!(octet, b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'/' | b'=' | b'?')
        || matches!(octet, b'^' | b'_' | b'`' | b'{' | b'|' | b'}' | b'~')
}

fn check_dot_string(text: &str) -> Result<(), GrammarError> {
    let mut after_dot = true;
    for (at, character) in text.char_indices() {
        let end = at + character.len_utf8();
        if character == '.' {
            if after_dot || end == text.len() {
                return Err(GrammarError::new(Code::LocalPartDot, at, end));
            }
            after_dot = true;
            continue;
        }
        after_dot = false;
        let fits = if character.is_ascii() { is_atext(character as u8) } else { !is_refused(character) };
        if !fits {
            return Err(GrammarError::new(Code::LocalPartCharacter, at, end));
        }
    }
    Ok(())
}

/// Invisible characters, and the Greek question mark, which NFC changes into `;`.
const fn is_refused(character: char) -> bool {
    is_invisible(character) || character == '\u{37e}'
}

/// The content of a Quoted-string without its first quote.
fn unquote(rest: &str) -> Result<String, GrammarError> {
    let mut content = String::with_capacity(rest.len());
    let mut escaped = false;
    for (at, character) in rest.char_indices() {
        let (start, end) = (at + 1, at + 1 + character.len_utf8());
        if is_refused(character) || escaped && !character.is_ascii() {
            return Err(GrammarError::new(Code::LocalPartCharacter, start, end));
        }
        match character {
            '"' if !escaped => {
                return if at + 1 == rest.len() {
                    Ok(content)
                } else {
                    Err(GrammarError::new(Code::LocalPartQuote, start, end))
                };
            }
            '\\' if !escaped => escaped = true,
            _ => {
                content.push(character);
                escaped = false;
            }
        }
    }
    Err(GrammarError::new(Code::LocalPartQuote, 0, 1))
}

fn fold(content: &str) -> Box<str> {
    let mut folded = if content.is_ascii() { content.to_owned() } else { nfc(content) };
    folded.make_ascii_lowercase();
    folded.into()
}

#[cfg(adapter_knows_nfc)]
fn nfc(text: &str) -> String {
    idna_adapter::nfc(text)
}

#[cfg(not(adapter_knows_nfc))]
fn nfc(text: &str) -> String {
    icu_normalizer::ComposingNormalizerBorrowed::new_nfc().normalize(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &str, code: Code, span: (usize, usize)) {
        let error = LocalPart::parse(text).unwrap_err();
        assert_eq!((error.code, error.span.start, error.span.end), (code, span.0, span.1), "{text}");
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        refused("", Code::LocalPartEmpty, (0, 0));
        refused("\"\"", Code::LocalPartEmpty, (0, 2));
        refused(".a", Code::LocalPartDot, (0, 1));
        refused("a..b", Code::LocalPartDot, (2, 3));
        refused("a.", Code::LocalPartDot, (1, 2));
        refused("a b", Code::LocalPartCharacter, (1, 2));
        refused("a\"b", Code::LocalPartCharacter, (1, 2));
        refused("a\u{200b}", Code::LocalPartCharacter, (1, 4));
        refused("a\u{fffd}", Code::LocalPartCharacter, (1, 4));
        refused("a\u{37e}b", Code::LocalPartCharacter, (1, 3));
        refused("\"a\u{37e}b\"", Code::LocalPartCharacter, (2, 4));
        refused("\"a", Code::LocalPartQuote, (0, 1));
        refused("\"a\\\"", Code::LocalPartQuote, (0, 1));
        refused("\"a\"b\"", Code::LocalPartQuote, (2, 3));
        refused(&"a".repeat(65), Code::LocalPartTooLong, (0, 65));
    }

    #[test]
    fn knows_what_routes() {
        for (text, expected) in [
            ("a%b.example", true),
            ("b.example!a", true),
            ("\"a%b.example\"", true),
            ("\"b.example\\!a\"", true),
            ("a+b", false),
            ("\"a@b.example\"", false),
            ("a％b", false),
        ] {
            assert_eq!(LocalPart::parse(text).unwrap().routes(), expected, "{text}");
        }
    }

    #[test]
    fn compares_by_content() {
        for (one, other, same) in [
            ("info", "INFO", true),
            ("\"info\"", "info", true),
            ("\"in\\fo\"", "info", true),
            ("\"a b\"", "\"A B\"", true),
            ("e\u{301}", "é", true),
            ("É", "é", false),
            ("user", "user+tag", false),
            ("a.b", "ab", false),
        ] {
            assert_eq!(LocalPart::parse(one).unwrap() == LocalPart::parse(other).unwrap(), same, "{one} {other}");
        }
    }
}
