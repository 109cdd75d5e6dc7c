//! Encoded-words (RFC 2047), right and wrong.

use crate::random::Random;

const CHARSETS: [&str; 26] = [
    "utf-8",
    "utf-8",
    "utf-8",
    "UTF-8",
    "us-ascii",
    "iso-8859-1",
    "iso-8859-1",
    "iso-8859-15",
    "windows-1252",
    "utf-7",
    "utf-16",
    "utf-16be",
    "utf-16le",
    "utf-32be",
    "iso-2022-jp",
    "iso-2022-kr",
    "hz-gb-2312",
    "shift_jis",
    "gbk",
    "big5",
    "euc-jp",
    "koi8-r",
    "x-unknown",
    "",
    "ibm037",
    "unicode-1-1-utf-7",
];

/// An encoded-word of `text`, in a character set, encoding and spelling that chance names.
pub(crate) fn encoded_word(random: &mut Random, text: &str) -> Vec<u8> {
    let charset = random.pick(&CHARSETS);
    let octets = in_charset(charset, text);
    let mut word = b"=?".to_vec();
    word.extend(charset.bytes());
    if random.chance(8) {
        word.extend(random.pick(&["*en", "*en-gb", "*", "*@victim.example", "*ceo@victim.example", "*de,"]).bytes());
    }
    let quoted = random.chance(65);
    let letter = if quoted { random.pick(&["q", "Q"]) } else { random.pick(&["b", "B"]) };
    let letter = if random.chance(3) { random.pick(&["x", "", "q*", "bq", " q"]) } else { letter };
    word.push(b'?');
    word.extend(letter.bytes());
    word.push(b'?');
    if quoted {
        q(random, &octets, &mut word)
    } else {
        b(random, &octets, &mut word)
    }
    word.extend(random.pick(&["?=", "?=", "?=", "?=", "?=", "?=", "?=", "?", "=", ""]).bytes());
    word
}

fn in_charset(charset: &str, text: &str) -> Vec<u8> {
    let units = || text.encode_utf16();
    match charset {
        "utf-16be" => units().flat_map(u16::to_be_bytes).collect(),
        "utf-16le" => units().flat_map(u16::to_le_bytes).collect(),
        "utf-16" => [0xfe, 0xff].into_iter().chain(units().flat_map(u16::to_be_bytes)).collect(),
        "utf-32be" => text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect(),
        "utf-7" | "unicode-1-1-utf-7" => text.replace('@', "+AEA-").replace('\n', "+AAo-").into_bytes(),
        "iso-2022-jp" => [b"\x1b(B".as_slice(), text.as_bytes(), b"\x1b(J"].concat(),
        "ibm037" => text.bytes().map(ebcdic).collect(),
        _ => text.as_bytes().to_vec(),
    }
}

/// The letters, digits and marks that an address needs, in code page 37.
fn ebcdic(octet: u8) -> u8 {
    match octet {
        b'a'..=b'i' => octet - b'a' + 0x81,
        b'j'..=b'r' => octet - b'j' + 0x91,
        b's'..=b'z' => octet - b's' + 0xa2,
        b'A'..=b'I' => octet - b'A' + 0xc1,
        b'0'..=b'9' => octet - b'0' + 0xf0,
        b'@' => 0x7c,
        b'.' => 0x4b,
        b',' => 0x6b,
        b'<' => 0x4c,
        b'>' => 0x6e,
        b'"' => 0x7f,
        b' ' => 0x40,
        b'\n' => 0x25,
        b'\r' => 0x0d,
        _ => 0x6f,
    }
}

fn q(random: &mut Random, octets: &[u8], word: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let all = random.chance(20);
    let raw = random.chance(12);
    for &octet in octets {
        let plain = octet.is_ascii_alphanumeric() || b"!*+-/".contains(&octet);
        if octet == b' ' && !all {
            word.push(b'_');
        } else if raw && octet.is_ascii_graphic() || plain && !all || octet == b'.' && random.chance(50) {
            word.push(octet);
        } else {
            word.extend([b'=', HEX[usize::from(octet >> 4)], HEX[usize::from(octet & 15)]]);
        }
    }
}

fn b(random: &mut Random, octets: &[u8], word: &mut Vec<u8>) {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let start = word.len();
    for chunk in octets.chunks(3) {
        let [first, second, third] = [0, 1, 2].map(|at| u32::from(chunk.get(at).copied().unwrap_or(0)));
        let bits = first << 16 | second << 8 | third;
        for place in 0..4 {
            let sextet = usize::try_from(bits >> (18 - 6 * place) & 63).unwrap_or(0);
            word.push(if place > chunk.len() { b'=' } else { LETTERS[sextet] });
        }
    }
    // Padding that is left out or stands in the middle, and octets that are none of base64.
    if random.chance(10) {
        word.truncate(word.len().saturating_sub(1).max(start));
    }
    if random.chance(6) {
        let at = start + random.below(word.len() - start + 1);
        word.insert(at, *random.pick(&[&b'=', &b' ', &b'-', &b'.', &b'@', &b',']));
    }
}
