//! Parameters of MAIL and RCPT: SIZE (RFC 1870), BODY (RFC 6152), SMTPUTF8 (RFC 6531), AUTH (RFC 4954), MT-PRIORITY (RFC 6710).

use crate::command::whole_number;
use crate::reply::Reply;

/// The parameters of MAIL. AUTH= is checked and then ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct MailParameters {
    pub(crate) size: Option<u64>,
    pub(crate) utf8: bool,
    pub(crate) priority: Option<i8>,
}

const UNKNOWN: Reply = Reply::new(555, "5.5.4", "a parameter is unknown here");

/// # Errors
/// 555 for an unknown parameter, 501 for a wrong or repeated one.
pub(crate) fn mail_parameters(text: &[u8]) -> Result<MailParameters, Reply> {
    let mut found = MailParameters::default();
    let mut seen = Vec::new();
    for (name, value) in parameters(text)? {
        match name.to_ascii_uppercase().as_slice() {
            b"SIZE" => {
                found.size = Some(value.and_then(whole_number).ok_or_else(|| bad("SIZE is a number of octets"))?)
            }
            b"BODY" => check(value.is_some_and(is_body), "BODY is 7BIT or 8BITMIME")?,
            b"SMTPUTF8" => {
                check(value.is_none(), "SMTPUTF8 has no value")?;
                found.utf8 = true;
            }
            b"AUTH" => check(value.is_some_and(is_xtext), "the value of AUTH is not in xtext")?,
            b"MT-PRIORITY" => {
                found.priority =
                    Some(value.and_then(priority).ok_or_else(|| bad("MT-PRIORITY is a whole number from -9 to 9"))?);
            }
            _ => return Err(UNKNOWN),
        }
        check(!seen.contains(&name.to_ascii_uppercase()), "a parameter is given twice")?;
        seen.push(name.to_ascii_uppercase());
    }
    Ok(found)
}

/// # Errors
/// 555 for every parameter, because none is offered.
pub(crate) fn refuse_rcpt_parameters(text: &[u8]) -> Result<(), Reply> {
    if parameters(text)?.is_empty() { Ok(()) } else { Err(UNKNOWN) }
}

const fn bad(text: &'static str) -> Reply {
    Reply::new(501, "5.5.4", text)
}

const fn check(good: bool, text: &'static str) -> Result<(), Reply> {
    if good { Ok(()) } else { Err(bad(text)) }
}

type Parameter<'line> = (&'line [u8], Option<&'line [u8]>);

/// RFC 5321 section 4.1.2: `keyword` or `keyword=value`.
fn parameters(text: &[u8]) -> Result<Vec<Parameter<'_>>, Reply> {
    text.split(|octet| *octet == b' ')
        .filter(|word| !word.is_empty())
        .map(|word| {
            let (name, value) = match memchr::memchr(b'=', word) {
                Some(at) => {
                    let (name, value) = word.split_at(at);
                    (name, value.get(1..))
                }
                None => (word, None),
            };
            let keyword = name.first().is_some_and(u8::is_ascii_alphanumeric)
                && name.iter().all(|octet| octet.is_ascii_alphanumeric() || *octet == b'-');
            let readable =
                value.is_none_or(|value| !value.is_empty() && value.iter().all(|octet| *octet > b' ' && *octet != 127));
            if keyword && readable {
                Ok((name, value))
            } else {
                Err(bad("a parameter is not written as NAME or NAME=VALUE"))
            }
        })
        .collect()
}

fn is_body(value: &[u8]) -> bool {
    value.eq_ignore_ascii_case(b"7BIT") || value.eq_ignore_ascii_case(b"8BITMIME")
}

/// The grammar of RFC 6710 section 3: no plus, no leading zero.
fn priority(value: &[u8]) -> Option<i8> {
    let (sign, digit) = match value {
        [b'-', digit @ b'1'..=b'9'] => (-1, digit),
        [digit @ b'0'..=b'9'] => (1, digit),
        _ => return None,
    };
    i8::try_from(digit - b'0').ok().map(|number| sign * number)
}

/// RFC 3461 section 4. Encoded control characters are refused, because other servers decode them.
fn is_xtext(value: &[u8]) -> bool {
    let mut rest = value;
    loop {
        rest = match rest {
            [] => return true,
            [b'+', high, low, rest @ ..] => match hexadecimal(*high).zip(hexadecimal(*low)) {
                Some((high, low)) if high * 16 + low >= b' ' && high * 16 + low != 127 => rest,
                _ => return false,
            },
            [b'+', ..] => return false,
            [_, rest @ ..] => rest,
        };
    }
}

const fn hexadecimal(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_mail() {
        let all = mail_parameters(b" SIZE=12 body=8bitmime SMTPUTF8  AUTH=a+40b.example MT-PRIORITY=-3").unwrap();
        assert_eq!(all, MailParameters { size: Some(12), utf8: true, priority: Some(-3) });
        assert_eq!(mail_parameters(b""), Ok(MailParameters::default()));
        assert!(mail_parameters(b" AUTH=<>").is_ok());
        for (text, code) in [
            ("SIZE", 501),
            ("SIZE=", 501),
            ("SIZE=-1", 501),
            ("SIZE=1 size=2", 501),
            ("SIZE=999999999999999999999", 501),
            ("BODY=BINARYMIME", 501),
            ("BODY", 501),
            ("SMTPUTF8=1", 501),
            ("AUTH=a+0D+0Ab", 501),
            ("AUTH=a+4", 501),
            ("AUTH=a+4g", 501),
            ("AUTH=a+4a", 501),
            ("MT-PRIORITY=10", 501),
            ("MT-PRIORITY=+1", 501),
            ("MT-PRIORITY=-0", 501),
            ("MT-PRIORITY", 501),
            ("RET=FULL", 555),
            ("ENVID=1", 555),
            ("X", 555),
            ("=1", 501),
            ("A_B=1", 501),
        ] {
            assert_eq!(mail_parameters(text.as_bytes()).map_err(|reply| reply.code), Err(code), "{text}");
        }
    }
}
