//! The requests to the gate and its answers. All decisions are the gate's.

use std::net::IpAddr;

use serde::Deserialize;

use crate::auth::Credentials;
use crate::reply::Reply;

/// A request to the gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// `GET /v1/session`
    Session {
        /// The name and password to check.
        credentials: Credentials,
        /// The client's address, against which the gate counts failures.
        client: IpAddr,
    },
    /// `POST /v1/messages/check` with the envelope only.
    Check(Box<Envelope>),
    /// `POST /v1/messages`. It is answered when the gate has accepted the connection; then the message follows.
    Open(Box<Envelope>),
    /// The end of the message. The answer is the gate's decision.
    Finish,
}

/// The envelope of a message and the description of its session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The SMTP+ user.
    pub user: String,
    /// The client's address.
    pub client: IpAddr,
    /// The client's name in EHLO, if the gate accepts such a name.
    pub helo: Option<String>,
    /// A registered transmission type (RFC 3848, RFC 6531).
    pub with: &'static str,
    /// The reverse-path as received.
    pub from: String,
    /// The recipients as received.
    pub to: Vec<String>,
    /// MT-PRIORITY.
    pub priority: Option<i8>,
}

/// The kind of request that an answer belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// The credentials.
    Session,
    /// The reverse-path.
    Check,
    /// The message.
    Message,
}

/// An answer of the gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The credentials are correct, the reverse-path is not refused, or the connection is accepted.
    Yes,
    /// The message is stored and has this id.
    Accepted(String),
    /// No.
    No(Refusal),
}

/// The reason for a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The decision's own reply.
    Decided(Reply),
    /// Unknown name, wrong password, or a user whom the door's token does not cover.
    WrongCredentials,
    /// The user is inactive or was deleted.
    Inactive,
    /// A rate limit, with the gate's explanation.
    Limited(String),
    /// The message is too large, with the gate's explanation.
    TooLarge(String),
    /// Part of the envelope is invalid.
    Envelope(String),
    /// No answer, or one that the door does not understand.
    Away,
}

#[derive(Deserialize)]
struct Accepted {
    id: String,
}

