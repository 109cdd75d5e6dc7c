//! Writing and reading the names of variants, as in JSON.

use std::error::Error;
use std::fmt;

/// The error for a text that is not a name of this kind.
///
/// ```
/// use sendergate::decision::Verdict;
/// assert_eq!("ambiguous".parse(), Ok(Verdict::Ambiguous));
/// assert_eq!(
///     "Ambiguous".parse::<Verdict>().unwrap_err().to_string(),
///     "`Ambiguous` is no verdict; write authorized, unauthorized or ambiguous"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName {
    text: String,
    what: &'static str,
    known: Vec<&'static str>,
}

/// The most names that the message lists.
const MOST_LISTED: usize = 8;

impl UnknownName {
    pub(crate) fn new(text: &str, what: &'static str, known: Vec<&'static str>) -> Self {
        Self { text: crate::diagnostic::shown(text), what, known }
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no {}", self.text, self.what)?;
        match self.known.split_last() {
            Some((last, others)) if !others.is_empty() && others.len() < MOST_LISTED => {
                write!(f, "; write {} or {last}", others.join(", "))
            }
            _ => Ok(()),
        }
    }
}

impl Error for UnknownName {}

/// Implements the usual traits for a type with `ALL` and `as_str`.
macro_rules! named {
    ($($type:ty: $what:literal),+ $(,)?) => {$(
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::UnknownName;

            /// Reads a name that `as_str` returns.
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let known = || Self::ALL.iter().map(|one| one.as_str());
                let found = Self::ALL.iter().copied().find(|one| one.as_str() == text);
                found.ok_or_else(|| $crate::UnknownName::new(text, $what, known().collect()))
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::shapes::from_text(deserializer)
            }
        }
    )+};
}
pub(crate) use named;
