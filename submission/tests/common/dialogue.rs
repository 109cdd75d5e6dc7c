//! Dialogues as tables: what the client sends, the requests and answers of the gate, what the client receives.
use std::collections::BTreeMap;
use std::net::IpAddr;

use sendergate_submission::answer::Envelope;
use sendergate_submission::limits::Terms;
use serde::Deserialize;
use serde_json::Value;

use super::checks::WAIT;

pub const FILES: [(&str, &str); 8] = [
    ("auth", include_str!("../dialogues/auth.json")),
    ("bdat", include_str!("../dialogues/bdat.json")),
    ("data", include_str!("../dialogues/data.json")),
    ("envelope", include_str!("../dialogues/envelope.json")),
    ("limits", include_str!("../dialogues/limits.json")),
    ("outcomes", include_str!("../dialogues/outcomes.json")),
    ("pipelining", include_str!("../dialogues/pipelining.json")),
    ("speaking", include_str!("../dialogues/speaking.json")),
];
const PRELUDES: &str = include_str!("../dialogues/preludes.json");

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Dialogue {
    #[serde(default)]
    pub name: String,
    /// The client's address. The default is loopback.
    pub client: Option<IpAddr>,
    /// Implicit TLS.
    #[serde(default)]
    pub secure: bool,
    #[serde(default)]
    pub no_certificate: bool,
    #[serde(default)]
    pub terms: BTreeMap<String, u64>,
    /// The prelude to run first.
    pub after: Option<String>,
    pub turns: Vec<Turn>,
    /// The number of turns that come from preludes.
    #[serde(skip)]
    pub prelude: usize,
    /// The door closes after the last reply.
    #[serde(default)]
    pub closed: bool,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Turn {
    #[serde(default)]
    pub say: Said,
    /// The requests to the gate that begin in this turn.
    #[serde(default)]
    pub gate: Vec<Asked>,
    #[serde(default)]
    pub hear: Vec<String>,
    /// The client begins TLS after the reply.
    #[serde(default)]
    pub tls: bool,
    /// The client disconnects.
    #[serde(default)]
    pub hangup: bool,
}

/// A text, octets in hexadecimal, a repeated text, or a sequence of these.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Said {
    Text(String),
    Hex { hex: String },
    Times { repeat: String, times: usize },
    All(Vec<Said>),
}

