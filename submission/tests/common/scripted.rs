//! An HTTP gate that answers as a table says, and a door for it.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::TokioIo;
use sendergate_submission::answer::Envelope;
use sendergate_submission::connection::{Door, Phase, serve};
use sendergate_submission::gate::{Gate, Origin};
use sendergate_submission::limits::{Patience, Terms};
use sendergate_submission::metrics::Metrics;
use sendergate_submission::tls::Files;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::{Asked, Heard, Kind};

pub const TOKEN: &str = "sgt_token";

/// The requests still expected, and the errors.
#[derive(Debug, Default)]
pub struct Script {
    pub entries: VecDeque<Asked>,
    pub under_way: usize,
    pub wrong: Vec<String>,
    pub keys: Vec<String>,
}

/// A gate that can go away and come back at the same address.
pub struct ScriptedGate {
    pub address: SocketAddr,
    pub script: Arc<Mutex<Script>>,
    name: String,
    running: Option<tokio::task::JoinHandle<()>>,
}

impl ScriptedGate {
    pub async fn start(address: SocketAddr, name: &str) -> Self {
        let mut gate = Self { address, script: Arc::default(), name: name.to_owned(), running: None };
        gate.come_back().await;
        gate
    }

    /// Closes all connections and refuses new ones.
    pub async fn go_away(&mut self) {
        if let Some(running) = self.running.take() {
            running.abort();
            let _ = running.await;
            // Until the door has noticed the closed connections.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub async fn come_back(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.address = listener.local_addr().unwrap();
        let (script, name) = (Arc::clone(&self.script), self.name.clone());
        self.running = Some(tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (script, name) = (Arc::clone(&script), name.clone());
                connections.spawn(async move {
                    let answer = service_fn(move |request| {
                        let (script, name) = (Arc::clone(&script), name.clone());
                        async move { Ok::<_, Infallible>(answer(&script, request, &name).await) }
                    });
                    let _ =
                        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
                });
            }
        }));
    }

    /// Waits for all expected requests. Fails if one was wrong.
    pub async fn settled(&self) {
        for _ in 0..400 {
            {
                let script = self.script.lock().unwrap();
                assert!(script.wrong.is_empty(), "{}: {:#?}", self.name, script.wrong);
                if script.entries.iter().all(|asked| asked.aborted) && script.under_way == 0 {
                    return;
                }
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{}: the gate was not asked everything: {:?}", self.name, self.script.lock().unwrap());
    }
}

async fn answer(script: &Mutex<Script>, request: Request<Incoming>, name: &str) -> Response<Full<Bytes>> {
    let asked = {
        let mut script = script.lock().unwrap();
        script.under_way += 1;
        let kind = match request.uri().path() {
            "/v1/session" => Kind::Session,
            "/v1/messages/check" => Kind::Check,
            _ => Kind::Message,
        };
        // A request that was aborted at once may never have arrived.
        while script.entries.front().is_some_and(|asked| asked.aborted && asked.ask != kind) {
            script.entries.pop_front();
        }
        script.entries.pop_front()
    };
    // Dropped too if this task ends with its connection.
    let under_way = UnderWay(script);
    let (head, mut body) = request.into_parts();
    let (mut octets, mut ended) = (Vec::new(), true);
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => octets.extend(frame.into_data().unwrap_or_default()),
            Err(_) => {
                ended = false;
                break;
            }
        }
    }
    let compared = catch_unwind(AssertUnwindSafe(|| {
        let (heard, key) = heard(&head, octets, ended);
        script.lock().unwrap().keys.extend(key);
        asked.as_ref().unwrap_or_else(|| panic!("{name}: nobody expects {heard:?}")).compare(&heard, name);
    }));
    if let Err(panic) = compared {
        let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
        script.lock().unwrap().wrong.push(text);
    }
    drop(under_way);
    let asked = asked.filter(|asked| asked.status > 0);
    let status = asked.as_ref().map_or(500, |asked| asked.status);
    let body =
        asked.map_or_else(String::new, |asked| if status == 204 { String::new() } else { asked.answer.to_string() });
    Response::builder().status(status).body(Full::new(Bytes::from(body))).unwrap()
}

struct UnderWay<'a>(&'a Mutex<Script>);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.lock().unwrap().under_way -= 1;
    }
}