#[derive(Deserialize)]
struct Checked {
    decision: Decision,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Decision {
    action: String,
    #[serde(default)]
    findings: Vec<Finding>,
    decided_by: Option<usize>,
    reply: Said,
}

#[derive(Deserialize)]
struct Finding {
    identity: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Said {
    code: u16,
    enhanced_code: String,
    text: String,
}

impl Said {
    fn reply(&self) -> Option<Reply> {
        Reply::refusal(self.code, &self.enhanced_code, &self.text)
    }
}

#[derive(Deserialize)]
struct Problem {
    code: String,
    #[serde(default)]
    detail: String,
    reply: Option<Said>,
    decision: Option<Replied>,
}

#[derive(Deserialize)]
struct Replied {
    reply: Said,
}

/// Reads an HTTP response. If it is unclear the result is `Away`, so that the client tries again.
#[must_use]
pub fn read_answer(question: Question, status: u16, body: &[u8]) -> Answer {
    let said = match (question, status) {
        (Question::Session, 204) => Some(Answer::Yes),
        (Question::Check, 200) => checked(body),
        (Question::Message, 202) => accepted(body),
        (_, 400..=499) => {
            serde_json::from_slice(body).ok().and_then(|problem| refused(question, status, problem)).map(Answer::No)
        }
        _ => None,
    };
    said.unwrap_or(Answer::No(Refusal::Away))
}

fn accepted(body: &[u8]) -> Option<Answer> {
    let Accepted { id } = serde_json::from_slice(body).ok()?;
    let plain = (1..=255).contains(&id.len()) && id.bytes().all(|octet| octet.is_ascii_graphic());
    plain.then_some(Answer::Accepted(id))
}

/// At MAIL only the reverse-path can be refused, because the rest of the message is not known yet.
fn checked(body: &[u8]) -> Option<Answer> {
    let Checked { decision } = serde_json::from_slice(body).ok()?;
    let decisive = decision.decided_by.and_then(|index| decision.findings.get(index));
    let refused = decision.action == "block" && decisive.is_some_and(|finding| finding.identity == "mail-from");
    if refused { Some(Answer::No(Refusal::Decided(decision.reply.reply()?))) } else { Some(Answer::Yes) }
}

fn refused(question: Question, status: u16, problem: Problem) -> Option<Refusal> {
    let said = problem.decision.map(|decision| decision.reply).or(problem.reply);
    Some(match (status, problem.code.as_str()) {
        // For the other requests 401 means that the door's own token is wrong.
        (401, _) if question == Question::Session => Refusal::WrongCredentials,
        (403, "user-not-covered") if question == Question::Session => Refusal::WrongCredentials,
        // For a message there is usually a decision, which says more.
        (403, "user-inactive" | "user-not-covered") if question != Question::Message || said.is_none() => {
            Refusal::Inactive
        }
        (413, _) => Refusal::TooLarge(said.map_or(problem.detail, |said| said.text)),
        (429, _) => Refusal::Limited(problem.detail),
        (403 | 422, _) if said.is_some() => Refusal::Decided(said?.reply()?),
        (422, "invalid-envelope") => Refusal::Envelope(problem.detail),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const AWAY: Answer = Answer::No(Refusal::Away);

    #[test]
    fn nothing_but_an_acceptance_is_one() {
        let accepted = |body: &str| read_answer(Question::Message, 202, body.as_bytes());
        assert_eq!(accepted(r#"{"id":"m1","decision":{}}"#), Answer::Accepted("m1".to_owned()));
        for body in ["", "{}", r#"{"id":""}"#, r#"{"id":"a\r\nb"}"#, r#"{"id":1}"#, r#"{"id":"m1""#, "<html>"] {
            assert_eq!(accepted(body), AWAY, "{body}");
        }
        for status in [100, 200, 201, 204, 301, 400, 401, 404, 409, 500, 502, 503] {
            assert_eq!(read_answer(Question::Message, status, br#"{"id":"m1"}"#), AWAY, "{status}");
            assert_eq!(read_answer(Question::Session, if status == 204 { 200 } else { status }, b""), AWAY, "{status}");
        }
    }

    #[test]
    fn a_check_refuses_the_reverse_path_alone() {
        let decision = |action: &str, identity: &str, by: &str| {
            let body = format!(
                r#"{{"decision":{{"action":"{action}","findings":[{{"identity":"{identity}"}}],{by}"reply":{{"code":550,"enhancedCode":"5.7.1","text":"no"}}}}}}"#
            );
            read_answer(Question::Check, 200, body.as_bytes())
        };
        let no = Answer::No(Refusal::Decided(Reply::new(550, "5.7.1", "no")));
        assert_eq!(decision("block", "mail-from", r#""decidedBy":0,"#), no);
        for (action, identity, by) in [
            ("send-and-alert", "mail-from", r#""decidedBy":0,"#),
            ("block", "from", r#""decidedBy":0,"#),
            ("block", "mail-from", ""),
            ("block", "mail-from", r#""decidedBy":1,"#),
        ] {
            assert_eq!(decision(action, identity, by), Answer::Yes, "{action} {identity} {by}");
        }
        assert_eq!(read_answer(Question::Check, 200, b"{}"), AWAY);
    }

    #[test]
    fn refusals() {
        let problem = |question, status, code: &str, more: &str| {
            read_answer(question, status, format!(r#"{{"code":"{code}","detail":"words"{more}}}"#).as_bytes())
        };
        let reply = r#","decision":{"reply":{"code":554,"enhancedCode":"5.6.0","text":"bad"}}"#;
        let no = |refusal| Answer::No(refusal);
        let words = || "words".to_owned();
        for (question, status, code, more, expected) in [
            (Question::Session, 401, "unauthorized", "", no(Refusal::WrongCredentials)),
            (Question::Session, 403, "user-inactive", "", no(Refusal::Inactive)),
            (Question::Session, 403, "user-not-covered", "", no(Refusal::WrongCredentials)),
            (Question::Session, 403, "service-token-refused", "", AWAY),
            (Question::Session, 429, "too-many-logins", "", no(Refusal::Limited(words()))),
            (Question::Session, 503, "storage-fault", "", AWAY),
            (Question::Message, 401, "unauthorized", "", AWAY),
            (Question::Message, 403, "user-not-covered", "", no(Refusal::Inactive)),
            (Question::Message, 403, "user-inactive", reply, no(Refusal::Decided(Reply::new(554, "5.6.0", "bad")))),
            (Question::Check, 403, "user-inactive", reply, no(Refusal::Inactive)),
            (Question::Message, 403, "sender-refused", reply, no(Refusal::Decided(Reply::new(554, "5.6.0", "bad")))),
            (Question::Message, 422, "malformed-message", reply, no(Refusal::Decided(Reply::new(554, "5.6.0", "bad")))),
            (Question::Message, 422, "invalid-envelope", "", no(Refusal::Envelope(words()))),
            (Question::Message, 422, "key-reused", "", AWAY),
            (Question::Message, 413, "message-too-large", "", no(Refusal::TooLarge(words()))),
            (Question::Message, 413, "header-too-large", reply, no(Refusal::TooLarge("bad".to_owned()))),
            (Question::Message, 409, "key-in-flight", "", AWAY),
        ] {
            assert_eq!(problem(question, status, code, more), expected, "{question:?} {status} {code}");
        }
    }
}
