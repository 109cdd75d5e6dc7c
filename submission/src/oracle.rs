//! Compares the parsers with `smtp-proto`. Each difference has a row with its reason; a row without a difference fails too.

use smtp_proto::request::receiver::DataReceiver;
use smtp_proto::{MAIL_SMTPUTF8, Request};

use crate::command::{Command, Verb};
use crate::data::DataReader;

const LINES: &[&str] = &[
    "EHLO client.example",
    "EHLO [192.0.2.1]",
    "ehlo client.example",
    "EHLO",
    "EHLO my laptop",
    "HELO client.example",
    "NOOP",
    "NOOP x y",
    "RSET",
    "RSET now",
    "QUIT",
    "quit ",
    "QUIT now",
    "DATA",
    "DATA now",
    "STARTTLS",
    "STARTTLS now",
    "VRFY ann",
    "HELP",
    "EXPN list",
    "TURN",
    "",
    "MAILFROM:<a@b.example>",
    "MAIL FROM:<>",
    "MAIL FROM:<a@b.example>",
    "mail from:<a@b.example>",
    "MAIL FROM: <a@b.example>",
    "MAIL FROM :<a@b.example>",
    "MAIL  FROM:<a@b.example>",
    "MAIL FROM:a@b.example",
    "MAIL FROM:<a@b.example",
    "MAIL FROM:<a@b.example>x",
    "MAIL FROM:<A.B@C.Example>",
    "MAIL FROM:<\"a b\"@c.example>",
    "MAIL FROM:<\"a\\\"b\"@c.example>",
    "MAIL FROM:<\"ab\"@c.example>",
    "MAIL FROM:<\"a>b\"@c.example>",
    "MAIL FROM:<\"a@x.example\"@c.example>",
    "MAIL FROM:<@r.example:a@b.example>",
    "MAIL FROM:<@r.example,@s.example:a@b.example>",
    "MAIL FROM:< a@b.example >",
    "MAIL FROM:<a@b@c.example>",
    "MAIL FROM:<a@[192.0.2.1]>",
    "MAIL FROM:<a@[IPv6:2001:db8::1]>",
    "MAIL FROM:<root>",
    "MAIL FROM:<a..b@c.example>",
    "MAIL FROM:<a@b.example> SIZE=10",
    "MAIL FROM:<a@b.example> size=10 body=8bitmime",
    "MAIL FROM:<a@b.example> SIZE=10 SIZE=20",
    "MAIL FROM:<a@b.example> SIZE=x",
    "MAIL FROM:<a@b.example> SIZE=",
    "MAIL FROM:<a@b.example> SIZE=99999999999999999999999",
    "MAIL FROM:<a@b.example> BODY=7BIT",
    "MAIL FROM:<a@b.example> BODY=BINARYMIME",
    "MAIL FROM:<a@b.example> SMTPUTF8",
    "MAIL FROM:<a@b.example> SMTPUTF8=1",
    "MAIL FROM:<j\u{f6}rg@b.example> SMTPUTF8",
    "MAIL FROM:<j\u{f6}rg@b.example>",
    "MAIL FROM:<a@b.example> AUTH=<>",
    "MAIL FROM:<a@b.example> AUTH=c+40d.example",
    "MAIL FROM:<a@b.example> AUTH=c+0D+0Ad",
    "MAIL FROM:<a@b.example> MT-PRIORITY=3",
    "MAIL FROM:<a@b.example> MT-PRIORITY=-9",
    "MAIL FROM:<a@b.example> MT-PRIORITY=10",
    "MAIL FROM:<a@b.example> MT-PRIORITY=+3",
    "MAIL FROM:<a@b.example> RET=FULL ENVID=1",
    "MAIL FROM:<a@b.example> REQUIRETLS",
    "MAIL FROM:<a@b.example> X-FAST",
    "RCPT TO:<a@b.example>",
    "rcpt to:<a@b.example>",
    "RCPT TO: <a@b.example>",
    "RCPT TO:<>",
    "RCPT TO:<Postmaster>",
    "RCPT TO:<@r.example:a@b.example>",
    "RCPT TO:<\"a b\"@c.example>",
    "RCPT TO:<a@b.example> NOTIFY=NEVER",
    "RCPT TO:a@b.example",
    "BDAT 10",
    "BDAT 0 LAST",
    "bdat 10 last",
    "BDAT",
    "BDAT -1",
    "BDAT x",
    "BDAT 10 FIRST",
    "BDAT 99999999999999999999999",
];

fn ours(line: &str) -> String {
    match Command::read(line.as_bytes()) {
        Ok(Command::Mail { path, parameters }) => {
            let size = parameters.size.unwrap_or_default();
            let priority = parameters.priority.unwrap_or_default();
            format!("MAIL {} {size} {} {priority}", String::from_utf8_lossy(&path), parameters.utf8)
        }
        Ok(Command::Rcpt { path }) => format!("RCPT {}", String::from_utf8_lossy(&path)),
        Ok(Command::Bdat { octets, last }) => format!("BDAT {octets} {last}"),
        Ok(Command::Ehlo(name)) => format!("EHLO {}", String::from_utf8_lossy(&name)),
        Ok(_) => Verb::of(line.as_bytes()).name().to_owned(),
        Err(_) => "-".to_owned(),
    }
}

