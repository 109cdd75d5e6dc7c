//! Decodes the octets of an encoded-word by its character set (RFC 2047 section 2). Names are those that IANA
//! registered and those that mail programs write.
//!
//! Only the characters that matter in an address must be exact: ASCII, controls, and characters that look like `@`. A
//! two-octet character becomes U+FFFD, because the module has no table for it.

use mail_parser::decoders::charsets::map::charset_decoder;

/// The byte order of 16-bit units.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Big,
    Little,
}

impl Order {
    const fn other(self) -> Self {
        match self {
            Self::Big => Self::Little,
            Self::Little => Self::Big,
        }
    }
}

/// A character set, classified by the way to decode it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Charset {
    /// UTF-8, ASCII, or an unknown name: the octets are read as UTF-8.
    Octets,
    /// Also ISO-8859-1, which programs read as windows-1252.
    Windows1252,
    /// One octet per character, ASCII below 128; `mail-parser` has the table.
    Table,
    Utf7,
    /// Units of two octets.
    Wide,
    /// One or two octets per character; the second may be an `@`.
    ShiftJis,
    Gbk,
    Big5,
    /// One or two octets per character; both of two are above 160.
    Euc,
    Iso2022Jp,
    /// ISO 2022 in a language whose escape sequences programs read differently.
    Iso2022,
    /// ASCII octets mean something else (EBCDIC, escapes, a transfer encoding), so programs differ too much to decode
    /// it.
    Transforming,
}

/// The longest known name.
const MAX_NAME: usize = 48;

/// Names without punctuation, and without a prefix `cs` or `x`.
const NAMES: [(&str, Charset); 9] = [
    ("utf8 unicode11utf8 hzgb2312", Charset::Octets),
    ("usascii ascii iso88591 latin1 windows1252 cp1252", Charset::Windows1252),
    ("utf7 u7 unicode11utf7", Charset::Utf7),
    (
        "utf16 utf16be utf16le u16 ucs2 ucs2be ucs2le iso10646ucs2 unicode unicodefeff unicodefffe unicodebig \
         unicodelittle unicodebigunmarked unicodelittleunmarked",
        Charset::Wide,
    ),
    ("shiftjis sjis mskanji ms932 cp932 windows932 windows31j", Charset::ShiftJis),
    ("gbk gb18030 cp936 ms936 windows936", Charset::Gbk),
    ("big5 cnbig5 big5hkscs cp950", Charset::Big5),
    ("gb2312 eucjp euckr euccn euctw ksc5601 ksc56011987 ksc56011989 cp949 windows949", Charset::Euc),
    ("iso2022jp", Charset::Iso2022Jp),
];

/// Parts of names that only transforming character sets have, from Java, Python, PHP, ICU and the C library.
const TRANSFORMING: &str = "ebcdic escape punycode idna html entities base64 quopri quotedprintable qprint uu c99 java scsu \
                            bocu imap rot13 hex compound ccsid utf9 utf32 u32 ucs4";

/// IBM code pages that contain ASCII. All others are treated as EBCDIC.
const CODE_PAGES: [u16; 44] = [
    367, 437, 720, 737, 775, 808, 813, 819, 848, 849, 850, 852, 855, 856, 857, 858, 860, 861, 862, 863, 865, 866, 869,
    872, 874, 878, 901, 902, 912, 914, 915, 916, 920, 921, 922, 932, 936, 949, 950, 1006, 1124, 1125, 1129, 1131,
];

