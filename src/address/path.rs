//! The reverse-path of the envelope (RFC 5321 section 4.1.2), without its angle brackets.

use super::addr_spec::find_at;
use super::{AddrSpec, FoundAddress, LocalPart};
use crate::diagnostic::{Code, is_invisible};

/// Why a reverse-path cannot be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathProblem {
    /// `@relay.example:info@a.com` (RFC 5321 appendix C).
    SourceRoute,
    /// `=?utf-8?q?info=40a.com?=@b.com`: an address here, another one to a program that decodes it (RFC 2047).
    EncodedWord,
    /// Anything else that is not a Mailbox.
    Address,
}

/// Reads a reverse-path that is not null.
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
    match AddrSpec::parse(text) {
        Ok(spec) if holds_encoded_word(spec.local_part().as_written()) => Err(PathProblem::EncodedWord),
        Ok(spec) => Ok(FoundAddress { text: text.to_owned(), spec: Some(spec) }),
        Err(_) if text.starts_with('@') && text.contains(':') => Err(PathProblem::SourceRoute),
        Err(error) if is_unmatchable(text, error.code) => Ok(FoundAddress { text: text.to_owned(), spec: None }),
        Err(_) => Err(PathProblem::Address),
    }
}

/// The same marks as those by which the reader of mailboxes knows one.
fn holds_encoded_word(local_part: &str) -> bool {
    local_part.as_bytes().windows(2).any(|pair| matches!(pair, b"=?" | b"?="))
}

/// Whether every program would read one and the same address here, though no entry can ever name it: an address
/// literal, or a domain that is only not good enough.
pub(crate) fn is_unmatchable(text: &str, code: Code) -> bool {
    let Some((local_part, domain)) = find_at(text).and_then(|at| Some((text.get(..at)?, text.get(at + 1..)?))) else {
        return false;
    };
    if LocalPart::parse(local_part).is_err() {
        return false;
    }
    if let Some(literal) = domain.strip_prefix('[') {
        let content = literal.strip_suffix(']');
        return content.is_some_and(|content| {
            !content.is_empty() && content.bytes().all(|octet| octet.is_ascii_graphic() && !b"[]\\".contains(&octet))
        });
    }
    let plain = |character: char| match character {
        '.' | '-' | '_' => true,
        _ if character.is_ascii() => character.is_ascii_alphanumeric(),
        _ => !is_invisible(character),
    };
    domain.chars().all(plain)
        && !matches!(code, Code::EmptyDomain | Code::EmptyLabel | Code::TrailingDot | Code::DomainCharacter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_reading_or_none() {
        for unmatchable in ["root@localhost", "a@[192.0.2.1]", "a@[IPv6:2001:db8::1]", "a@b_c.com", "a@192.0.2.1"] {
            assert_eq!(read_reverse_path(unmatchable).unwrap().spec, None, "{unmatchable}");
        }
        for problem in [
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
        ] {
            assert_eq!(read_reverse_path(problem), Err(PathProblem::Address), "{problem}");
        }
        assert_eq!(read_reverse_path("@x.com,@y.com:a@b.com"), Err(PathProblem::SourceRoute));
        assert_eq!(read_reverse_path("=?utf-8?q?a=40b.com?=@c.com"), Err(PathProblem::EncodedWord));
        assert!(read_reverse_path("what?=that@c.com").is_err_and(|problem| problem == PathProblem::EncodedWord));
        assert!(read_reverse_path("what?@c.com").is_ok_and(|address| address.spec.is_some()));
    }
}
