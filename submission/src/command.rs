//! Commands (RFC 5321 section 4.1, RFC 6409; AUTH of RFC 4954, BDAT of RFC 3030, STARTTLS of RFC 3207).
//!
//! A path is passed on octet for octet. Only the engine interprets it.

use crate::parameter::{MailParameters, mail_parameters, refuse_rcpt_parameters};
use crate::reply::Reply;

/// A command line that was read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Ehlo(Vec<u8>),
    Helo(Vec<u8>),
    StartTls,
    Auth { mechanism: Vec<u8>, initial: Option<Vec<u8>> },
    Mail { path: Vec<u8>, parameters: MailParameters },
    Rcpt { path: Vec<u8> },
    Data,
    Bdat { octets: u64, last: bool },
    Rset,
    Noop,
    Vrfy,
    Help,
    Quit,
}

/// The first word of a command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Auth,
    Bdat,
    Data,
    Ehlo,
    Helo,
    Help,
    Mail,
    Noop,
    Quit,
    Rcpt,
    Rset,
    StartTls,
    Vrfy,
    /// Unknown.
    Other,
}

const VERBS: [(&str, Verb); 13] = [
    ("AUTH", Verb::Auth),
    ("BDAT", Verb::Bdat),
    ("DATA", Verb::Data),
    ("EHLO", Verb::Ehlo),
    ("HELO", Verb::Helo),
    ("HELP", Verb::Help),
    ("MAIL", Verb::Mail),
    ("NOOP", Verb::Noop),
    ("QUIT", Verb::Quit),
    ("RCPT", Verb::Rcpt),
    ("RSET", Verb::Rset),
    ("STARTTLS", Verb::StartTls),
    ("VRFY", Verb::Vrfy),
];

impl Verb {
    pub(crate) fn of(line: &[u8]) -> Self {
        let (word, _) = word_of(line);
        VERBS.iter().find(|(name, _)| word.eq_ignore_ascii_case(name.as_bytes())).map_or(Self::Other, |(_, verb)| *verb)
    }

    /// The label in the metrics.
    pub(crate) fn name(self) -> &'static str {
        VERBS.iter().find(|(_, verb)| *verb == self).map_or("other", |(name, _)| name)
    }

    /// Whether the client must wait for the reply before it sends more (RFC 2920 section 3.1, RFC 3207 section 4, RFC 4954 section 4).
    pub(crate) const fn ends_a_group(self) -> bool {
        matches!(self, Self::Auth | Self::Data | Self::Ehlo | Self::Helo | Self::StartTls)
    }
}

/// The first word and the rest, without spaces around it.
fn word_of(line: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(b' ', line) {
        Some(at) => {
            let (word, rest) = line.split_at(at);
            (word, rest.trim_ascii())
        }
        None => (line, b""),
    }
}

impl Command {
    /// # Errors
    /// The reply to a line that is no command.
    pub(crate) fn read(line: &[u8]) -> Result<Self, Reply> {
        let (_, rest) = word_of(line);
        let alone = |command| if rest.is_empty() { Ok(command) } else { Err(SUPERFLUOUS) };
        match Verb::of(line) {
            Verb::Ehlo => named(rest).map(Self::Ehlo),
            Verb::Helo => named(rest).map(Self::Helo),
            Verb::StartTls => alone(Self::StartTls),
            Verb::Data => alone(Self::Data),
            Verb::Rset => alone(Self::Rset),
            Verb::Quit => alone(Self::Quit),
            Verb::Noop => Ok(Self::Noop),
            Verb::Vrfy => Ok(Self::Vrfy),
            Verb::Help => Ok(Self::Help),
            Verb::Auth => auth(rest),
            Verb::Mail => {
                let (path, parameters) = path_behind(b"FROM:", rest)?;
                Ok(Self::Mail { path: path.to_vec(), parameters: mail_parameters(parameters)? })
            }
            Verb::Rcpt => {
                let (path, parameters) = path_behind(b"TO:", rest)?;
                refuse_rcpt_parameters(parameters)?;
                Ok(Self::Rcpt { path: path.to_vec() })
            }
            Verb::Bdat => bdat(rest),
            Verb::Other if word_of(line).0.eq_ignore_ascii_case(b"EXPN") => {
                Err(Reply::new(502, "5.5.1", "EXPN is not offered"))
            }
            Verb::Other => Err(Reply::new(500, "5.5.1", "this command is unknown")),
        }
    }
}

const SUPERFLUOUS: Reply = Reply::new(501, "5.5.4", "this command has no parameters");

fn named(rest: &[u8]) -> Result<Vec<u8>, Reply> {
    if rest.is_empty() {
        Err(Reply::new(501, "5.5.4", "say your name behind it: EHLO client.example"))
    } else {
        Ok(rest.to_vec())
    }
}

