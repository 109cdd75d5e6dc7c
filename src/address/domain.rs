//! Domains, compared by A-label (UTS #46, non-transitional, STD3, hyphens and DNS lengths verified).

use super::GrammarError;
use super::quick::octets::{SHORT_OCTETS, fold_short_domain};
use super::quick::plain::{Ldh, fold_ldh, is_dotted_number};
pub(crate) use crate::diagnostic::MAX_DOMAIN_OCTETS;
use crate::diagnostic::{Code, MAX_LABEL_OCTETS, is_invisible};
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// No longer text can be a domain of 253 octets, so IDNA is not tried.
const MAX_TYPED_BYTES: usize = 1024;

/// A domain of at least two labels, in lower-case A-label form.
///
/// ```
/// use sendergate::address::Domain;
/// let domain = Domain::parse("Bücher.Example").unwrap();
/// assert_eq!(domain.as_ascii(), "xn--bcher-kva.example");
/// assert_eq!(domain.to_unicode(), "bücher.example");
/// assert_eq!("A.example".parse::<Domain>().unwrap().to_string(), "a.example");
/// assert!(Domain::parse("localhost").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Domain {
    // INVARIANT: lower-case LDH labels, two at least, 253 octets at most, every `xn--` label valid.
    ascii: Box<str>,
}

impl Domain {
    /// A domain from its canonical form, unchecked.
    pub(super) fn of_folded(ascii: &str) -> Self {
        Self { ascii: ascii.into() }
    }

    /// Reads a domain in A-labels or U-labels, without surrounding white space. Only U+002E separates labels.
    /// Characters that UTS #46 drops silently (soft hyphens, zero-width characters) are refused: in a list they are
    /// typing errors, in a message tricks.
    ///
    /// # Errors
    /// The first rule that the text breaks, and its place.
    pub fn parse(text: &str) -> Result<Self, GrammarError> {
        let mut short = [0; SHORT_OCTETS];
        if fold_short_domain(text.as_bytes(), &mut short)
            && let Some(Ok(ascii)) = short.get(..text.len()).map(str::from_utf8)
        {
            return Ok(Self { ascii: ascii.into() });
        }
        let mut buffer = [0; MAX_DOMAIN_OCTETS];
        match fold_ldh(text.as_bytes(), &mut buffer) {
            Ldh::Folded(ascii) => Ok(Self { ascii: ascii.into() }),
            Ldh::Other => Self::parse_idna(text),
            Ldh::Refused => Err(diagnose(text)),
        }
    }

    #[cold]
    fn parse_idna(text: &str) -> Result<Self, GrammarError> {
        if text.len() > MAX_TYPED_BYTES || text.chars().any(is_refused_in_domains) {
            return Err(diagnose(text));
        }
        let ascii = Uts46::new()
            .to_ascii(text.as_bytes(), AsciiDenyList::STD3, Hyphens::Check, DnsLength::Verify)
            .map_err(|_| diagnose(text))?;
        if !ascii.contains('.') || is_dotted_number(&ascii) {
            return Err(diagnose(text));
        }
        Ok(Self { ascii: ascii.into() })
    }

    /// The lower-case A-label form.
    #[must_use]
    pub fn as_ascii(&self) -> &str {
        &self.ascii
    }

    /// The U-label form, for display.
    #[must_use]
    pub fn to_unicode(&self) -> Cow<'_, str> {
        if !self.ascii.split('.').any(|label| label.starts_with("xn--")) {
            return Cow::Borrowed(&self.ascii);
        }
        // Parsing has checked every A-label, so this cannot fail.
        let mut unicode = String::with_capacity(self.ascii.len());
        for label in self.ascii.split('.') {
            if !unicode.is_empty() {
                unicode.push('.');
            }
            match label.strip_prefix("xn--").and_then(idna::punycode::decode_to_string) {
                Some(label) => unicode.push_str(&label),
                None => unicode.push_str(label),
            }
        }
        Cow::Owned(unicode)
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.ascii)
    }
}

impl FromStr for Domain {
    type Err = GrammarError;

    fn from_str(text: &str) -> Result<Self, GrammarError> {
        Self::parse(text)
    }
}

impl TryFrom<&str> for Domain {
    type Error = GrammarError;

    fn try_from(text: &str) -> Result<Self, GrammarError> {
        Self::parse(text)
    }
}

impl AsRef<str> for Domain {
    fn as_ref(&self) -> &str {
        &self.ascii
    }
}

const fn is_refused_in_domains(character: char) -> bool {
    // Some scripts need ZWNJ and ZWJ; IDNA checks their context (RFC 5892 appendix A).
    is_invisible(character) && !matches!(character, '\u{200c}' | '\u{200d}') || is_wide_dot(character)
}

/// The dots that UTS #46 maps to U+002E.
pub(crate) const fn is_wide_dot(character: char) -> bool {
    matches!(character, '\u{3002}' | '\u{ff0e}' | '\u{ff61}')
}

