//! One address: local-part, `@`, domain (RFC 5322 section 3.4.1 without comments and folding).

use super::GrammarError;
use super::domain::Domain;
use super::local_part::LocalPart;
use super::quick::octets::{SHORT_OCTETS, fold_short_address};
use crate::diagnostic::{Code, MAX_ADDRESS_OCTETS};
use std::fmt;
use std::str::FromStr;

/// An address whose domain is a name. An address literal is not one, because no entry can authorize it.
///
/// ```
/// use sendergate::address::AddrSpec;
/// let address = AddrSpec::parse("Info@Bücher.example").unwrap();
/// assert_eq!(address.canonical(), "Info@xn--bcher-kva.example");
/// assert_eq!(address, AddrSpec::parse("info@xn--bcher-kva.example").unwrap());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AddrSpec {
    local_part: LocalPart,
    domain: Domain,
}

impl AddrSpec {
    /// Reads an address without white space, comments or brackets.
    ///
    /// # Errors
    /// The first rule that the text breaks, and its place.
    pub fn parse(text: &str) -> Result<Self, GrammarError> {
        match Self::parse_short(text) {
            Some(spec) => Ok(spec),
            None => Self::parse_any(text),
        }
    }

    /// The fast path for nearly every address; `None` if the full parser must decide.
    fn parse_short(text: &str) -> Option<Self> {
        let mut short = [0; SHORT_OCTETS];
        let at = fold_short_address(text.as_bytes(), &mut short)?;
        let folded = str::from_utf8(short.get(..text.len())?).ok()?;
        let (key, domain) = (folded.get(..at)?, folded.get(at + 1..)?);
        Some(Self { local_part: LocalPart::of_atoms(text.get(..at)?, key), domain: Domain::of_folded(domain) })
    }

    #[cold]
    fn parse_any(text: &str) -> Result<Self, GrammarError> {
        let at = find_at(text).ok_or(GrammarError::new(Code::AtMissing, 0, text.len()))?;
        let (local_part, rest) = text.split_at_checked(at).unwrap_or((text, ""));
        let local_part = LocalPart::parse(local_part)?;
        let domain = Domain::parse(rest.get(1..).unwrap_or_default())
            .map_err(|error| GrammarError { span: error.span.offset(at + 1), ..error })?;
        if local_part.as_written().len() + 1 + domain.as_ascii().len() > MAX_ADDRESS_OCTETS {
            return Err(GrammarError::new(Code::AddressTooLong, 0, text.len()));
        }
        Ok(Self { local_part, domain })
    }

    /// The local-part.
    #[must_use]
    pub const fn local_part(&self) -> &LocalPart {
        &self.local_part
    }

    /// The domain.
    #[must_use]
    pub const fn domain(&self) -> &Domain {
        &self.domain
    }

    /// The form that is compared: the key of the local-part, `@`, the domain in A-labels.
    pub(crate) fn key(&self) -> String {
        [self.local_part.key(), "@", self.domain.as_ascii()].concat()
    }

    /// The canonical text: the local-part as written, the domain in A-labels.
    #[must_use]
    pub fn canonical(&self) -> String {
        [self.local_part.as_written(), "@", self.domain.as_ascii()].concat()
    }
}

impl fmt::Display for AddrSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.canonical())
    }
}

impl FromStr for AddrSpec {
    type Err = GrammarError;

    fn from_str(text: &str) -> Result<Self, GrammarError> {
        Self::parse(text)
    }
}

impl TryFrom<&str> for AddrSpec {
    type Error = GrammarError;

    fn try_from(text: &str) -> Result<Self, GrammarError> {
        Self::parse(text)
    }
}

/// The `@` between local-part and domain: the first one outside a Quoted-string.
pub(crate) fn find_at(text: &str) -> Option<usize> {
    if !text.starts_with('"') {
        return text.find('@');
    }
    let mut escaped = false;
    for (at, octet) in text.bytes().enumerate().skip(1) {
        match octet {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => {
                let rest = text.get(at..).unwrap_or_default();
                return rest.find('@').map(|further| at + further);
            }
            _ => {}
        }
    }
    text.rfind('@')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn refused(text: &str, code: Code, span: (usize, usize)) {
        let error = AddrSpec::parse(text).unwrap_err();
        assert_eq!((error.code, error.span.start, error.span.end), (code, span.0, span.1), "{text}");
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        refused("a.com", Code::AtMissing, (0, 5));
        refused("@a.com", Code::LocalPartEmpty, (0, 0));
        refused("info@", Code::EmptyDomain, (5, 5));
        refused("info@a..com", Code::EmptyLabel, (6, 8));
        refused("info@a@b.com", Code::DomainCharacter, (6, 7));
        refused("info@[192.0.2.1]", Code::IpLiteral, (5, 16));
        refused("in fo@a.com", Code::LocalPartCharacter, (2, 3));
        let long = format!("{}@{}.com", "a".repeat(64), ["b".repeat(63), "c".repeat(63), "d".repeat(60)].join("."));
        refused(&long, Code::AddressTooLong, (0, long.len()));
    }

    #[test]
    fn quoted_local_parts_may_hold_an_at() {
        let address = AddrSpec::parse("\"a@b\"@c.com").unwrap();
        assert_eq!((address.local_part().key(), address.domain().as_ascii()), ("a@b", "c.com"));
    }

    proptest! {
        #[test]
        fn spans_stand_inside(text in "\\PC{0,20}@\\PC{0,20}|.{0,40}") {
            if let Err(error) = AddrSpec::parse(&text) {
                prop_assert!(text.get(error.span.start..error.span.end).is_some(), "{:?}", error);
            }
        }
    }
}
