//! Replies (RFC 5321 section 4.2, with the enhanced codes of RFC 2034).

use std::borrow::Cow;

/// A line of a reply has at most 512 octets (RFC 5321 section 4.5.3.1.5), CRLF and codes included.
const MAX_TEXT_OCTETS: usize = 480;

/// A reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The reply code, such as 250.
    pub code: u16,
    /// The enhanced code, such as `2.0.0`. Codes 220 (greeting), 334, 354 and the reply to EHLO have none.
    pub enhanced: Option<Cow<'static, str>>,
    /// The text: one line, except in the reply to EHLO.
    pub text: Cow<'static, str>,
}

impl Reply {
    /// With a constant text.
    pub const fn new(code: u16, enhanced: &'static str, text: &'static str) -> Self {
        Self { code, enhanced: Some(Cow::Borrowed(enhanced)), text: Cow::Borrowed(text) }
    }

    /// With a computed text.
    pub fn with(code: u16, enhanced: &'static str, text: String) -> Self {
        Self { code, enhanced: Some(Cow::Borrowed(enhanced)), text: Cow::Owned(text) }
    }

    /// Without an enhanced code: 220, 334, 354 and the reply to EHLO.
    pub fn plain(code: u16, text: impl Into<Cow<'static, str>>) -> Self {
        Self { code, enhanced: None, text: text.into() }
    }

    /// A refusal by the gate. `None` if the codes are not those of a refusal.
    pub fn refusal(code: u16, enhanced: &str, text: &str) -> Option<Self> {
        let class = match code {
            400..=499 => '4',
            500..=599 => '5',
            _ => return None,
        };
        let mut parts = enhanced.split('.');
        let fits = parts.next().is_some_and(|part| part.chars().eq([class]))
            && parts.by_ref().take(2).filter(|part| is_number(part)).count() == 2
            && parts.next().is_none();
        fits.then(|| Self { code, enhanced: Some(Cow::Owned(enhanced.to_owned())), text: Cow::Owned(text.to_owned()) })
    }

    /// Whether the code is 500 or above.
    pub const fn is_failure(&self) -> bool {
        self.code >= 500
    }

    /// Its octets. Without `utf8`, each non-ASCII character becomes `?` (RFC 6531 section 3.7.4).
    pub fn octets(&self, utf8: bool) -> Vec<u8> {
        // Only the door's own reply to EHLO has line ends. In a text of the gate they become spaces.
        let own = self.enhanced.is_none();
        let lines: Vec<String> = self.text.split(|c| own && c == '\n').flat_map(|line| folded(line, utf8)).collect();
        let last = lines.len().saturating_sub(1);
        let mut octets = Vec::new();
        for (index, line) in lines.iter().enumerate() {
            let mark = if index == last { ' ' } else { '-' };
            let enhanced = self.enhanced.as_deref().map(|code| format!("{code} ")).unwrap_or_default();
            octets.extend_from_slice(format!("{}{mark}{enhanced}{line}", self.code).as_bytes());
            octets.extend_from_slice(b"\r\n");
        }
        octets
    }
}

fn is_number(text: &str) -> bool {
    (1..=3).contains(&text.len()) && text.bytes().all(|octet| octet.is_ascii_digit())
}

/// Divides a long line. Control characters become spaces.
fn folded(line: &str, utf8: bool) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for character in line.chars() {
        let shown = match character {
            _ if character.is_control() => ' ',
            '\u{2028}' | '\u{2029}' => ' ',
            _ if utf8 || character.is_ascii() => character,
            _ => '?',
        };
        if pieces.last().is_some_and(|piece| piece.len() + shown.len_utf8() > MAX_TEXT_OCTETS) {
            pieces.push(String::new());
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(shown);
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_foreign_texts() {
        let long = Reply::with(550, "5.7.1", "x".repeat(500)).octets(false);
        let long = String::from_utf8(long).unwrap();
        let lines: Vec<&str> = long.split_terminator("\r\n").collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with("550-5.7.1 x") && lines[1].starts_with("550 5.7.1 x"));
        assert!(lines.iter().all(|line| line.len() + 2 <= 512));
        let foreign = Reply::with(550, "5.7.1", "b\u{fc}ro\r.\u{2028}".to_owned());
        assert_eq!(foreign.octets(false), b"550 5.7.1 b?ro . \r\n");
        assert_eq!(foreign.octets(true), "550 5.7.1 b\u{fc}ro . \r\n".as_bytes());
    }

    #[test]
    fn only_refusals_are_taken_from_the_gate() {
        assert!(Reply::refusal(550, "5.7.1", "no").is_some());
        for (code, enhanced) in
            [(250, "2.0.0"), (550, "4.7.1"), (550, "5.7"), (550, "5.7.1.1"), (550, "5.7.x"), (600, "6.0.0"), (550, "")]
        {
            assert_eq!(Reply::refusal(code, enhanced, "no"), None, "{code} {enhanced}");
        }
    }
}
