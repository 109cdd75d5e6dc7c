//! The values that a submission agent writes into a message (RFC 6409 section 8), checked so that they cannot break a
//! line.

use crate::address::is_atext;
use crate::diagnostic::is_invisible;
use crate::priority::{Level, PriorityResolution};
use std::error::Error;
use std::fmt;

/// A value that cannot be written into a header section: an error of the caller, not of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CompletionError {
    /// The host is no domain and no address literal.
    Host,
    /// The identifier is no msg-id (RFC 5322 section 3.6.4).
    MessageId,
    /// The time is before 1900 or after 9999.
    Date,
}

impl fmt::Display for CompletionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Host => "`host` is neither a domain nor an address literal",
            Self::MessageId => "`message_id` is no msg-id; write `left@right` without its angle brackets",
            Self::Date => "`seconds` is before 1900 or after 9999",
        })
    }
}

impl Error for CompletionError {}

/// The host that completes a message, and the values of missing fields.
#[derive(Clone, Debug)]
pub struct Completion<'a> {
    pub(super) host: &'a str,
    pub(super) message_id: &'a str,
    pub(super) date: String,
    pub(super) stamp: Option<Level>,
}

impl<'a> Completion<'a> {
    /// - `host` is our own name, as in our `Authentication-Results` (RFC 8601 section 5).
    /// - `message_id` is a msg-id without angle brackets (RFC 5322 section 3.6.4).
    /// - `seconds` is the time of the `Date` field: seconds since 1970, UTC.
    /// - With `stamp` the priority fields are written with this level.
    ///
    /// # Errors
    /// The first value that cannot be written into a header section.
    pub fn new(
        host: &'a str,
        message_id: &'a str,
        seconds: i64,
        stamp: Option<&PriorityResolution>,
    ) -> Result<Self, CompletionError> {
        if !is_host(host) {
            return Err(CompletionError::Host);
        }
        if !is_message_id(message_id) {
            return Err(CompletionError::MessageId);
        }
        let date = date_time(seconds).ok_or(CompletionError::Date)?;
        Ok(Self { host, message_id, date, stamp: stamp.map(|resolution| resolution.effective) })
    }
}

/// The limit of RFC 1035 section 2.3.4, plus the brackets of an address literal or a last dot.
const MAX_HOST_OCTETS: usize = 255;

/// Whether a text has the characters of a domain or an address literal. A single label is a host too.
fn is_host(host: &str) -> bool {
    let name = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    let fits = |octet: u8| octet.is_ascii_alphanumeric() || octet >= 128 || matches!(octet, b'.' | b'-' | b'_' | b':');
    !name.is_empty() && host.len() <= MAX_HOST_OCTETS && name.bytes().all(fits) && !host.chars().any(is_invisible)
}

/// A line has at most 998 octets (RFC 5322 section 2.1.1), including `Message-ID: <` and `>`.
const MAX_MESSAGE_ID_OCTETS: usize = 900;

/// Whether a text is a msg-id without its brackets, not in obsolete syntax (RFC 5322 section 3.6.4).
fn is_message_id(text: &str) -> bool {
    let mut parts = text.as_bytes().split(|octet| *octet == b'@');
    let (Some(left), Some(right), None) = (parts.next(), parts.next(), parts.next()) else { return false };
    let is_dtext = |octet: &u8| octet.is_ascii_graphic() && !matches!(octet, b'[' | b']' | b'\\' | b'<' | b'>');
    let right_holds = match right {
        [b'[', inner @ .., b']'] => inner.iter().all(is_dtext),
        _ => is_dot_atom(right),
    };
    text.len() <= MAX_MESSAGE_ID_OCTETS && is_dot_atom(left) && right_holds
}

/// A dot-atom (RFC 5322 section 3.2.3).
fn is_dot_atom(text: &[u8]) -> bool {
    text.split(|octet| *octet == b'.').all(|atom| !atom.is_empty() && atom.iter().all(|octet| is_atext(*octet)))
}

/// From 1900, the first year of RFC 5322 section 3.3, to the last second of 9999.
const FIRST: i64 = -2_208_988_800;
const LAST: i64 = 253_402_300_799;
const WEEKDAYS: [&str; 7] = ["Wed", "Thu", "Fri", "Sat", "Sun", "Mon", "Tue"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The date-time of RFC 5322 section 3.3, in UTC: `Tue, 24 Nov 2026 08:05:00 +0000`.
fn date_time(seconds: i64) -> Option<String> {
    if !(FIRST..=LAST).contains(&seconds) {
        return None;
    }
    // Count from 1 March 1600, so that a leap day is the last day of its year.
    let second = u64::try_from(seconds + 135_080 * 86_400).ok()?;
    let (days, second) = ((second / 86_400) as u32, (second % 86_400) as u32);
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = (month + 2) % 12;
    let year = 1600 + 400 * era + year + u32::from(month < 2);
    let mut out = String::new();
    out.push_str(WEEKDAYS.get(days as usize % 7)?);
    out.push_str(", ");
    push_two(&mut out, day);
    out.push(' ');
    out.push_str(MONTHS.get(month as usize)?);
    out.push(' ');
    push_two(&mut out, year / 100);
    push_two(&mut out, year % 100);
    for (part, before) in [(second / 3600, ' '), (second / 60 % 60, ':'), (second % 60, ':')] {
        out.push(before);
        push_two(&mut out, part);
    }
    out.push_str(" +0000");
    Some(out)
}

/// Two digits. The standard formatter would make the module larger.
#[inline(never)]
fn push_two(out: &mut String, number: u32) {
    for digit in [number / 10, number % 10] {
        out.push(char::from(b'0' + (digit % 10) as u8));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_as_mail_writes_them() {
        for (seconds, expected) in [
            (0, "Thu, 01 Jan 1970 00:00:00 +0000"),
            (-1, "Wed, 31 Dec 1969 23:59:59 +0000"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 +0000"),
            (951_868_800, "Wed, 01 Mar 2000 00:00:00 +0000"),
            (1_795_507_509, "Tue, 24 Nov 2026 08:05:09 +0000"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 +0000"),
            (-2_208_988_800, "Mon, 01 Jan 1900 00:00:00 +0000"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 +0000"),
        ] {
            assert_eq!(date_time(seconds).as_deref(), Some(expected));
        }
        for seconds in [-2_208_988_801, 253_402_300_800, i64::MIN, i64::MAX] {
            assert_eq!(date_time(seconds), None);
        }
    }

    #[test]
    fn what_may_be_written() {
        for host in ["gate.example", "localhost", "Gate_1.example.", "[192.0.2.1]", "[IPv6:2001:db8::1]", "tür.example"]
        {
            assert!(is_host(host), "{host}");
        }
        for host in ["", "[]", "a b", "a\r\nX: y", "a;b", "a(b)", "\"a\"", "a@b", "<a>", &"a".repeat(256)] {
            assert!(!is_host(host), "{host}");
        }
        for id in ["1@a.example", "a.b+c=d@[192.0.2.1]", "x@localhost"] {
            assert!(is_message_id(id), "{id}");
        }
        for id in
            ["", "1", "@a", "1@", "<1@a>", "1@a@b", "1 @a", "1..2@a", "1@a.", "1@a\r\n", "é@a", "1@[a]b]", "\"1\"@a"]
        {
            assert!(!is_message_id(id), "{id}");
        }
        assert!(!is_message_id(&["1@", &"a".repeat(900)].concat()));
    }
}
