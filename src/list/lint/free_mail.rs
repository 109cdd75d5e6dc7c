//! Free mail providers, and those of their names that people often mistype.

use super::near::{octet_bit, two_bits_at_most};
use crate::address::is_typo;

/// Providers where anybody can get an address.
const FREE_MAIL: [&str; 60] = [
    "126.com",
    "163.com",
    "aim.com",
    "aol.com",
    "bluewin.ch",
    "bol.com.br",
    "btinternet.com",
    "comcast.net",
    "email.com",
    "fastmail.com",
    "free.fr",
    "freemail.hu",
    "freenet.de",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.de",
    "hotmail.fr",
    "hotmail.it",
    "hushmail.com",
    "icloud.com",
    "inbox.com",
    "laposte.net",
    "libero.it",
    "live.com",
    "mac.com",
    "mail.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "naver.com",
    "orange.fr",
    "outlook.com",
    "outlook.de",
    "pm.me",
    "posteo.de",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "rediffmail.com",
    "rocketmail.com",
    "seznam.cz",
    "t-online.de",
    "tutanota.com",
    "uol.com.br",
    "wanadoo.fr",
    "web.de",
    "wp.pl",
    "yahoo.co.jp",
    "yahoo.co.uk",
    "yahoo.com",
    "yahoo.de",
    "yandex.ru",
    "ymail.com",
];

/// The labels below `.com` whose typos are reported, each with its octets as bits ([`octet_bit`]).
const OFTEN_MISTYPED: [(&str, u64); 7] = [
    ("gmail", octets("gmail")),
    ("yahoo", octets("yahoo")),
    ("hotmail", octets("hotmail")),
    ("outlook", octets("outlook")),
    ("icloud", octets("icloud")),
    ("googlemail", octets("googlemail")),
    ("protonmail", octets("protonmail")),
];

const fn octets(label: &str) -> u64 {
    let mut rest = label.as_bytes();
    let mut octets = 0;
    while let [first, others @ ..] = rest {
        octets |= octet_bit(*first);
        rest = others;
    }
    octets
}

/// For each first octet, bit n is set if a provider's name has n octets. That alone rules out most domains.
#[expect(clippy::indexing_slicing, reason = "evaluated when the crate is compiled")]
const FREE_MAIL_LENGTHS: [u32; 256] = {
    let mut lengths = [0; 256];
    let mut rest: &[&str] = &FREE_MAIL;
    while let [first, others @ ..] = rest {
        if let [octet, ..] = first.as_bytes() {
            lengths[*octet as usize] |= 1 << first.len();
        }
        rest = others;
    }
    lengths
};

pub(super) fn is_free_mail(ascii: &str) -> bool {
    let first = ascii.bytes().next().unwrap_or(0);
    let lengths = FREE_MAIL_LENGTHS.get(usize::from(first)).copied().unwrap_or(0);
    ascii.len() < 32 && lengths & 1 << ascii.len() != 0 && FREE_MAIL.contains(&ascii)
}

/// The name of a provider that a label is a typo of.
pub(super) fn often_mistyped(label: &str) -> Option<&'static str> {
    let mine = octets(label);
    let alike = |&&(known, octets): &&(&str, u64)| {
        two_bits_at_most(mine ^ octets) && label.len().abs_diff(known.len()) < 2 && is_typo(label, known)
    };
    OFTEN_MISTYPED.iter().find(alike).map(|&(known, _)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_providers_are_sorted() {
        assert!(FREE_MAIL.is_sorted());
        assert!(FREE_MAIL.iter().all(|name| is_free_mail(name)));
        assert!(!is_free_mail("example.com"));
    }
}
