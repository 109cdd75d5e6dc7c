//! What the octets of an encoded-word say in its character set (RFC 2047 section 2; the names are IANA's and what mail
//! programs write).
//!
//! Only what shapes an address has to come out exactly: ASCII, controls, and what looks like an `@`. A character of two
//! octets, for which the module has no table, becomes U+FFFD.

use mail_parser::decoders::charsets::map::charset_decoder;

/// Which order the octets of 16 and 32 bits have. Without a mark some programs take the one, some the other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Big,
    Little,
}

/// A character set, by how its octets are read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Charset {
    /// UTF-8, ASCII, or a name that nobody knows: judged by its octets.
    Octets,
    /// ISO-8859-1 is read as windows-1252, as everybody does.
    Windows1252,
    /// One octet a character, ASCII below 128, by a table of `mail-parser`.
    Table,
    Utf7,
    /// Two or four octets a unit.
    Wide(usize),
    /// Two octets a character, of which the second may be an `@`.
    ShiftJis,
    Gbk,
    Big5,
    /// Two octets a character, both above 160.
    Euc,
    Iso2022Jp,
    /// Escape sequences of ISO 2022 in a language whose programs differ.
    Iso2022,
    /// Octets of ASCII mean something else in it (EBCDIC, escapes, a transfer encoding): no program should be asked.
    Transforming,
}

/// The longest name that is known.
const MAX_NAME: usize = 48;

/// Names without hyphens and the like, and without `cs` or `x` before them.
const NAMES: [(&str, Charset); 62] = [
    ("utf8", Charset::Octets),
    ("unicode11utf8", Charset::Octets),
    ("usascii", Charset::Windows1252),
    ("ascii", Charset::Windows1252),
    ("iso88591", Charset::Windows1252),
    ("latin1", Charset::Windows1252),
    ("windows1252", Charset::Windows1252),
    ("cp1252", Charset::Windows1252),
    ("utf7", Charset::Utf7),
    ("u7", Charset::Utf7),
    ("unicode11utf7", Charset::Utf7),
    ("utf16", Charset::Wide(2)),
    ("utf16be", Charset::Wide(2)),
    ("utf16le", Charset::Wide(2)),
    ("u16", Charset::Wide(2)),
    ("ucs2", Charset::Wide(2)),
    ("ucs2be", Charset::Wide(2)),
    ("ucs2le", Charset::Wide(2)),
    ("iso10646ucs2", Charset::Wide(2)),
    ("unicode", Charset::Wide(2)),
    ("unicodefeff", Charset::Wide(2)),
    ("unicodefffe", Charset::Wide(2)),
    ("unicodebig", Charset::Wide(2)),
    ("unicodelittle", Charset::Wide(2)),
    ("unicodebigunmarked", Charset::Wide(2)),
    ("unicodelittleunmarked", Charset::Wide(2)),
    ("utf32", Charset::Wide(4)),
    ("utf32be", Charset::Wide(4)),
    ("utf32le", Charset::Wide(4)),
    ("u32", Charset::Wide(4)),
    ("ucs4", Charset::Wide(4)),
    ("ucs4be", Charset::Wide(4)),
    ("ucs4le", Charset::Wide(4)),
    ("iso10646ucs4", Charset::Wide(4)),
    ("shiftjis", Charset::ShiftJis),
    ("sjis", Charset::ShiftJis),
    ("mskanji", Charset::ShiftJis),
    ("ms932", Charset::ShiftJis),
    ("cp932", Charset::ShiftJis),
    ("windows932", Charset::ShiftJis),
    ("windows31j", Charset::ShiftJis),
    ("gbk", Charset::Gbk),
    ("gb18030", Charset::Gbk),
    ("cp936", Charset::Gbk),
    ("ms936", Charset::Gbk),
    ("windows936", Charset::Gbk),
    ("big5", Charset::Big5),
    ("cnbig5", Charset::Big5),
    ("big5hkscs", Charset::Big5),
    ("cp950", Charset::Big5),
    ("gb2312", Charset::Euc),
    ("eucjp", Charset::Euc),
    ("euckr", Charset::Euc),
    ("euccn", Charset::Euc),
    ("euctw", Charset::Euc),
    ("ksc5601", Charset::Euc),
    ("ksc56011987", Charset::Euc),
    ("ksc56011989", Charset::Euc),
    ("cp949", Charset::Euc),
    ("windows949", Charset::Euc),
    ("iso2022jp", Charset::Iso2022Jp),
    ("hzgb2312", Charset::Octets),
];