/// The error of a text that is not a domain: the first one in the text that has a place.
#[cold]
fn diagnose(text: &str) -> GrammarError {
    let whole = |code| GrammarError::new(code, 0, text.len());
    if text.is_empty() {
        return whole(Code::EmptyDomain);
    }
    let address_like = |octet: u8| octet.is_ascii_hexdigit() || matches!(octet, b':' | b'.');
    if text.starts_with('[')
        || is_dotted_number(text) && text.contains('.')
        || text.as_bytes().windows(2).any(|pair| pair == b"::")
        || text.contains(':') && text.bytes().all(address_like) && text.matches(':').count() > 1
    {
        return whole(Code::IpLiteral);
    }
    for (at, character) in text.char_indices() {
        let code = match character {
            '_' => Code::Underscore,
            '.' | '-' => continue,
            _ if character.is_ascii() && !character.is_ascii_alphanumeric() => Code::DomainCharacter,
            _ if is_refused_in_domains(character) => Code::DomainCharacter,
            _ => continue,
        };
        return GrammarError::new(code, at, at + character.len_utf8());
    }
    if text.len() > MAX_TYPED_BYTES {
        return whole(Code::DomainTooLong);
    }
    diagnose_labels(text).unwrap_or_else(|| {
        if !text.contains('.') {
            whole(Code::SingleLabel)
        } else if is_dotted_number(text) {
            whole(Code::IpLiteral)
        } else if text.is_ascii() && text.len() <= MAX_DOMAIN_OCTETS {
            whole(Code::InvalidIdna)
        } else {
            whole(Code::DomainTooLong)
        }
    })
}

fn diagnose_labels(text: &str) -> Option<GrammarError> {
    let mut start = 0;
    for label in text.split('.') {
        let end = start + label.len();
        let error = |code| Some(GrammarError::new(code, start, end));
        if label.is_empty() {
            // At the end of the text it is the root label. Elsewhere a label is missing.
            return if end == text.len() && start > 1 {
                Some(GrammarError::new(Code::TrailingDot, start - 1, end))
            } else {
                Some(GrammarError::new(Code::EmptyLabel, start.saturating_sub(1), (end + 1).min(text.len())))
            };
        }
        let octets = label.as_bytes();
        let is_ace = octets.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case(b"xn--"));
        if octets.first() == Some(&b'-') || octets.last() == Some(&b'-') || !is_ace && octets.get(2..4) == Some(b"--") {
            return error(Code::LabelHyphen);
        }
        if label.is_ascii() && label.len() > MAX_LABEL_OCTETS {
            return error(Code::LabelTooLong);
        }
        if is_ace || !label.is_ascii() {
            match Uts46::new().to_ascii(octets, AsciiDenyList::STD3, Hyphens::Check, DnsLength::Ignore) {
                Ok(ascii) if ascii.len() > MAX_LABEL_OCTETS => return error(Code::LabelTooLong),
                Ok(_) => {}
                Err(_) => return error(Code::InvalidIdna),
            }
        }
        start = end + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn refused(text: &str, code: Code, span: (usize, usize)) {
        let error = Domain::parse(text).unwrap_err();
        assert_eq!((error.code, error.span.start, error.span.end), (code, span.0, span.1), "{text}");
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        refused("", Code::EmptyDomain, (0, 0));
        refused("a..com", Code::EmptyLabel, (1, 3));
        refused(".a.com", Code::EmptyLabel, (0, 1));
        refused("a.com.", Code::TrailingDot, (5, 6));
        refused("a.com..", Code::EmptyLabel, (5, 7));
        refused("localhost", Code::SingleLabel, (0, 9));
        refused("-a.com", Code::LabelHyphen, (0, 2));
        refused("a.b-.com", Code::LabelHyphen, (2, 4));
        refused("ab--c.com", Code::LabelHyphen, (0, 5));
        refused("a_b.com", Code::Underscore, (1, 2));
        refused("a b.com", Code::DomainCharacter, (1, 2));
        refused("a\u{200b}b.com", Code::DomainCharacter, (1, 4));
        refused("a\u{3002}com", Code::DomainCharacter, (1, 4));
        refused("a\u{fffd}.com", Code::DomainCharacter, (1, 4));
        refused("[192.0.2.1]", Code::IpLiteral, (0, 11));
        refused("192.0.2.1", Code::IpLiteral, (0, 9));
        refused("2001:db8::1", Code::IpLiteral, (0, 11));
        refused("xn--a.com", Code::InvalidIdna, (0, 5));
        refused(&format!("{}.com", "a".repeat(64)), Code::LabelTooLong, (0, 64));
        refused(&format!("{}com", "a.".repeat(126)), Code::DomainTooLong, (0, 255));
        refused(&format!("{}.com", "ü".repeat(70)), Code::LabelTooLong, (0, 140));
        refused(&"ü".repeat(32768), Code::DomainTooLong, (0, 65536));
    }

    #[test]
    fn canonical_form() {
        for (typed, ascii, unicode) in [
            ("A.com", "a.com", "a.com"),
            ("bücher.example", "xn--bcher-kva.example", "bücher.example"),
            ("XN--BCHER-KVA.example", "xn--bcher-kva.example", "bücher.example"),
            ("faß.de", "xn--fa-hia.de", "faß.de"),
            ("a.1.com", "a.1.com", "a.1.com"),
            ("1.2.com", "1.2.com", "1.2.com"),
        ] {
            let domain = Domain::parse(typed).unwrap();
            assert_eq!((domain.as_ascii(), &*domain.to_unicode()), (ascii, unicode));
        }
    }

    proptest! {
        #[test]
        fn canonical_is_a_fixed_point(text in "\\PC{0,20}\\.\\PC{1,8}") {
            if let Ok(domain) = Domain::parse(&text) {
                prop_assert_eq!(&Domain::parse(domain.as_ascii()).unwrap(), &domain);
                prop_assert_eq!(&Domain::parse(&domain.to_unicode()).unwrap(), &domain);
            }
        }

        #[test]
        fn spans_stand_inside(text in "\\PC{0,40}|.{0,40}") {
            if let Err(error) = Domain::parse(&text) {
                prop_assert!(text.get(error.span.start..error.span.end).is_some(), "{:?}", error);
            }
        }
    }
}