impl Default for Said {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl Said {
    pub fn octets(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.clone().into_bytes(),
            Self::Hex { hex } => {
                (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
            }
            Self::Times { repeat, times } => repeat.repeat(*times).into_bytes(),
            Self::All(all) => all.iter().flat_map(Self::octets).collect(),
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Asked {
    pub ask: Kind,
    pub user: Option<String>,
    pub password: Option<String>,
    pub client: Option<IpAddr>,
    /// `-` means absent.
    pub helo: Option<String>,
    pub with: Option<String>,
    pub from: Option<String>,
    pub to: Option<Vec<String>>,
    pub priority: Option<i8>,
    pub body: Option<Said>,
    /// The door aborts the request.
    #[serde(default)]
    pub aborted: bool,
    /// The gate refuses connections.
    #[serde(default)]
    pub away: bool,
    #[serde(default)]
    pub status: u16,
    #[serde(default)]
    pub answer: Value,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Session,
    Check,
    Message,
}

/// A request that the gate received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    Session { user: String, password: String, client: IpAddr },
    Check(Envelope),
    Message { envelope: Envelope, body: Vec<u8>, ended: bool },
}

impl Asked {
    /// Fails if the request is a different one.
    pub fn compare(&self, heard: &Heard, name: &str) {
        let says = |what: &str, expected: Option<&str>, found: Option<&str>| {
            if let Some(expected) = expected {
                assert_eq!(found.unwrap_or("-"), expected, "{name}: {what}");
            }
        };
        match (self.ask, heard) {
            (Kind::Session, Heard::Session { user, password, client }) => {
                says("user", self.user.as_deref(), Some(user));
                says("password", self.password.as_deref(), Some(password));
                assert!(self.client.is_none_or(|expected| expected == *client), "{name}: client {client}");
            }
            (Kind::Check, Heard::Check(envelope)) => {
                self.compare_envelope(envelope, name);
                assert!(envelope.to.is_empty(), "{name}: a check has no recipients");
            }
            (Kind::Message, Heard::Message { envelope, body, ended }) => {
                self.compare_envelope(envelope, name);
                if let Some(expected) = &self.body {
                    assert_eq!(
                        String::from_utf8_lossy(body),
                        String::from_utf8_lossy(&expected.octets()),
                        "{name}: body"
                    );
                }
                assert_eq!(*ended, !self.aborted, "{name}: whether the message ended");
            }
            _ => panic!("{name}: the gate was asked {heard:?} instead of {self:?}"),
        }
    }

    fn compare_envelope(&self, envelope: &Envelope, name: &str) {
        let same = |what: &str, expected: Option<&str>, found: Option<&str>| {
            assert!(
                expected.is_none_or(|expected| found.unwrap_or("-") == expected),
                "{name}: {what} is {found:?}, not {expected:?}"
            );
        };
        same("user", self.user.as_deref(), Some(&envelope.user));
        same("helo", self.helo.as_deref(), envelope.helo.as_deref());
        same("with", self.with.as_deref(), Some(envelope.with));
        same("from", self.from.as_deref(), Some(&envelope.from));
        assert!(self.to.as_ref().is_none_or(|to| *to == envelope.to), "{name}: to {:?}", envelope.to);
        assert_eq!(envelope.priority, self.priority, "{name}: priority");
        assert!(self.client.is_none_or(|expected| expected == envelope.client), "{name}: client {}", envelope.client);
    }
}

/// Fails if the lines are not the expected ones, where `*` at the end matches any rest.
pub fn compare_lines(expected: &[String], heard: &str, name: &str) {
    assert!(heard.is_empty() || heard.ends_with("\r\n"), "{name}: {heard:?} does not end in CRLF");
    let lines: Vec<&str> = heard.split_terminator("\r\n").collect();
    let fits = |(expected, line): (&String, &&str)| match expected.strip_suffix('*') {
        Some(start) => line.starts_with(start),
        None => line == expected,
    };
    assert!(
        lines.len() == expected.len() && expected.iter().zip(&lines).all(fits),
        "{name}:\n  heard {lines:#?}\n  instead of {expected:#?}"
    );
    for line in lines {
        assert!(line.len() <= 510 && line.as_bytes()[..3].iter().all(u8::is_ascii_digit), "{name}: {line}");
    }
}

/// All dialogues of the tables, each after its prelude.
pub fn dialogues() -> Vec<Dialogue> {
    let preludes: BTreeMap<String, Dialogue> = serde_json::from_str(PRELUDES).unwrap();
    let mut all = Vec::new();
    for (file, text) in FILES {
        let rows: Vec<Dialogue> = serde_json::from_str(text).unwrap_or_else(|error| panic!("{file}.json: {error}"));
        for row in rows {
            let mut whole = row.clone();
            whole.name = format!("{file}: {}", row.name);
            let mut after = row.after.as_deref();
            while let Some(name) = after {
                let prelude =
                    preludes.get(name).unwrap_or_else(|| panic!("{}: there is no prelude {name}", whole.name));
                whole.turns.splice(0..0, prelude.turns.iter().cloned());
                whole.secure |= prelude.secure;
                after = prelude.after.as_deref();
            }
            whole.prelude = whole.turns.len() - row.turns.len();
            all.push(whole);
        }
    }
    all
}

impl Dialogue {
    /// The client's input, as a seed for the fuzzer.
    pub fn seed(&self) -> Vec<u8> {
        self.turns.iter().map(|turn| turn.say.octets()).collect::<Vec<_>>().join(&WAIT)
    }

    pub fn terms(&self) -> Terms {
        let mut terms = Terms { name: "door.example".to_owned(), starttls: !self.no_certificate, ..Terms::default() };
        for (name, value) in &self.terms {
            let number = usize::try_from(*value).unwrap();
            match name.as_str() {
                "maxMessage" => terms.max_message = *value,
                "maxRecipients" => terms.max_recipients = number,
                "maxEnvelope" => terms.max_envelope = number,
                "maxLine" => terms.max_line = number,
                "maxAuthLine" => terms.max_auth_line = number,
                "maxFailed" => terms.max_failed = u32::try_from(*value).unwrap(),
                "maxFailedLogins" => terms.max_failed_logins = u32::try_from(*value).unwrap(),
                "piece" => terms.piece = number,
                other => panic!("{}: there is no {other} in the terms", self.name),
            }
        }
        terms
    }
}
