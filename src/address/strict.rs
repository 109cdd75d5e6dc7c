//! One address, read equally strictly in the envelope and in a field.

use super::addr_spec::AddrSpec;
use super::addr_spec::find_at;
use super::local_part::LocalPart;
use super::local_part::is_atext;
use super::reading::{FoundAddress, MailboxProblem};
use super::tokens::looks_like_syntax;
use crate::diagnostic::Code;

/// Reads one address without surrounding white space, comments or brackets.
pub(super) fn read_address(octets: &[u8]) -> Result<FoundAddress, MailboxProblem> {
    if octets.windows(2).any(|pair| matches!(pair, b"=?" | b"?=")) {
        return Err(MailboxProblem::EncodedWord);
    }
    let text = str::from_utf8(octets).map_err(|_| MailboxProblem::InvalidUtf8)?;
    if text.chars().any(looks_like_syntax) {
        return Err(MailboxProblem::Address);
    }
    let at = find_at(text).ok_or(MailboxProblem::Address)?;
    let (local_part, rest) = text.split_at_checked(at).unwrap_or_default();
    let domain = rest.get(1..).unwrap_or_default();
    if local_part.starts_with('"') && local_part.bytes().any(is_read_through_quotes) {
        return Err(MailboxProblem::QuotedAt);
    }
    if let Ok(spec) = AddrSpec::parse(text) {
        return Ok(FoundAddress { text: text.to_owned(), spec: Some(spec) });
    }
    match LocalPart::parse(local_part) {
        // RFC 5322 has no length limit for a local-part, but no entry can match such an address.
        Err(error) if error.code != Code::LocalPartTooLong || !is_long_local_part(local_part) => {
            return Err(MailboxProblem::Address);
        }
        _ => {}
    }
    if !may_be_domain(domain) {
        return Err(MailboxProblem::Address);
    }
    Ok(FoundAddress { text: text.to_owned(), spec: None })
}

/// The characters that are syntax to programs that do not know quoted local-parts.
const fn is_read_through_quotes(octet: u8) -> bool {
    matches!(octet, b'@' | b'<' | b'>' | b',' | b';' | b':' | b'\\' | b'(' | b')' | 0..=31 | 127)
}

/// Whether a local-part that is too long has the right grammar: a dot-atom, or a quoted-string without syntax inside.
fn is_long_local_part(text: &str) -> bool {
    if let [b'"', inner @ .., b'"'] = text.as_bytes() {
        return !inner.contains(&b'"');
    }
    let may_stand = |octet: u8| octet >= 128 || is_atext(octet);
    text.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(may_stand))
}

/// Whether every program reads a domain alike, although no entry can match it.
fn may_be_domain(domain: &str) -> bool {
    if let Some(literal) = domain.strip_prefix('[') {
        // IPv4, IPv6, or a tag and its content (RFC 5321 section 4.1.3).
        let plain = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'.' | b':' | b'-');
        return literal.strip_suffix(']').is_some_and(|inner| !inner.is_empty() && inner.bytes().all(plain));
    }
    // Programs that do not check A-labels decode an invalid one to some other name.
    let is_broken_label = |label: &str| {
        label.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("xn--"))
            && super::domain::Domain::parse(&[label, ".a"].concat()).is_err()
    };
    let may_stand = |octet: u8| octet == b'.' || octet >= 128 || is_atext(octet);
    !domain.is_empty() && domain.bytes().all(may_stand) && !domain.split('.').any(is_broken_label)
}