/// Parts of names that only transforming character sets have: of Java, Python, PHP, ICU and the C library.
const TRANSFORMING: [&str; 21] = [
    "ebcdic",
    "escape",
    "punycode",
    "idna",
    "html",
    "entities",
    "base64",
    "quopri",
    "quotedprintable",
    "qprint",
    "uu",
    "c99",
    "java",
    "scsu",
    "bocu",
    "imap",
    "rot13",
    "hex",
    "compound",
    "ccsid",
    "utf9",
];

/// Code pages of IBM in which ASCII is ASCII. All others are taken for EBCDIC.
const CODE_PAGES: [u16; 44] = [
    367, 437, 720, 737, 775, 808, 813, 819, 848, 849, 850, 852, 855, 856, 857, 858, 860, 861, 862, 863, 865, 866, 869,
    872, 874, 878, 901, 902, 912, 914, 915, 916, 920, 921, 922, 932, 936, 949, 950, 1006, 1124, 1125, 1129, 1131,
];

impl Charset {
    /// The character set of a name, its language suffix (RFC 2231 section 5) left out.
    pub(crate) fn of(name: &[u8]) -> Self {
        let mut buffer = [0; MAX_NAME];
        let mut length = 0;
        for octet in name.iter().filter(|octet| octet.is_ascii_alphanumeric()) {
            let Some(slot) = buffer.get_mut(length) else { return Self::Octets };
            *slot = octet.to_ascii_lowercase();
            length += 1;
        }
        let full = buffer.get(..length).and_then(|name| str::from_utf8(name).ok()).unwrap_or_default();
        let bare = full.strip_prefix("cs").or(full.strip_prefix('x')).unwrap_or(full);
        if let Some((_, charset)) = NAMES.iter().find(|(known, _)| *known == bare || *known == full) {
            return *charset;
        }
        if bare.starts_with("iso2022jp") {
            return Self::Iso2022Jp;
        }
        if bare.starts_with("iso2022") {
            return Self::Iso2022;
        }
        if TRANSFORMING.iter().any(|part| full.contains(part)) || is_ebcdic(bare) {
            return Self::Transforming;
        }
        if charset_decoder(name).is_some() { Self::Table } else { Self::Octets }
    }

    /// The text of octets; those of 16 and 32 bits in an order, unless a mark tells it.
    pub(super) fn decode(self, name: &[u8], octets: &[u8], order: Order) -> String {
        match self {
            Self::Octets => decode_utf8(octets),
            Self::Windows1252 => match str::from_utf8(octets) {
                // What calls itself ASCII or Latin-1 and is UTF-8.
                Ok(text) if charset_name_is_ascii(name) => text.to_owned(),
                _ => by_table(b"windows-1252", octets),
            },
            Self::Table => by_table(name, octets),
            Self::Utf7 => decode_utf7(octets),
            Self::Wide(size) => decode_wide(octets, size, order),
            Self::ShiftJis => decode_pairs(octets, is_shift_jis_pair, [0x81, 0x97]),
            Self::Gbk => decode_pairs(octets, is_gbk_pair, [0xa3, 0xc0]),
            Self::Big5 => decode_pairs(octets, is_big5_pair, [0xa2, 0x49]),
            Self::Euc => decode_pairs(octets, |lead, next| lead >= 0x80 && next >= 0xa1, [0xa3, 0xc0]),
            Self::Iso2022Jp => decode_iso_2022(octets, true),
            Self::Iso2022 => decode_iso_2022(octets, false),
            Self::Transforming => String::new(),
        }
    }
}