fn theirs(line: &str) -> String {
    let line = format!("{line}\r\n");
    match Request::parse(&mut line.as_bytes().iter()) {
        Ok(Request::Mail { from }) => {
            format!("MAIL {} {} {} {}", from.address, from.size, from.flags & MAIL_SMTPUTF8 != 0, from.mt_priority)
        }
        Ok(Request::Rcpt { to }) => format!("RCPT {}", to.address),
        Ok(Request::Bdat { chunk_size, is_last }) => format!("BDAT {chunk_size} {is_last}"),
        Ok(Request::Ehlo { host }) => format!("EHLO {host}"),
        Ok(other) => other.name().to_owned(),
        Err(_) => "-".to_owned(),
    }
}

/// A line, the result of `smtp-proto`, and why ours differs.
const DEPARTURES: &[(&str, &str, &str)] = &[
    ("EHLO my laptop", "EHLO my", "a client that says so is taken all the same; neither name gets into Received"),
    ("RSET now", "RSET", "no parameters are allowed there (RFC 5321 section 4.1.1); it reads past them"),
    ("QUIT now", "QUIT", "no parameters are allowed there (RFC 5321 section 4.1.1); it reads past them"),
    ("DATA now", "DATA", "no parameters are allowed there (RFC 5321 section 4.1.1); it reads past them"),
    ("STARTTLS now", "STARTTLS", "no parameters are allowed there (RFC 5321 section 4.1.1); it reads past them"),
    ("EXPN list", "EXPN", "not offered"),
    (
        "MAIL FROM :<a@b.example>",
        "MAIL a@b.example 0 false 0",
        "the colon belongs to the word (RFC 5321 section 4.1.1.2)",
    ),
    ("MAIL FROM:<\"a b\"@c.example>", "MAIL a b@c.example 0 false 0", "it takes the quotes off: another address"),
    ("MAIL FROM:<\"a\\\"b\"@c.example>", "MAIL a\"b@c.example 0 false 0", "it takes the quotes off: another address"),
    ("MAIL FROM:<\"ab\"@c.example>", "MAIL ab@c.example 0 false 0", "it takes the quotes off: another address"),
    ("MAIL FROM:<\"a>b\"@c.example>", "MAIL a>b@c.example 0 false 0", "it takes the quotes off: another address"),
    (
        "MAIL FROM:<\"a@x.example\"@c.example>",
        "MAIL a@x.example@c.example 0 false 0",
        "it takes the quotes off: another address",
    ),
    (
        "MAIL FROM:<@r.example:a@b.example>",
        "MAIL a@b.example 0 false 0",
        "it drops the route: another reverse-path than the one that was said",
    ),
    (
        "MAIL FROM:<@r.example,@s.example:a@b.example>",
        "MAIL a@b.example 0 false 0",
        "it drops the route: another reverse-path than the one that was said",
    ),
    ("MAIL FROM:< a@b.example >", "-", "the gate judges it, whatever it is; it is refused there"),
    ("MAIL FROM:<a@b@c.example>", "-", "the gate judges it, whatever it is; it is refused there"),
    ("MAIL FROM:<a@[192.0.2.1]>", "-", "an address literal is a Mailbox (RFC 5321 section 4.1.3)"),
    ("MAIL FROM:<a@[IPv6:2001:db8::1]>", "-", "an address literal is a Mailbox (RFC 5321 section 4.1.3)"),
    ("MAIL FROM:<root>", "-", "the gate judges it, whatever it is; it is refused there"),
    ("MAIL FROM:<a..b@c.example>", "-", "the gate judges it, whatever it is; it is refused there"),
    (
        "MAIL FROM:<a@b.example> SIZE=10 SIZE=20",
        "MAIL a@b.example 20 false 0",
        "a parameter stands once (RFC 5321 section 4.1.1.11)",
    ),
    (
        "MAIL FROM:<a@b.example> SIZE=99999999999999999999999",
        "MAIL a@b.example 999 false 0",
        "it wraps: at most twenty digits (RFC 1870 section 4)",
    ),
    ("MAIL FROM:<a@b.example> BODY=BINARYMIME", "MAIL a@b.example 0 false 0", "not offered"),
    ("MAIL FROM:<a@b.example> AUTH=c+0D+0Ad", "MAIL a@b.example 0 false 0", "a line end inside of a mailbox"),
    ("MAIL FROM:<a@b.example> MT-PRIORITY=10", "MAIL a@b.example 0 false 10", "from -9 to 9 (RFC 6710 section 3)"),
    ("MAIL FROM:<a@b.example> MT-PRIORITY=+3", "MAIL a@b.example 0 false 3", "no plus (RFC 6710 section 3)"),
    ("MAIL FROM:<a@b.example> RET=FULL ENVID=1", "MAIL a@b.example 0 false 0", "DSN is not offered"),
    ("MAIL FROM:<a@b.example> REQUIRETLS", "MAIL a@b.example 0 false 0", "not offered"),
    (
        "RCPT TO:<Postmaster>",
        "RCPT ",
        "it loses the name; here the session refuses it, as the gate has no domain for it",
    ),
    (
        "RCPT TO:<@r.example:a@b.example>",
        "RCPT a@b.example",
        "it drops the route; here the session refuses it, as two servers could read two addresses",
    ),
    ("RCPT TO:<\"a b\"@c.example>", "RCPT a b@c.example", "it takes the quotes off: another address"),
    ("RCPT TO:<a@b.example> NOTIFY=NEVER", "RCPT a@b.example", "DSN is not offered"),
    ("BDAT 99999999999999999999999", "BDAT 999 false", "it wraps, and would read the rest of the chunk as commands"),
];

