//! Mailbox lists of originator fields (RFC 5322 section 3.4), read strictly: what two programs could read in two
//! ways is a problem, never a guess.

use super::AddrSpec;

/// An address that stands in a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundAddress {
    /// As written, without folding white space.
    pub text: String,
    /// What it means; `None` where it is well-formed but no entry can ever match it (an address literal, a single
    /// label, a domain that IDNA refuses).
    pub spec: Option<AddrSpec>,
}

/// Why nobody can say for sure which addresses a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailboxProblem {
    /// `<@relay.example:info@a.com>`.
    SourceRoute,
    /// `=?utf-8?q?info=40a.com?=` where an address is expected.
    EncodedWord,
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
}

/// What the strict reader makes of one field body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailboxReading {
    /// Every address that some program would take from it, in order.
    pub addresses: Vec<FoundAddress>,
    /// How many mailboxes the field holds, an address in display text not counted.
    pub mailboxes: usize,
    /// The first problem, if there is one.
    pub problem: Option<MailboxProblem>,
}

/// Reads the body of an originator field, folding and all.
#[must_use]
pub fn read_mailboxes(body: &[u8]) -> MailboxReading {
    let _ = body;
    todo!()
}
