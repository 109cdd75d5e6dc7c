//! Connections to the gate, which are kept for a moment and used again.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http_body_util::BodyExt as _;
use hyper::Request;
use hyper::body::Incoming;
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::AbortHandle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::answer_of;
use super::outgoing::Outgoing;
use crate::answer::{Answer, Question};
use crate::log::log;

/// Most answers are short. Only a few longer ones are read at the same time, which limits the memory they need.
const SHORT_ANSWER: usize = 64 * 1024;
const LONGEST_ANSWER: usize = 16 * 1024 * 1024;
const LONG_ANSWERS: usize = 2;

/// A connection that was idle for longer may be closed by the gate while the door begins to use it.
const KEPT_FOR: Duration = Duration::from_secs(2);
/// The door cannot repeat a message, so a message needs a more recent connection.
const KEPT_FOR_MESSAGES: Duration = Duration::from_millis(500);
const MOST_KEPT: usize = 64;
const CONNECT_FOR: Duration = Duration::from_secs(10);

/// The address of the gate.
#[derive(Clone)]
pub struct Origin {
    host: String,
    port: u16,
    authority: String,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

impl std::fmt::Debug for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.authority)
    }
}

/// What is wrong with the gate's URL, or with this machine.
#[derive(Debug)]
pub struct OriginError(String);

impl std::fmt::Display for OriginError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for OriginError {}

impl Origin {
    /// From `http://127.0.0.1:8787` or `https://gate.example`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(url: &str) -> Result<Self, OriginError> {
        let wrong = |why: &str| {
            OriginError(format!("`{url}` is no address of a gate: {why}; it looks like https://gate.example"))
        };
        let uri: hyper::Uri = url.parse().map_err(|_| wrong("it is no URL"))?;
        let authority = uri.authority().ok_or_else(|| wrong("the host is missing"))?.clone();
        if authority.as_str().contains('@') {
            return Err(wrong("user and password have no place in it"));
        }
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(wrong("there is something behind the host"));
        }
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        let (port, tls) = match uri.scheme_str() {
            Some("http") => (80, None),
            Some("https") => {
                let name = ServerName::try_from(host.clone()).map_err(|_| wrong("the host is none"))?;
                (443, Some((connector()?, name)))
            }
            _ => return Err(wrong("it begins with neither http:// nor https://")),
        };
        Ok(Self { host, port: authority.port_u16().unwrap_or(port), authority: authority.to_string(), tls })
    }

    /// Whether the connection to it is not encrypted.
    #[must_use]
    pub const fn is_plain(&self) -> bool {
        self.tls.is_none()
    }

    /// Whether it is on this machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.host == "localhost" || self.host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

/// Trusts the root certificates of this machine, or those in `SSL_CERT_FILE`.
fn connector() -> Result<TlsConnector, OriginError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(OriginError(
            "no root certificates on this machine: install ca-certificates, or name a file in SSL_CERT_FILE".to_owned(),
        ));
    }
    let mut config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}

/// The request, if the connection was closed before anything of it was sent.
#[derive(Debug)]
pub(super) struct Unsent(pub(super) Option<Request<Outgoing>>);

/// One connection.
#[derive(Debug)]
pub(super) struct Link {
    sender: SendRequest<Outgoing>,
    connection: AbortHandle,
    long_answers: Arc<Semaphore>,
    kept_since: Option<Instant>,
}

impl Link {
    pub(super) fn connection(&self) -> AbortHandle {
        self.connection.clone()
    }

    /// Whether it served another request before.
    pub(super) const fn was_kept(&self) -> bool {
        self.kept_since.is_some()
    }

