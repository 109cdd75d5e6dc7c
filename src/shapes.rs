//! Serialization of results, with the feature `serde`: the shapes of the npm package, with spans in bytes.
//!
//! An absent value is left out. Types whose shape is their fields use a derive where they are defined.

use crate::address::{AddrSpec, Domain, GrammarError, Identities, Identity, LocalPart};
use crate::decision::{Decision, SmtpReply};
use crate::diagnostic::Diagnostic;
use crate::list::{DomainEntry, ParsedList, SenderEntry};
use crate::priority::{Level, PriorityResolution};
use crate::user::{User, UserValidation};
use serde::de::{Error, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

/// Deserializes a type from its text.
pub(crate) fn from_text<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: fmt::Display>,
{
    struct Text<T>(PhantomData<T>);

    impl<T: FromStr<Err: fmt::Display>> Visitor<'_> for Text<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
            text.parse().map_err(E::custom)
        }
    }

    deserializer.deserialize_str(Text(PhantomData))
}

/// Implements serialization as text for types that a grammar reads.
macro_rules! text {
    ($($type:ty),+) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                from_text(deserializer)
            }
        }
    )+};
}

text!(Domain, LocalPart, AddrSpec);

impl Serialize for GrammarError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Fields::new(serializer)?
            .field("code", &self.code)?
            .field("message", &self.code.in_general())?
            .field("span", &self.span)?
            .end()
    }
}

impl Serialize for Identities {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_seq(Some(self.iter().count()))?;
        self.iter().try_for_each(|identity| out.serialize_element(&identity))?;
        out.end()
    }
}

/// The empty set is read too, since a decision on a malformed message checked no identity.
impl<'de> Deserialize<'de> for Identities {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let identities = Vec::<Identity>::deserialize(deserializer)?;
        Ok(identities.into_iter().fold(Self::NONE, Self::with))
    }
}

impl Serialize for Level {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.number())
    }
}

impl<'de> Deserialize<'de> for Level {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(u8::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// Writes the fields of a struct that are present.
struct Fields<M>(M);

impl<M: SerializeMap> Fields<M> {
    fn new<S: Serializer<SerializeMap = M, Ok = M::Ok, Error = M::Error>>(serializer: S) -> Result<Self, M::Error> {
        serializer.serialize_map(None).map(Self)
    }

    fn field(mut self, name: &'static str, value: &(impl Serialize + ?Sized)) -> Result<Self, M::Error> {
        self.0.serialize_entry(name, value)?;
        Ok(self)
    }

    fn optional(self, name: &'static str, value: Option<&(impl Serialize + ?Sized)>) -> Result<Self, M::Error> {
        match value {
            Some(value) => self.field(name, value),
            None => Ok(self),
        }
    }

    fn end(self) -> Result<M::Ok, M::Error> {
        self.0.end()
    }
}

/// The parameters of a diagnostic's message, by name.
struct Params<'a>(&'a Diagnostic);

impl Serialize for Params<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.params())
    }
}

impl Serialize for Diagnostic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let help = self.help();
        Fields::new(serializer)?
            .field("code", &self.code)?
            .field("severity", &self.severity())?
            .field("message", &self.message())?
            .field("params", &Params(self))?
            .optional("help", Some(&help).filter(|help| !help.is_empty()))?
            .optional("field", self.field.as_ref())?
            .optional("span", self.span.as_ref())?
            .optional("fix", self.fix.as_ref())?
            .end()
    }
}

/// A domain in both forms.
struct Both<'a>(&'a Domain);

impl Serialize for Both<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Fields::new(serializer)?.field("ascii", self.0.as_ascii())?.field("unicode", &self.0.to_unicode())?.end()
    }
}

impl Serialize for DomainEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Fields::new(serializer)?
            .field("kind", &self.kind)?
            .field("ascii", self.domain.as_ascii())?
            .field("unicode", &self.domain.to_unicode())?
            .field("span", &self.span)?
            .end()
    }
}

impl Serialize for SenderEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Fields::new(serializer)?
            .field("kind", &self.kind)?
            .field("address", &self.address)?
            .field("localPart", self.address.local_part())?
            .field("domain", &Both(self.address.domain()))?
            .field("span", &self.span)?
            .end()
    }
}

impl<Entry: Serialize> Serialize for ParsedList<Entry> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Fields::new(serializer)?
            .field("ok", &self.ok())?
            .field("entries", &self.entries)?
            .field("diagnostics", &self.diagnostics)?
            .field("canonical", &self.canonical)?
            .end()
    }
}

impl Serialize for User {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Fields::new(serializer)?
            .optional("username", self.username())?
            .field("active", &self.active())?
            .field("priority", &self.priority())?
            .field("note", self.note())?
            .field("domains", self.domains())?
            .field("senders", self.senders())?
            .end()
    }
}

impl Serialize for UserValidation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Fields::new(serializer)?
            .field("ok", &self.user.is_some())?
            .optional("user", self.user.as_ref())?
            .field("diagnostics", &self.diagnostics)?
            .end()
    }
}

#[derive(Serialize)]
struct HeaderField {
    name: &'static str,
    value: &'static str,
}

impl Serialize for PriorityResolution {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Fields::new(serializer)?
            .field("effective", &self.effective)?
            .field("user", &self.user)?
            .optional("message", self.message.as_ref())?
            .field("source", &self.source)?
            .field("conflict", &self.conflict)?
            .field("capped", &self.capped)?
            .field("fields", &self.fields().map(|(name, value)| HeaderField { name, value }))?
            .end()
    }
}

impl Serialize for SmtpReply {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Fields::new(serializer)?
            .field("code", &self.code)?
            .field("enhancedCode", self.enhanced_code)?
            .field("text", &self.text)?
            .end()
    }
}

impl Serialize for Decision {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Fields::new(serializer)?
            .field("action", &self.action)?
            .field("verdict", &self.verdict)?
            .field("reason", &self.reason)?
            .field("findings", &self.findings)?
            .optional("decidedBy", self.decided_by.as_ref())?
            .field("checked", &self.checked)?
            .field("priority", &self.priority)?
            .field("reply", &self.reply())?
            .optional("alert", self.alert.as_ref())?
            .end()
    }
}