fn auth(rest: &[u8]) -> Result<Command, Reply> {
    let mut words = rest.split(|octet| *octet == b' ').filter(|word| !word.is_empty());
    let Some(mechanism) = words.next() else {
        return Err(Reply::new(501, "5.5.4", "say the mechanism behind it: AUTH PLAIN"));
    };
    let initial = words.next().map(<[u8]>::to_vec);
    if words.next().is_some() {
        return Err(Reply::new(501, "5.5.4", "AUTH has one mechanism and one initial response"));
    }
    Ok(Command::Auth { mechanism: mechanism.to_vec(), initial })
}

fn bdat(rest: &[u8]) -> Result<Command, Reply> {
    let wrong = || Reply::new(501, "5.5.4", "BDAT has the number of octets that follow, and perhaps LAST");
    let (number, behind) = word_of(rest);
    let last = match behind {
        b"" => false,
        word if word.eq_ignore_ascii_case(b"LAST") => true,
        _ => return Err(wrong()),
    };
    Ok(Command::Bdat { octets: whole_number(number).ok_or_else(wrong)?, last })
}

/// A number in digits, without a sign.
pub(crate) fn whole_number(digits: &[u8]) -> Option<u64> {
    let plain = (1..=20).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(digits).ok().filter(|_| plain)?.parse().ok()
}

/// The octets between `<` and `>`, and the parameters. A `>` in quotes belongs to the path (RFC 5321 section 4.1.2).
fn path_behind<'line>(word: &[u8], rest: &'line [u8]) -> Result<(&'line [u8], &'line [u8]), Reply> {
    let wrong = || {
        let text = if word == b"TO:" {
            "it is said so: RCPT TO:<ann@there.example>"
        } else {
            "it is said so: MAIL FROM:<ann@here.example>"
        };
        Reply::new(501, "5.5.4", text)
    };
    let (said, behind) = rest.split_at_checked(word.len()).ok_or_else(wrong)?;
    // Many programs put a space before the bracket.
    let inside =
        behind.trim_ascii_start().strip_prefix(b"<").filter(|_| said.eq_ignore_ascii_case(word)).ok_or_else(wrong)?;
    let (mut quoted, mut escaped) = (false, false);
    for (at, octet) in inside.iter().enumerate() {
        match octet {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'>' if !quoted => {
                let (path, rest) = inside.split_at(at);
                return match rest {
                    [b'>'] | [b'>', b' ', ..] => Ok((path, rest.split_at(1).1)),
                    _ => Err(wrong()),
                };
            }
            _ => {}
        }
    }
    Err(wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_as_they_are() {
        for (line, path) in [
            ("MAIL FROM:<>", ""),
            ("mail from:<Info@Shop.Example>", "Info@Shop.Example"),
            ("MAIL FROM: <a@b.example> ", "a@b.example"),
            ("MAIL FROM:<\"a> SIZE=1 \\\"\"@b.example> SIZE=2", "\"a> SIZE=1 \\\"\"@b.example"),
            ("MAIL FROM:<@r.example:a@b.example>", "@r.example:a@b.example"),
            ("MAIL FROM:< a@b.example >", " a@b.example "),
            ("MAIL FROM:<<a@b.example>", "<a@b.example"),
        ] {
            match Command::read(line.as_bytes()) {
                Ok(Command::Mail { path: found, .. }) => assert_eq!(String::from_utf8(found).unwrap(), path, "{line}"),
                other => panic!("{line}: {other:?}"),
            }
        }
        for line in [
            "MAIL",
            "MAIL FROM:",
            "MAIL FROM:a@b.example",
            "MAIL FROM:<a",
            "MAIL FROM:<a>b",
            "MAIL TO:<a>",
            "RCPT FROM:<a>",
            "MAIL FROM:<\"a>",
        ] {
            assert_eq!(Command::read(line.as_bytes()).map_err(|reply| reply.code), Err(501), "{line}");
        }
    }

    #[test]
    fn chunks() {
        assert_eq!(Command::read(b"BDAT 10"), Ok(Command::Bdat { octets: 10, last: false }));
        assert_eq!(Command::read(b"bdat 0 last"), Ok(Command::Bdat { octets: 0, last: true }));
        for line in [
            "BDAT",
            "BDAT -1",
            "BDAT +1",
            "BDAT 1x",
            "BDAT 1 FIRST",
            "BDAT 1 LAST LAST",
            "BDAT 99999999999999999999",
            "BDAT 0x10",
        ] {
            assert_eq!(Command::read(line.as_bytes()).map_err(|reply| reply.code), Err(501), "{line}");
        }
    }
}
