//! Sends requests to the gate and streams messages to it, with a limited part of each in memory.

mod link;
mod outgoing;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hyper::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{AbortHandle, JoinHandle};
use tokio::time::timeout;

use crate::answer::{Answer, Envelope, Question, Refusal, read_answer};
use crate::auth::Credentials;
use crate::log::log;
use crate::metrics::Metrics;
use link::{Link, Links, Unsent};
use outgoing::{Outgoing, Piece};

pub use link::{Origin, OriginError};

const AWAY: Answer = Answer::No(Refusal::Away);

/// The name of a header field.
const fn field(name: &'static str) -> HeaderName {
    HeaderName::from_static(name)
}

/// The client of the gate.
#[derive(Debug)]
pub struct Gate {
    links: Links,
    token: String,
    /// The time limit for an answer, and for the gate to accept the next piece of a message.
    patience: Duration,
    metrics: Arc<Metrics>,
}

/// What became of a request with a message.
#[derive(Debug)]
struct Exchanged {
    answer: Answer,
    link: Option<Link>,
    /// The request, if nothing of it was sent.
    unsent: Option<Request<Outgoing>>,
}

/// A message that is being sent to the gate. Dropping it before the answer aborts the request.
#[derive(Debug)]
pub struct Message {
    pieces: mpsc::Sender<Piece>,
    answer: JoinHandle<Exchanged>,
    connection: AbortHandle,
    /// An answer that came before the end of the message.
    early: Option<Answer>,
    began: Instant,
}

impl Drop for Message {
    fn drop(&mut self) {
        self.answer.abort();
        // Closes the connection without the end of the body, even if octets still wait to be written.
        self.connection.abort();
    }
}

impl Gate {
    /// `window` is the number of octets of a message that may be in memory.
    #[must_use]
    pub fn new(origin: Origin, token: String, patience: Duration, window: usize, metrics: Arc<Metrics>) -> Self {
        Self { links: Links::new(origin, window, patience), token, patience, metrics }
    }

    /// Checks the credentials. With the door's token the gate counts failures against the client's address, not the door's.
    pub async fn session(&self, credentials: &Credentials, client: IpAddr) -> Answer {
        let pair = STANDARD.encode(format!("{}:{}", credentials.user, credentials.password));
        let mut fields = HeaderMap::new();
        let made = secret(&mut fields, AUTHORIZATION, &format!("Basic {pair}"))
            .and_then(|()| secret(&mut fields, field("sendergate-token"), &self.token))
            .and_then(|()| put(&mut fields, field("sendergate-client"), &client.to_string()));
        if made.is_none() {
            return AWAY;
        }
        self.ask(Question::Session, Method::GET, "/v1/session", fields).await
    }

    /// Checks the reverse-path.
    pub async fn check(&self, envelope: &Envelope) -> Answer {
        match self.fields(envelope, false) {
            Some(mut fields) => {
                // hyper would omit it. The gate must see that there is no body, because such a check counts towards no limit.
                fields.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
                self.ask(Question::Check, Method::POST, "/v1/messages/check", fields).await
            }
            None => AWAY,
        }
    }

    /// Opens a request for a message. `None` if there is no connection to the gate.
    pub async fn open(&self, envelope: &Envelope) -> Option<Message> {
        let mut fields = self.fields(envelope, true)?;
        put(&mut fields, CONTENT_TYPE, "message/rfc822")?;
        put(&mut fields, field("idempotency-key"), &random_key()?)?;
        let began = Instant::now();
        let (pieces, receiver) = mpsc::channel(1);
        let (begin, mut begun) = oneshot::channel();
        let body = Outgoing::Message { pieces: receiver, begun: Some(begin) };
        let mut request = self.request(Method::POST, "/v1/messages", fields, body)?;
        loop {
            let mut link = self.links.take(Question::Message).await?;
            let kept = link.was_kept();
            let connection = link.connection();
            let mut answer = tokio::spawn(async move {
                match link.exchange(request, Question::Message).await {
                    Ok(answer) => Exchanged { answer, link: Some(link), unsent: None },
                    Err(Unsent(unsent)) => Exchanged { answer: AWAY, link: None, unsent },
                }
            });
            let ended = tokio::select! {
                biased;
                Ok(()) = &mut begun => None,
                ended = &mut answer => Some(ended.ok()?),
            };
            let early = match ended {
                None => None,
                // The gate closed a kept connection just before it was used.
                Some(Exchanged { unsent: Some(again), .. }) if kept => {
                    request = again;
                    continue;
                }
                Some(Exchanged { answer, .. }) => Some(answer),
            };
            return Some(Message { pieces, answer, connection, early, began });
        }
    }

