//! Addresses of atoms, and domains of letters, digits and hyphens, of any length, octet by octet.

use super::super::local_part::is_atext;
use crate::diagnostic::{MAX_ADDRESS_OCTETS, MAX_DOMAIN_OCTETS, MAX_LABEL_OCTETS, MAX_LOCAL_PART_OCTETS};

/// Room for the key of any address.
pub(crate) const KEY_OCTETS: usize = MAX_LOCAL_PART_OCTETS + 1 + MAX_DOMAIN_OCTETS;

/// Writes the key of an address of atoms, with a domain of letters, digits and hyphens, to `buffer`. Returns the place
/// of its `@` and its length, or `None` if [`AddrSpec::parse`] must decide.
pub(crate) fn fold_plain(text: &[u8], buffer: &mut [u8; KEY_OCTETS]) -> Option<(usize, usize)> {
    if text.len() > MAX_ADDRESS_OCTETS {
        return None;
    }
    let mut at = 0;
    let mut previous = b'.';
    for (octet, slot) in text.iter().zip(buffer.iter_mut()) {
        if *octet == b'@' {
            break;
        }
        let folded = ATEXT_OR_DOT.get(usize::from(*octet)).copied().unwrap_or(0);
        if folded == 0 || folded == b'.' && previous == b'.' {
            return None;
        }
        previous = folded;
        *slot = folded;
        at += 1;
    }
    if previous == b'.' || at > MAX_LOCAL_PART_OCTETS || at >= text.len() {
        return None;
    }
    *buffer.get_mut(at)? = b'@';
    match fold_ldh(text.get(at + 1..)?, buffer.get_mut(at + 1..)?) {
        Ldh::Folded(domain) => Some((at, at + 1 + domain.len())),
        Ldh::Other | Ldh::Refused => None,
    }
}

/// The lower case of atext and the dot; 0 for any other octet.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks the bounds")]
pub(crate) static ATEXT_OR_DOT: [u8; 256] = {
    let mut table = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        let character = octet as u8;
        // A `?` may be part of an encoded-word.
        if is_atext(character) && character != b'?' || character == b'.' {
            table[octet] = character.to_ascii_lowercase();
        }
        octet += 1;
    }
    table
};

/// The fast path's answer for a domain.
pub(crate) enum Ldh<'a> {
    /// A valid domain of letters, digits and hyphens, in canonical form: lower case.
    Folded(&'a str),
    /// The full parser must decide: other characters, or a label that may be an A-label.
    Other,
    /// Letters, digits and hyphens, but no valid domain.
    Refused,
}

/// Lower-cases a domain of letters, digits and hyphens. IDNA gives the same answer.
pub(crate) fn fold_ldh<'a>(text: &[u8], buffer: &'a mut [u8]) -> Ldh<'a> {
    if text.len() > MAX_DOMAIN_OCTETS || text.len() > buffer.len() {
        return if text.is_ascii() { Ldh::Refused } else { Ldh::Other };
    }
    let (mut label, mut labels, mut previous, mut letters) = (0_usize, 1_usize, b'.', false);
    for (octet, slot) in text.iter().zip(buffer.iter_mut()) {
        let folded = LDH.get(usize::from(*octet)).copied().unwrap_or(0);
        if folded == 0 {
            return Ldh::Other;
        }
        if folded == b'.' {
            if label == 0 || previous == b'-' {
                return Ldh::Refused;
            }
            labels += 1;
            label = 0;
        } else {
            label += 1;
            if label > MAX_LABEL_OCTETS {
                return Ldh::Refused;
            }
            if folded == b'-' {
                if label == 1 {
                    return Ldh::Refused;
                }
                // Hyphens in the third and fourth place: an A-label, or invalid (RFC 5890 section 2.3.1).
                if label == 4 && previous == b'-' {
                    return Ldh::Other;
                }
            } else if folded > b'9' {
                letters = true;
            }
        }
        previous = folded;
        *slot = folded;
    }
    if label == 0 || previous == b'-' || labels < 2 || !letters && is_dotted_number_bytes(text) {
        return Ldh::Refused;
    }
    match buffer.get(..text.len()).map(std::str::from_utf8) {
        Some(Ok(folded)) => Ldh::Folded(folded),
        _ => Ldh::Refused,
    }
}

/// The lower case of letters, digits, hyphen and dot; 0 for any other octet.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks the bounds")]
const LDH: [u8; 256] = {
    let mut table = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        let character = octet as u8;
        if character.is_ascii_alphanumeric() || character == b'-' || character == b'.' {
            table[octet] = character.to_ascii_lowercase();
        }
        octet += 1;
    }
    table
};

pub(crate) fn is_dotted_number(ascii: &str) -> bool {
    is_dotted_number_bytes(ascii.as_bytes())
}

pub(crate) fn is_dotted_number_bytes(ascii: &[u8]) -> bool {
    ascii.iter().all(|octet| octet.is_ascii_digit() || *octet == b'.')
}

#[cfg(test)]
mod tests {
    use super::super::super::AddrSpec;
    use super::*;
    use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_plain_form_is_the_comparing_form(text in "[a-cA-C.+\"]{0,6}@?[a-cA-C0-9.-]{0,12}|[a-z.]{1,9}@[a-z]{1,9}\\.[a-z]{2}") {
            let mut buffer = [0; KEY_OCTETS];
            if let Some((at, length)) = fold_plain(text.as_bytes(), &mut buffer) {
                let parsed = AddrSpec::parse(&text).unwrap();
                prop_assert_eq!(&buffer[..at], parsed.local_part().key().as_bytes());
                prop_assert_eq!(&buffer[at + 1..length], parsed.domain().as_ascii().as_bytes());
            }
        }

        #[test]
        fn the_fast_path_agrees_with_idna(text in "[a-cA-C0-9.-]{1,24}|([a-z0-9-]{1,8}\\.){1,3}[a-z]{2,4}") {
            let mut buffer = [0; MAX_DOMAIN_OCTETS];
            let by_idna = Uts46::new()
                .to_ascii(text.as_bytes(), AsciiDenyList::STD3, Hyphens::Check, DnsLength::Verify)
                .ok().filter(|ascii| ascii.contains('.') && !is_dotted_number(ascii));
            match fold_ldh(text.as_bytes(), &mut buffer) {
                Ldh::Folded(folded) => prop_assert_eq!(Some(folded), by_idna.as_deref()),
                Ldh::Refused => prop_assert_eq!(None, by_idna),
                Ldh::Other => {}
            }
        }
    }
}
