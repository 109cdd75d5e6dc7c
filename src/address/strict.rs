//! One address, read in the envelope as strictly as in a field.

use super::addr_spec::AddrSpec;
use super::addr_spec::find_at;
use super::local_part::LocalPart;
use super::local_part::is_atext;
use super::reading::{FoundAddress, MailboxProblem};
use super::tokens::looks_like_syntax;
use crate::diagnostic::Code;

/// Reads an address that stands alone, without white space, comments or brackets around it.
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
        // Long ones are well-formed in a message (RFC 5322), and no entry can be one.
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

/// What programs that do not know quoted local-parts take for syntax.
const fn is_read_through_quotes(octet: u8) -> bool {
    matches!(octet, b'@' | b'<' | b'>' | b',' | b';' | b':' | b'\\' | b'(' | b')' | 0..=31 | 127)
}

/// Whether one that is too long is what a short one has to be: a dot-atom, or a quoted-string without syntax inside.
fn is_long_local_part(text: &str) -> bool {
    if let [b'"', inner @ .., b'"'] = text.as_bytes() {
        return !inner.contains(&b'"');
    }
    let may_stand = |octet: u8| octet >= 128 || is_atext(octet);
    text.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(may_stand))
}

/// Whether a domain that no entry can name is read alike by every program.
fn may_be_domain(domain: &str) -> bool {
    if let Some(literal) = domain.strip_prefix('[') {
        // IPv4, IPv6, or a tag and what belongs to it (RFC 5321 section 4.1.3).
        let plain = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'.' | b':' | b'-');
        return literal.strip_suffix(']').is_some_and(|inner| !inner.is_empty() && inner.bytes().all(plain));
    }
    // An A-label that decodes to nothing is decoded to something else by programs that do not check it.
    let is_broken_label = |label: &str| {
        label.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("xn--"))
            && super::domain::Domain::parse(&[label, ".a"].concat()).is_err()
    };
    let may_stand = |octet: u8| octet == b'.' || octet >= 128 || is_atext(octet);
    !domain.is_empty() && domain.bytes().all(may_stand) && !domain.split('.').any(is_broken_label)
}
