//! The result of the strict reader for one field: its addresses, or the problem that makes them uncertain.

use super::addr_spec::AddrSpec;
use crate::diagnostic::{Reason, Span};
use std::fmt;

/// The longest originator field. Some servers cut longer fields (Postfix keeps 102,400 octets of a header), and the
/// rest may name another sender.
pub const MAX_FIELD_OCTETS: usize = 2_000;

/// An address in a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundAddress {
    /// As written, without folding white space.
    pub text: String,
    /// The parsed address; `None` if it is well-formed but no entry can match it (an address literal, a single label, a
    /// domain that IDNA refuses).
    pub spec: Option<AddrSpec>,
}

impl fmt::Display for FoundAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl AsRef<str> for FoundAddress {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

/// Why the addresses of a field are uncertain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MailboxProblem {
    /// `<@relay.example:info@a.com>`.
    SourceRoute,
    /// `=?utf-8?q?info=40a.com?=` in place of an address, or an encoded-word that programs decode differently.
    EncodedWord,
    /// An encoded-word that decodes to a control. Programs that write the field again may start a new line there
    /// (CVE-2024-6923).
    EncodedControl,
    /// A quote, comment or bracket that is not closed.
    Unbalanced,
    /// `team: a@x.example;`.
    Group,
    /// An address that is not UTF-8.
    InvalidUtf8,
    /// Text around an address that is neither a phrase nor a comment.
    StrayText,
    /// White space, comments or characters inside an address that programs treat differently.
    Address,
    /// No address at all.
    NoAddress,
    /// `"info@a.com"@b.com`: a program that removes the quotes finds syntax inside.
    QuotedAt,
    /// An `@` among the words of an unquoted name.
    AtInName,
    /// An `@` in a quoted name that is not alone before its address, or that contains more than a name.
    AtInQuotes,
    /// A comment with an `@`, or one that programs end in different places in a field with several `@`.
    AtInComment,
    /// A line break in quotes or a comment, where quotes or comments contain an `@`. Some programs end them at the line
    /// break.
    LineBreak,
    /// More than [`MAX_FIELD_OCTETS`].
    TooLong,
}

impl MailboxProblem {
    /// The same as the reason of a decision.
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self {
            Self::SourceRoute => Reason::SourceRoute,
            Self::EncodedWord => Reason::EncodedWordAddress,
            Self::Unbalanced => Reason::Unbalanced,
            Self::Group => Reason::GroupSyntax,
            Self::InvalidUtf8 => Reason::InvalidUtf8,
            Self::StrayText => Reason::StrayText,
            Self::Address => Reason::InvalidAddress,
            Self::NoAddress => Reason::NoAddress,
            Self::QuotedAt => Reason::QuotedAt,
            Self::LineBreak => Reason::LineBreakInside,
            Self::EncodedControl => Reason::EncodedControl,
            Self::AtInName => Reason::AtInName,
            Self::AtInQuotes => Reason::AtInQuotes,
            Self::AtInComment => Reason::AtInComment,
            Self::TooLong => Reason::FieldTooLong,
        }
    }

    /// Whether only the grammar is broken, so that a valid address at the end makes the field certain.
    pub(super) const fn is_grammar(self) -> bool {
        matches!(self, Self::EncodedWord | Self::Unbalanced | Self::Group | Self::StrayText | Self::Address)
    }
}

impl fmt::Display for MailboxProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason().text())
    }
}

/// The strict reader's result for one field body.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MailboxReading {
    /// Every address that some program would find, in order.
    pub addresses: Vec<FoundAddress>,
    /// The number of mailboxes, without addresses in display text.
    pub mailboxes: usize,
    /// The first problem, if there is one.
    pub problem: Option<MailboxProblem>,
    /// Present if the field breaks the grammar but no program can find another address: the corrections it needs.
    pub loose: Option<LooseName>,
}

/// The corrections after which every program reads a field with a single address alike. Spans are bytes of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LooseName {
    /// The name that needs quotes; `None` if it has them or there is no name.
    pub name: Option<Span>,
    /// The place of a `;` after the address, which must be removed.
    pub semicolon: Option<usize>,
}