fn charset_name_is_ascii(name: &[u8]) -> bool {
    name.to_ascii_lowercase().ends_with(b"ascii")
}

/// `cp037`, `ibm-1140`, `cpibm500` and the like.
fn is_ebcdic(name: &str) -> bool {
    let digits = name.trim_start_matches(|character: char| character.is_ascii_alphabetic());
    let letters = name.get(..name.len() - digits.len()).unwrap_or_default();
    let known = |number: u16| CODE_PAGES.contains(&number) || matches!(number, 1250..=1258 | 10_000..=65_535);
    matches!(letters, "cp" | "ibm" | "cpibm" | "ibmcp" | "") && digits.parse().is_ok_and(|number| !known(number))
}

fn by_table(name: &[u8], octets: &[u8]) -> String {
    match charset_decoder(name) {
        Some(decode) => decode(octets),
        None => decode_utf8(octets),
    }
}

/// UTF-8, its longer spellings of ASCII among it, which some programs still read (RFC 3629 section 10).
fn decode_utf8(octets: &[u8]) -> String {
    if let Ok(text) = str::from_utf8(octets) {
        return text.to_owned();
    }
    let mut plain = Vec::with_capacity(octets.len());
    let mut rest = octets;
    while let Some((first, tail)) = rest.split_first() {
        let low = |octet: &u8| octet & 0x3f;
        let (octet, next) = match rest {
            [0xc0 | 0xc1, last @ 0x80..=0xbf, tail @ ..] => (first << 6 | low(last), tail),
            [0xe0, one @ 0x80..=0x81, last @ 0x80..=0xbf, tail @ ..] => (one << 6 | low(last), tail),
            [0xf0, 0x80, one @ 0x80..=0x81, last @ 0x80..=0xbf, tail @ ..] => (one << 6 | low(last), tail),
            _ => (*first, tail),
        };
        plain.push(octet);
        rest = next;
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// RFC 2152, to the end of what stands in base64 whatever ends it.
fn decode_utf7(octets: &[u8]) -> String {
    let mut out = String::with_capacity(octets.len());
    let mut rest = octets;
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first != b'+' {
            out.push(if first.is_ascii() { char::from(*first) } else { char::REPLACEMENT_CHARACTER });
            continue;
        }
        let is_coded = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/');
        let length = rest.iter().position(|octet| !is_coded(octet)).unwrap_or(rest.len());
        let (coded, tail) = rest.split_at_checked(length).unwrap_or_default();
        rest = tail.strip_prefix(b"-").unwrap_or(tail);
        if coded.is_empty() {
            out.push('+');
        }
        out.push_str(&decode_wide(&unbase64(coded), 2, Order::Big));
    }
    out
}

fn decode_wide(octets: &[u8], size: usize, order: Order) -> String {
    let (order, octets) = match octets {
        [0, 0, 0xfe, 0xff, rest @ ..] if size == 4 => (Order::Big, rest),
        [0xff, 0xfe, 0, 0, rest @ ..] if size == 4 => (Order::Little, rest),
        [0xfe, 0xff, rest @ ..] if size == 2 => (Order::Big, rest),
        [0xff, 0xfe, rest @ ..] if size == 2 => (Order::Little, rest),
        _ => (order, octets),
    };
    let unit = |chunk: &[u8]| {
        let add = |unit: u32, octet: &u8| unit << 8 | u32::from(*octet);
        if order == Order::Big { chunk.iter().fold(0, add) } else { chunk.iter().rev().fold(0, add) }
    };
    let units = octets.chunks(size).map(unit);
    if size == 4 {
        return units.map(|unit| char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    }
    char::decode_utf16(units.map(|unit| unit as u16)).map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// Pairs of octets become U+FFFD; `at` is the pair of the full-width `@`.
fn decode_pairs(octets: &[u8], is_pair: impl Fn(u8, u8) -> bool, at: [u8; 2]) -> String {
    let mut out = String::with_capacity(octets.len());
    let mut rest = octets;
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        match tail.split_first() {
            Some((next, tail)) if is_pair(*first, *next) => {
                out.push(if [*first, *next] == at { '\u{ff20}' } else { char::REPLACEMENT_CHARACTER });
                rest = tail;
            }
            _ => out.push(if first.is_ascii() { char::from(*first) } else { char::REPLACEMENT_CHARACTER }),
        }
    }
    out
}

// An `@` is a second octet only where every decoder has that pair; elsewhere some of them give back the `@`.

fn is_shift_jis_pair(lead: u8, next: u8) -> bool {
    matches!(lead, 0x81..=0x9f | 0xe0..=0xfc)
        && matches!(next, 0x40..=0x7e | 0x80..=0xfc)
        && (next != b'@' || matches!(lead, 0x81 | 0x83 | 0x84 | 0x89..=0x9f | 0xe0..=0xea))
}

fn is_gbk_pair(lead: u8, next: u8) -> bool {
    matches!(lead, 0x81..=0xfe)
        && matches!(next, b'0'..=b'9' | 0x40..=0x7e | 0x80..=0xfe)
        && (next != b'@' || matches!(lead, 0x81..=0xa0 | 0xa8..=0xfe))
}

fn is_big5_pair(lead: u8, next: u8) -> bool {
    matches!(lead, 0x81..=0xfe)
        && matches!(next, 0x40..=0x7e | 0xa1..=0xfe)
        && (next != b'@' || matches!(lead, 0xa1..=0xc6 | 0xc9..=0xf9))
}

/// Escape sequences are no controls. Two octets are one character only behind those that every decoder of ISO-2022-JP
/// knows; behind others, and in other languages, some decoders read on in ASCII.
fn decode_iso_2022(octets: &[u8], japanese: bool) -> String {
    let mut out = String::with_capacity(octets.len());
    let (mut rest, mut double) = (octets, false);
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        match (*first, tail) {
            (0x1b, [b'$', b'@' | b'B', tail @ ..]) => (double, rest) = (japanese, tail),
            (0x1b, [b'$', b'(' | b')' | b'*' | b'+', 0x30..=0x7e, tail @ ..]) => (double, rest) = (false, tail),
            (0x1b, [b'(' | b')' | b'$' | b'&' | b'.', 0x30..=0x7e, tail @ ..] | [b'N' | b'O', tail @ ..]) => {
                (double, rest) = (false, tail);
            }
            (0x0e | 0x0f, _) if !japanese => {}
            (0x21..=0x7e, [next @ 0x21..=0x7e, tail @ ..]) if double => {
                out.push(if [*first, *next] == *b"!w" { '\u{ff20}' } else { char::REPLACEMENT_CHARACTER });
                rest = tail;
            }
            (octet, _) => out.push(if octet.is_ascii() { char::from(octet) } else { char::REPLACEMENT_CHARACTER }),
        }
    }
    out
}

/// Six bits of base64, in the alphabets of RFC 4648 sections 4 and 5.
const fn sextet(octet: u8) -> Option<u8> {
    Some(match octet {
        b'A'..=b'Z' => octet - b'A',
        b'a'..=b'z' => octet - b'a' + 26,
        b'0'..=b'9' => octet - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

/// The octets of base64; whatever is none of it is passed over, and what is left of the last octet dropped.
pub(super) fn unbase64(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut count) = (0_u32, 0);
    for sextet in text.iter().filter_map(|octet| sextet(*octet)) {
        bits = bits << 6 | u32::from(sextet);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    out
}
