//! The reverse-path of the envelope (RFC 5321 section 4.1.2), without its angle brackets.

use super::local_part::MAX_LOCAL_PART_OCTETS;
use super::reading::{FoundAddress, MailboxProblem};
use super::strict::read_address;
use crate::diagnostic::{Reason, is_invisible};
use std::error::Error;
use std::fmt;

/// Why a reverse-path cannot be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathProblem {
    /// `@relay.example:info@a.com` (RFC 5321 appendix C).
    SourceRoute,
    /// `=?utf-8?q?info=40a.com?=@b.com`: a program that decodes it (RFC 2047) finds another address.
    EncodedWord,
    /// `"info@a.com"@b.com`: a program that removes the quotes finds syntax inside.
    QuotedAt,
    /// Any other text that is not a Mailbox.
    Address,
}

impl PathProblem {
    /// The same as the reason of a decision.
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self {
            Self::SourceRoute => Reason::SourceRoute,
            Self::EncodedWord => Reason::EncodedWordAddress,
            Self::QuotedAt => Reason::QuotedAt,
            Self::Address => Reason::InvalidAddress,
        }
    }
}

impl fmt::Display for PathProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason().text())
    }
}

impl Error for PathProblem {}

/// Reads a non-null reverse-path.
///
/// ```
/// use sendergate::address::{PathProblem, read_reverse_path};
/// assert!(read_reverse_path("info@a.com").unwrap().spec.is_some());
/// assert!(read_reverse_path("root@localhost").unwrap().spec.is_none());
/// assert_eq!(read_reverse_path("@relay.example:info@a.com"), Err(PathProblem::SourceRoute));
/// ```
///
/// # Errors
/// Why it cannot be judged.
pub fn read_reverse_path(text: &str) -> Result<FoundAddress, PathProblem> {
    if text.starts_with('@') && text.contains(':') {
        return Err(PathProblem::SourceRoute);
    }
    match read_address(text.as_bytes()) {
        Ok(found) if found.spec.is_some() || is_mailbox(text) => Ok(found),
        Err(MailboxProblem::EncodedWord) => Err(PathProblem::EncodedWord),
        Err(MailboxProblem::QuotedAt) => Err(PathProblem::QuotedAt),
        Ok(_) | Err(_) => Err(PathProblem::Address),
    }
}

/// Whether a text is a Mailbox of RFC 5321, although no entry can name it: its domain is an address literal, a single
/// label, or has an underscore. The local-part must have a length that servers accept (section 4.5.3.1.1).
fn is_mailbox(text: &str) -> bool {
    let Some((local_part, domain)) = text.rsplit_once('@') else { return false };
    if local_part.len() > MAX_LOCAL_PART_OCTETS {
        return false;
    }
    let plain = |character: char| match character {
        '-' | '_' => true,
        _ if character.is_ascii() => character.is_ascii_alphanumeric(),
        _ => !is_invisible(character),
    };
    domain.starts_with('[') || domain.split('.').all(|label| !label.is_empty() && label.chars().all(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_reading_or_none() {
        for unmatchable in ["root@localhost", "a@[192.0.2.1]", "a@[IPv6:2001:db8::1]", "a@b_c.com", "a@192.0.2.1"] {
            assert_eq!(read_reverse_path(unmatchable).unwrap().spec, None, "{unmatchable}");
        }
        let long = ["x".repeat(65).as_str(), "@b.com"].concat();
        for problem in [
            long.as_str(),
            "",
            "a",
            "@a.com",
            "a@",
            "<a@b.com>",
            "a@b.com ",
            "a@b@c.com",
            "a@b.com.",
            "a@b..com",
            "a@[192.0.2.1",
            "a@[]",
            "a b@c.com",
            "a@b\u{200b}.com",
            "a@b.com\r\nRCPT TO:<x>",
            "a@[x@y]",
            "a@[<x>]",
            "a@[192.0.2.1 ]",
            "a@xn--0049.com",
            "(x)a@b.com",
            "a@b.com(x)",
        ] {
            assert_eq!(read_reverse_path(problem), Err(PathProblem::Address), "{problem}");
        }
        assert_eq!(read_reverse_path("@x.com,@y.com:a@b.com"), Err(PathProblem::SourceRoute));
        for quoted in ["\"victim@bank.example> \"@a.com", "\"a<b\"@c.com", "\"a,b\"@c.com", "\"a\\\"b\"@c.com"] {
            assert_eq!(read_reverse_path(quoted), Err(PathProblem::QuotedAt), "{quoted}");
        }
        assert!(read_reverse_path("\"a b\"@c.com").is_ok_and(|address| address.spec.is_some()));
        assert_eq!(read_reverse_path("=?utf-8?q?a=40b.com?=@c.com"), Err(PathProblem::EncodedWord));
        assert!(read_reverse_path("what?=that@c.com").is_err_and(|problem| problem == PathProblem::EncodedWord));
        assert!(read_reverse_path("what?@c.com").is_ok_and(|address| address.spec.is_some()));
    }
}