    /// Passes on a piece as soon as the gate accepts it.
    pub async fn body(&self, message: &mut Message, octets: Vec<u8>) {
        if message.early.is_some() {
            return;
        }
        tokio::select! {
            biased;
            answered = &mut message.answer => message.early = Some(answered.map_or(AWAY, |exchanged| exchanged.answer)),
            sent = timeout(self.patience, message.pieces.send(Piece::Octets(octets.into()))) => {
                if sent.is_err() {
                    log("warning", "gate-slow", &[("detail", "it takes no more of a message")]);
                    message.early = Some(AWAY);
                    message.connection.abort();
                }
            }
        }
    }

    /// The end of the message. The answer is the gate's decision.
    pub async fn finish(&self, mut message: Message) -> Answer {
        let answer = match message.early.take() {
            // The gate cannot have the complete message.
            Some(Answer::Accepted(_)) => AWAY,
            Some(answer) => answer,
            None => {
                let ended = async {
                    let _ = message.pieces.send(Piece::End).await;
                    (&mut message.answer).await.ok()
                };
                match timeout(self.patience, ended).await {
                    Ok(Some(Exchanged { answer, link, .. })) => {
                        self.links.keep(link);
                        answer
                    }
                    _ => AWAY,
                }
            }
        };
        self.metrics.gate_answered(Question::Message, message.began.elapsed(), &answer);
        answer
    }

    async fn ask(&self, question: Question, method: Method, path: &str, fields: HeaderMap) -> Answer {
        let began = Instant::now();
        let answer = timeout(self.patience, self.asked(question, &method, path, &fields)).await;
        let answer = answer.ok().flatten().unwrap_or(AWAY);
        self.metrics.gate_answered(question, began.elapsed(), &answer);
        answer
    }

    /// Repeats the request if a kept connection was closed in the meantime.
    async fn asked(&self, question: Question, method: &Method, path: &str, fields: &HeaderMap) -> Option<Answer> {
        loop {
            let mut link = self.links.take(question).await?;
            let kept = link.was_kept();
            let request = self.request(method.clone(), path, fields.clone(), Outgoing::Nothing)?;
            match link.exchange(request, question).await {
                Ok(answer) => {
                    self.links.keep(Some(link));
                    return Some(answer);
                }
                Err(_) if kept => {}
                Err(_) => return None,
            }
        }
    }

    fn request(&self, method: Method, path: &str, fields: HeaderMap, body: Outgoing) -> Option<Request<Outgoing>> {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().ok()?;
        *request.headers_mut() = fields;
        put(request.headers_mut(), HOST, self.links.authority())?;
        Some(request)
    }

    /// The header fields of a request for a logged-in user.
    fn fields(&self, envelope: &Envelope, whole: bool) -> Option<HeaderMap> {
        let mut fields = HeaderMap::new();
        secret(&mut fields, AUTHORIZATION, &format!("Bearer {}", self.token))?;
        put(&mut fields, field("sendergate-user"), &envelope.user)?;
        put(&mut fields, field("sendergate-client"), &envelope.client.to_string())?;
        put(&mut fields, field("sendergate-with"), envelope.with)?;
        if let Some(helo) = &envelope.helo {
            put(&mut fields, field("sendergate-helo"), helo)?;
        }
        if let Some(priority) = envelope.priority {
            put(&mut fields, field("mt-priority"), &priority.to_string())?;
        }
        let json = if whole {
            serde_json::json!({ "from": envelope.from, "to": envelope.to })
        } else {
            serde_json::json!({ "from": envelope.from })
        };
        put(&mut fields, field("sendergate-envelope"), &URL_SAFE_NO_PAD.encode(json.to_string()))?;
        Some(fields)
    }
}

fn put(fields: &mut HeaderMap, name: HeaderName, value: &str) -> Option<()> {
    fields.insert(name, HeaderValue::from_str(value).ok()?);
    Some(())
}

fn secret(fields: &mut HeaderMap, name: HeaderName, value: &str) -> Option<()> {
    let mut value = HeaderValue::from_str(value).ok()?;
    value.set_sensitive(true);
    fields.insert(name, value);
    Some(())
}

/// A unique key, so that a repeat of the request between door and gate does not make a second message.
fn random_key() -> Option<String> {
    let mut octets = [0_u8; 16];
    getrandom::fill(&mut octets).ok()?;
    Some(format!("door-{}", URL_SAFE_NO_PAD.encode(octets)))
}

/// Reads a complete answer.
fn answer_of(question: Question, status: u16, body: &[u8]) -> Answer {
    let answer = read_answer(question, status, body);
    if answer == AWAY {
        // Only the code, because the rest of the answer may contain parts of the message.
        let said = match serde_json::from_slice::<serde_json::Value>(body) {
            Ok(json) => json.get("code").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned(),
            Err(_) => String::from_utf8_lossy(body).chars().take(100).collect(),
        };
        log(
            "error",
            "gate-answer",
            &[("status", &status.to_string()), ("question", &format!("{question:?}")), ("said", &said)],
        );
    }
    answer
}