impl Charset {
    /// The character set of a name; a language suffix (RFC 2231 section 5) is ignored.
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
        let is_name = |known: &str| known == bare || known == full;
        if let Some((_, charset)) = NAMES.iter().find(|(names, _)| names.split(' ').any(is_name)) {
            return *charset;
        }
        if bare.starts_with("iso2022jp") {
            return Self::Iso2022Jp;
        }
        if bare.starts_with("iso2022") {
            return Self::Iso2022;
        }
        let holds = |part: &str| full.as_bytes().windows(part.len()).any(|window| window == part.as_bytes());
        if TRANSFORMING.split(' ').any(holds) || is_ebcdic(bare) {
            return Self::Transforming;
        }
        if charset_decoder(name).is_some() { Self::Table } else { Self::Octets }
    }

    /// Whether programs decode it differently: they guess the byte order of 16 and 32 bits, or take transformed octets
    /// for ASCII. No mail program writes a name in such a character set.
    pub(super) const fn is_decoded_differently(self) -> bool {
        matches!(self, Self::Wide | Self::Transforming)
    }

    /// Whether the module can decode every character.
    pub(crate) const fn is_exact(self) -> bool {
        matches!(self, Self::Octets | Self::Windows1252 | Self::Table | Self::Utf7 | Self::Wide)
    }

    /// Decodes octets for display, 16-bit units in the byte order that the name says.
    pub(crate) fn text(self, name: &[u8], octets: &[u8]) -> String {
        let is_little = name.to_ascii_lowercase().ends_with(b"le");
        let mut out = String::new();
        self.decode(name, octets, if is_little { Order::Little } else { Order::Big }, &mut out);
        out
    }

    /// Appends the decoded text. `order` applies to 16-bit units without a byte order mark.
    pub(super) fn decode(self, name: &[u8], octets: &[u8], order: Order, out: &mut String) {
        match self {
            Self::Octets => decode_utf8(octets, out),
            Self::Windows1252 => match str::from_utf8(octets) {
                // Labelled as ASCII, but UTF-8.
                Ok(text) if charset_name_is_ascii(name) => out.push_str(text),
                _ => by_table(b"windows-1252", octets, out),
            },
            Self::Table => by_table(name, octets, out),
            Self::Utf7 => decode_utf7(octets, out),
            Self::Wide => decode_wide(octets, order, out),
            Self::ShiftJis | Self::Gbk | Self::Big5 | Self::Euc => self.decode_pairs(octets, out),
            Self::Iso2022Jp => decode_iso_2022(octets, true, out),
            Self::Iso2022 => decode_iso_2022(octets, false, out),
            Self::Transforming => {}
        }
    }

    /// A pair of octets becomes U+FFFD, or U+FF20 if it is the full-width `@`.
    fn decode_pairs(self, octets: &[u8], out: &mut String) {
        let mut rest = octets;
        while let Some((first, tail)) = rest.split_first() {
            rest = tail;
            match tail.split_first() {
                Some((next, tail)) if self.is_pair(*first, *next) => {
                    let is_at = match self {
                        Self::ShiftJis => [*first, *next] == [0x81, 0x97],
                        Self::Big5 => [*first, *next] == [0xa2, 0x49],
                        _ => [*first, *next] == [0xa3, 0xc0],
                    };
                    out.push(if is_at { '\u{ff20}' } else { char::REPLACEMENT_CHARACTER });
                    rest = tail;
                }
                _ => out.push(plain(*first)),
            }
        }
    }

    /// Whether two octets are one character. An `@` counts as a second octet only if every decoder knows the pair: for
    /// other pairs some decoders return the `@` itself.
    const fn is_pair(self, lead: u8, next: u8) -> bool {
        let is_at = next == b'@';
        match self {
            Self::ShiftJis => {
                matches!(lead, 0x81..=0x9f | 0xe0..=0xfc)
                    && matches!(next, 0x40..=0x7e | 0x80..=0xfc)
                    && (!is_at || matches!(lead, 0x81 | 0x83 | 0x84 | 0x89..=0x9f | 0xe0..=0xea))
            }
            Self::Gbk => {
                matches!(lead, 0x81..=0xfe)
                    && matches!(next, b'0'..=b'9' | 0x40..=0x7e | 0x80..=0xfe)
                    && (!is_at || matches!(lead, 0x81..=0xa0 | 0xa8..=0xfe))
            }
            Self::Big5 => {
                matches!(lead, 0x81..=0xfe)
                    && matches!(next, 0x40..=0x7e | 0xa1..=0xfe)
                    && (!is_at || matches!(lead, 0xa1..=0xc6 | 0xc9..=0xf9))
            }
            _ => lead >= 0x80 && next >= 0xa1,
        }
    }
}

/// A single octet.
const fn plain(octet: u8) -> char {
    if octet.is_ascii() { octet as char } else { char::REPLACEMENT_CHARACTER }
}

fn charset_name_is_ascii(name: &[u8]) -> bool {
    name.to_ascii_lowercase().ends_with(b"ascii")
}