    /// # Errors
    /// The connection failed before the answer was complete. Contains the request if nothing of it was sent.
    pub(super) async fn exchange(&mut self, request: Request<Outgoing>, question: Question) -> Result<Answer, Unsent> {
        let kept = self.was_kept();
        let failed = |error: hyper::Error| {
            // Not worth a log line: an idle connection that the gate closed, or a request that the door aborted.
            if !kept && !error.is_canceled() && !error.is_user() {
                log("error", "gate-connection", &[("detail", &error.to_string())]);
            }
        };
        let response = match self.sender.try_send_request(request).await {
            Ok(response) => response,
            Err(mut error) => {
                let unsent = error.take_message();
                failed(error.into_error());
                return Err(Unsent(unsent));
            }
        };
        let status = response.status().as_u16();
        let body = self.read(response.into_body()).await.ok_or(Unsent(None))?;
        Ok(answer_of(question, status, &body))
    }

    async fn read(&self, mut body: Incoming) -> Option<Vec<u8>> {
        let mut octets = Vec::new();
        let mut permit = None;
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.ok()?.into_data() else { continue };
            if octets.len() + data.len() > LONGEST_ANSWER {
                return None;
            }
            if octets.len() + data.len() > SHORT_ANSWER && permit.is_none() {
                permit = Some(self.long_answers.acquire().await.ok()?);
            }
            octets.extend_from_slice(&data);
        }
        Some(octets)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

/// All connections.
#[derive(Debug)]
pub(super) struct Links {
    origin: Origin,
    window: usize,
    patience: Duration,
    kept: Mutex<Vec<Link>>,
    long_answers: Arc<Semaphore>,
}

impl Links {
    pub(super) fn new(origin: Origin, window: usize, patience: Duration) -> Self {
        Self { origin, window, patience, kept: Mutex::default(), long_answers: Arc::new(Semaphore::new(LONG_ANSWERS)) }
    }

    pub(super) fn authority(&self) -> &str {
        &self.origin.authority
    }

    /// A kept connection, or a new one.
    pub(super) async fn take(&self, question: Question) -> Option<Link> {
        let fresh = if question == Question::Message { KEPT_FOR_MESSAGES } else { KEPT_FOR };
        while let Some(mut link) = self.pop(fresh) {
            if link.sender.ready().await.is_ok() {
                return Some(link);
            }
        }
        let made = timeout(CONNECT_FOR.min(self.patience), self.connect()).await;
        made.unwrap_or_else(|_| Err("no connection in time".to_owned()))
            .inspect_err(|why| log("error", "gate-connect", &[("gate", &self.origin.authority), ("detail", why)]))
            .ok()
    }

    /// The kept connection that was used last, if it is recent enough.
    fn pop(&self, fresh: Duration) -> Option<Link> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|link| link.kept_since.is_some_and(|since| since.elapsed() < KEPT_FOR) && !link.sender.is_closed());
        kept.pop_if(|link| link.kept_since.is_some_and(|since| since.elapsed() < fresh))
    }

    pub(super) fn keep(&self, link: Option<Link>) {
        let Some(mut link) = link.filter(|link| !link.sender.is_closed()) else { return };
        link.kept_since = Some(Instant::now());
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < MOST_KEPT {
            kept.push(link);
        }
    }

    async fn connect(&self) -> Result<Link, String> {
        let stream = TcpStream::connect((self.origin.host.as_str(), self.origin.port))
            .await
            .map_err(|error| error.to_string())?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        match &self.origin.tls {
            None => self.shake_hands(stream).await,
            Some((connector, name)) => {
                let stream = connector.connect(name.clone(), stream).await.map_err(|error| error.to_string())?;
                self.shake_hands(stream).await
            }
        }
    }

    async fn shake_hands(&self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Result<Link, String> {
        // hyper needs 8 KiB at least. More would be held in memory for a slow gate.
        let (sender, connection) = Builder::new()
            .max_buf_size((self.window / 2).max(8_192))
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| error.to_string())?;
        let connection = tokio::spawn(connection).abort_handle();
        Ok(Link { sender, connection, long_answers: Arc::clone(&self.long_answers), kept_since: None })
    }
}
