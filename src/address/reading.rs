//! What the strict reader says of a field: its addresses, or why nobody can say for sure which they are.

use super::addr_spec::AddrSpec;
use crate::diagnostic::{Reason, Span};
use std::fmt;

/// A field of more octets is cut by some servers (Postfix keeps 102,400 of a header), and what is left names another.
pub const MAX_FIELD_OCTETS: usize = 2_000;

/// An address that stands in a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundAddress {
    /// As written, without folding white space.
    pub text: String,
    /// What it means; `None` where it is well-formed but no entry can ever match it (an address literal, a single
    /// label, a domain that IDNA refuses).
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

/// Why nobody can say for sure which addresses a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MailboxProblem {
    /// `<@relay.example:info@a.com>`.
    SourceRoute,
    /// `=?utf-8?q?info=40a.com?=` where an address is expected, or an encoded-word that not every program decodes alike.
    EncodedWord,
    /// An encoded-word that decodes to a control: programs that write the field again make a line of it (CVE-2024-6923).
    EncodedControl,
    /// A quote, comment or bracket without its other half.
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
    /// `"info@a.com"@b.com`: some programs take the quotes off and find syntax inside.
    QuotedAt,
    /// An `@` among the words of a name that has no quotes.
    AtInName,
    /// An `@` in a quoted name that does not stand alone before its address, or has more in it than a name.
    AtInQuotes,
    /// A comment with an `@` in it, or one that programs end in different places, where there is another `@`.
    AtInComment,
    /// A line break within quotes or a comment, at which some programs end them, where quotes or comments hold an `@`.
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

    /// Whether it is a breach of grammar alone, which a clean address at the end makes good.
    pub(super) const fn is_grammar(self) -> bool {
        matches!(self, Self::EncodedWord | Self::Unbalanced | Self::Group | Self::StrayText | Self::Address)
    }
}

impl fmt::Display for MailboxProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason().text())
    }
}

/// What the strict reader makes of one field body.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MailboxReading {
    /// Every address that some program would take from it, in order.
    pub addresses: Vec<FoundAddress>,
    /// How many mailboxes the field holds, an address in display text not counted.
    pub mailboxes: usize,
    /// The first problem, if there is one.
    pub problem: Option<MailboxProblem>,
    /// The field breaks the grammar, and no program can find another address in it; how it has to be written.
    pub loose: Option<LooseName>,
}

/// How a field of a single address has to be written so that every program reads it alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LooseName {
    /// The name, which belongs into quotes; `None` where it stands in quotes already or is none.
    pub name: Option<Span>,
    /// A `;` behind the address, which has to go.
    pub semicolon: Option<usize>,
}