#[test]
fn commands() {
    let found: Vec<_> =
        LINES.iter().map(|line| (*line, ours(line), theirs(line))).filter(|(_, ours, theirs)| ours != theirs).collect();
    let known: Vec<_> = DEPARTURES.iter().map(|(line, theirs, _)| (*line, (*theirs).to_owned())).collect();
    let differing: Vec<_> = found.iter().map(|(line, _, theirs)| (*line, theirs.clone())).collect();
    assert_eq!(differing, known, "{found:#?}");
}

/// Octets after DATA.
const MESSAGES: &[&str] = &[
    ".\r\n",
    "a\r\n.\r\n",
    "..a\r\n.\r\n",
    ".a\r\n.\r\n",
    "a\r\n..\r\n.\r\n",
    "a\r\n.\r\nNOOP\r\n",
    "a\r\n\r\n.\r\n",
    "a\r\n. \r\n.\r\n",
    "a\n.\n",
    "a\n.\r\n",
    "a\r\n.\n",
    "a\r.\r\n",
    "a\r\n.\r\r\n",
    "a\rb\r\n.\r\n",
    "a\nb\r\n.\r\n",
    "a\0\r\n.\r\n",
    "\r\n.\r\n",
];

/// Octets after DATA, the result of `smtp-proto`, and why ours differs.
const OTHER_ENDS: &[(&str, &str, &str)] = &[
    (".\r\n", "no end", "theirs misses the end of an empty message"),
    (
        "..a\r\n.\r\n",
        "\"..a\\r\\n\" then \"\"",
        "a leading dot comes off each line (RFC 5321 section 4.5.2), the first one too: theirs needs a line before",
    ),
    (
        ".a\r\n.\r\n",
        "\".a\\r\\n\" then \"\"",
        "a leading dot comes off each line (RFC 5321 section 4.5.2), the first one too: theirs needs a line before",
    ),
    ("a\n.\n", "no end", "only CRLF . CRLF ends it, and what looks like another end is no message: theirs waits on"),
    ("a\n.\r\n", "no end", "only CRLF . CRLF ends it, and what looks like another end is no message: theirs waits on"),
    ("a\r\n.\n", "no end", "only CRLF . CRLF ends it, and what looks like another end is no message: theirs waits on"),
    ("a\r.\r\n", "no end", "only CRLF . CRLF ends it, and what looks like another end is no message: theirs waits on"),
    ("a\r\n.\r\r\n", "\"a\\r\\n\\r\" then \"\"", "theirs ends there"),
    ("a\rb\r\n.\r\n", "\"a\\rb\\r\\n\" then \"\"", "theirs lets it through"),
    ("a\nb\r\n.\r\n", "\"a\\nb\\r\\n\" then \"\"", "theirs lets it through"),
    ("a\0\r\n.\r\n", "\"a\\0\\r\\n\" then \"\"", "theirs lets it through"),
];

#[test]
fn messages() {
    let ours = |wire: &str| {
        let (mut rest, mut message) = (wire.as_bytes(), Vec::new());
        match DataReader::default().take(&mut rest, &mut message, 1_000) {
            Ok(true) => format!("{:?} then {:?}", String::from_utf8_lossy(&message), String::from_utf8_lossy(rest)),
            Ok(false) => "no end".to_owned(),
            Err(fault) => format!("{fault:?}"),
        }
    };
    let theirs = |wire: &str| {
        let (mut rest, mut message) = (wire.as_bytes().iter(), Vec::new());
        if DataReceiver::new().ingest(&mut rest, &mut message) {
            format!("{:?} then {:?}", String::from_utf8_lossy(&message), String::from_utf8_lossy(rest.as_slice()))
        } else {
            "no end".to_owned()
        }
    };
    let found: Vec<_> = MESSAGES
        .iter()
        .map(|wire| (*wire, ours(wire), theirs(wire)))
        .filter(|(_, ours, theirs)| ours != theirs)
        .collect();
    let known: Vec<_> = OTHER_ENDS.iter().map(|(wire, theirs, _)| (*wire, (*theirs).to_owned())).collect();
    let differing: Vec<_> = found.iter().map(|(wire, _, theirs)| (*wire, theirs.clone())).collect();
    assert_eq!(differing, known, "{found:#?}");
}