/// The request as the tables describe it, and its Idempotency-Key.
fn heard(head: &hyper::http::request::Parts, body: Vec<u8>, ended: bool) -> (Heard, Option<String>) {
    let fields = &head.headers;
    let text = |name: &str| fields.get(name).map(|value| value.to_str().unwrap().to_owned());
    let (_, credentials) =
        text("authorization").unwrap().split_once(' ').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    match (head.method.as_str(), head.uri.path()) {
        ("GET", "/v1/session") => {
            assert_eq!(text("sendergate-token").as_deref(), Some(TOKEN));
            let pair = String::from_utf8(STANDARD.decode(credentials).unwrap()).unwrap();
            let (user, password) = pair.split_once(':').unwrap();
            let client = text("sendergate-client").unwrap().parse().unwrap();
            (Heard::Session { user: user.to_owned(), password: password.to_owned(), client }, None)
        }
        ("POST", "/v1/messages/check") => {
            assert_eq!(credentials, TOKEN);
            // A check with a body would count towards the user's limit.
            assert_eq!(text("content-length").as_deref(), Some("0"));
            (Heard::Check(envelope(fields)), None)
        }
        ("POST", "/v1/messages") => {
            assert_eq!((credentials.as_str(), text("content-type").as_deref()), (TOKEN, Some("message/rfc822")));
            let key = text("idempotency-key").unwrap();
            (Heard::Message { envelope: envelope(fields), body, ended }, Some(key))
        }
        other => panic!("{other:?} was asked"),
    }
}

fn envelope(fields: &HeaderMap) -> Envelope {
    let text = |name: &str| fields.get(name).map(|value| value.to_str().unwrap().to_owned());
    let json = URL_SAFE_NO_PAD.decode(text("sendergate-envelope").unwrap()).unwrap();
    assert!(json.len() <= 65_536);
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let to = json["to"].as_array().map(|to| to.iter().map(|one| one.as_str().unwrap().to_owned()).collect());
    let with = text("sendergate-with").unwrap();
    Envelope {
        user: text("sendergate-user").unwrap(),
        client: text("sendergate-client").unwrap().parse().unwrap(),
        helo: text("sendergate-helo"),
        with: ["ESMTPA", "ESMTPSA", "UTF8SMTPA", "UTF8SMTPSA"].into_iter().find(|known| *known == with).unwrap(),
        from: json["from"].as_str().unwrap().to_owned(),
        to: to.unwrap_or_default(),
        priority: text("mt-priority").map(|text| text.parse().unwrap()),
    }
}

/// A door on a free port.
pub struct ScriptedDoor {
    pub address: SocketAddr,
    pub phase: watch::Sender<Phase>,
    pub metrics: Arc<Metrics>,
    running: tokio::task::JoinHandle<()>,
}

impl Drop for ScriptedDoor {
    fn drop(&mut self) {
        self.running.abort();
    }
}

impl ScriptedDoor {
    /// Treats every client as coming from `client`.
    pub async fn start(
        gate: SocketAddr,
        terms: Terms,
        patience: Patience,
        tls: Option<TlsAcceptor>,
        client: IpAddr,
        secure: bool,
    ) -> Self {
        Self::start_with(gate, terms, patience, tls, client, secure, Duration::from_secs(10)).await
    }

    /// With this time limit for the gate.
    pub async fn start_with(
        gate: SocketAddr,
        terms: Terms,
        patience: Patience,
        tls: Option<TlsAcceptor>,
        client: IpAddr,
        secure: bool,
        gate_patience: Duration,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let metrics = Arc::new(Metrics::default());
        let origin = Origin::parse(&format!("http://{gate}")).unwrap();
        let gate = Gate::new(origin, TOKEN.to_owned(), gate_patience, 65_536, Arc::clone(&metrics));
        let door = Arc::new(Door { terms: Arc::new(terms), patience, tls, gate, metrics: Arc::clone(&metrics) });
        let (phase, watched) = watch::channel(Phase::Open);
        let running = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                connections.spawn(serve(Arc::clone(&door), stream, client, secure, watched.clone()));
            }
        });
        Self { address, phase, metrics, running }
    }
}

/// A self-signed certificate, and a connector that trusts it.
pub fn certificate() -> (Files, TlsConnector) {
    use tokio_rustls::rustls::pki_types::CertificateDer;
    use tokio_rustls::rustls::pki_types::pem::PemObject as _;
    use tokio_rustls::rustls::{ClientConfig, RootCertStore};
    static MADE: std::sync::OnceLock<Files> = std::sync::OnceLock::new();
    let files = MADE.get_or_init(|| {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("certificate-{}", std::process::id()));
        let files = Files { cert: folder.join("cert.pem"), key: folder.join("key.pem") };
        files.make_where_missing("door.example").unwrap();
        files
    });
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&files.cert).unwrap()).unwrap();
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    (files.clone(), TlsConnector::from(Arc::new(config)))
}

impl Asked {
    /// Without the body of an aborted message, because any part of it may have arrived.
    pub fn by_http(&self) -> Self {
        let body = self.body.clone().filter(|_| !self.aborted);
        Self { body, ..self.clone() }
    }

    pub fn is_away(&self) -> bool {
        self.away
    }

    pub fn is_message(&self) -> bool {
        self.ask == Kind::Message
    }
}