/// Names such as `cp037`, `ibm-1140` and `cpibm500`.
fn is_ebcdic(name: &str) -> bool {
    let digits = name.trim_start_matches(|character: char| character.is_ascii_alphabetic());
    let letters = name.get(..name.len() - digits.len()).unwrap_or_default();
    let known = |number: u16| CODE_PAGES.contains(&number) || matches!(number, 1250..=1258 | 10_000..=65_535);
    matches!(letters, "cp" | "ibm" | "cpibm" | "ibmcp" | "") && digits.parse().is_ok_and(|number| !known(number))
}

fn by_table(name: &[u8], octets: &[u8], out: &mut String) {
    match charset_decoder(name) {
        Some(decode) => out.push_str(&decode(octets)),
        None => decode_utf8(octets, out),
    }
}

/// UTF-8, including overlong forms of ASCII, which some programs still decode (RFC 3629 section 10).
fn decode_utf8(octets: &[u8], out: &mut String) {
    if let Ok(text) = str::from_utf8(octets) {
        return out.push_str(text);
    }
    let mut shortest = Vec::with_capacity(octets.len());
    let mut rest = octets;
    while let Some((first, tail)) = rest.split_first() {
        let low = |octet: &u8| octet & 0x3f;
        let (octet, next) = match rest {
            [0xc0 | 0xc1, last @ 0x80..=0xbf, tail @ ..] => (first << 6 | low(last), tail),
            [0xe0, one @ 0x80..=0x81, last @ 0x80..=0xbf, tail @ ..] => (one << 6 | low(last), tail),
            [0xf0, 0x80, one @ 0x80..=0x81, last @ 0x80..=0xbf, tail @ ..] => (one << 6 | low(last), tail),
            _ => (*first, tail),
        };
        shortest.push(octet);
        rest = next;
    }
    out.push_str(&String::from_utf8_lossy(&shortest));
}

/// UTF-7 (RFC 2152). Any octet that is not base64 ends a base64 run.
fn decode_utf7(octets: &[u8], out: &mut String) {
    let mut rest = octets;
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first != b'+' {
            out.push(plain(*first));
            continue;
        }
        let is_coded = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/');
        let length = rest.iter().position(|octet| !is_coded(octet)).unwrap_or(rest.len());
        let (coded, tail) = rest.split_at_checked(length).unwrap_or_default();
        rest = tail.strip_prefix(b"-").unwrap_or(tail);
        if coded.is_empty() {
            out.push('+');
        }
        decode_wide(&unbase64(coded), Order::Big, out);
    }
}

fn decode_wide(octets: &[u8], mut order: Order, out: &mut String) {
    let mut high = None;
    for chunk in octets.chunks(2) {
        let unit = chunk.iter().fold(0, |unit: u16, octet| unit << 8 | u16::from(*octet));
        let unit = u32::from(if order == Order::Little { unit.swap_bytes() } else { unit });
        let first: Option<u32> = high.take();
        match (unit, first) {
            // A byte order mark in the other order.
            (0xfffe, _) => order = order.other(),
            (0xd800..=0xdbff, _) => high = Some(unit),
            (0xdc00..=0xdfff, Some(first)) => {
                let character = 0x1_0000 + ((first & 0x3ff) << 10 | unit & 0x3ff);
                out.push(char::from_u32(character).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            _ => out.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)),
        }
    }
}

/// ISO 2022. Escape sequences are removed. Two octets are one character only after an escape that every ISO-2022-JP
/// decoder knows. After other escapes, and in other languages, some decoders continue in ASCII.
fn decode_iso_2022(octets: &[u8], japanese: bool, out: &mut String) {
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
            (octet, _) => out.push(plain(octet)),
        }
    }
}

/// The value of one base64 character (RFC 4648 section 4).
pub(super) const fn sextet(octet: u8) -> Option<u8> {
    Some(match octet {
        b'A'..=b'Z' => octet - b'A',
        b'a'..=b'z' => octet - b'a' + 26,
        b'0'..=b'9' => octet - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

/// See [`base64_octets`].
#[inline(never)]
pub(super) fn unbase64(text: &[u8]) -> Vec<u8> {
    base64_octets(text).collect()
}

/// Decodes base64. Skips characters that are not base64, and drops the bits of an incomplete last octet.
pub(super) fn base64_octets(text: &[u8]) -> impl Iterator<Item = u8> {
    let (mut bits, mut count) = (0_u32, 0);
    text.iter().filter_map(move |octet| {
        bits = bits << 6 | u32::from(sextet(*octet)?);
        count += 6;
        if count < 8 {
            return None;
        }
        count -= 8;
        Some((bits >> count) as u8)
    })
}
