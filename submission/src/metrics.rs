//! Prometheus metrics at `/metrics`, and `/healthz`.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::answer::{Answer, Question, Refusal};

type Label = [(&'static str, String); 1];
type GateLabels = [(&'static str, String); 2];

/// The metrics of one door.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    connections: Family<Label, Counter>,
    open: Gauge,
    commands: Family<Label, Counter>,
    replies: Family<Label, Counter>,
    gate: Family<GateLabels, Histogram, fn() -> Histogram>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("sendergate_submission");
        let (connections, open) = (Family::default(), Gauge::default());
        let (commands, replies) = (Family::default(), Family::default());
        let seconds: fn() -> Histogram =
            || Histogram::new([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0]);
        let gate = Family::<GateLabels, Histogram, fn() -> Histogram>::new_with_constructor(seconds);
        registry.register("connections", "Connections, by what became of them at the door", connections.clone());
        registry.register("connections_open", "Connections that are open", open.clone());
        registry.register("commands", "Commands", commands.clone());
        registry.register("replies", "Replies, by code", replies.clone());
        registry.register_with_unit("gate_answer", "Until the gate has answered", Unit::Seconds, gate.clone());
        Self { registry, connections, open, commands, replies, gate }
    }
}

impl Metrics {
    /// Counts a connection: `taken` or `refused`.
    pub fn connection(&self, became: &'static str) {
        self.connections.get_or_create(&[("became", became.to_owned())]).inc();
    }

    /// Counts a connection as open until this is dropped.
    #[must_use]
    pub fn opened(self: &Arc<Self>) -> Open {
        self.open.inc();
        Open(Arc::clone(self))
    }

    /// Counts a command.
    pub fn command(&self, verb: &'static str) {
        self.commands.get_or_create(&[("command", verb.to_owned())]).inc();
    }

    /// Counts a reply.
    pub fn reply(&self, octets: &[u8]) {
        let code = octets.get(..3).map(String::from_utf8_lossy).unwrap_or_default();
        self.replies.get_or_create(&[("code", code.into_owned())]).inc();
    }

    pub(crate) fn gate_answered(&self, question: Question, after: Duration, answer: &Answer) {
        let question = match question {
            Question::Session => "session",
            Question::Check => "check",
            Question::Message => "message",
        };
        let said = match answer {
            Answer::Yes | Answer::Accepted(_) => "yes",
            Answer::No(Refusal::Away) => "nothing",
            Answer::No(_) => "no",
        };
        let labels = [("question", question.to_owned()), ("answer", said.to_owned())];
        self.gate.get_or_create(&labels).observe(after.as_secs_f64());
    }

    /// All metrics as text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

/// An open connection.
#[derive(Debug)]
pub struct Open(Arc<Metrics>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.dec();
    }
}

/// Serves the metrics, to a few clients at a time.
pub async fn serve(listener: TcpListener, metrics: Arc<Metrics>) {
    let few = Arc::new(Semaphore::new(16));
    loop {
        let Ok(permit) = Arc::clone(&few).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let metrics = Arc::clone(&metrics);
        tokio::spawn(async move {
            let answer = service_fn(|request| std::future::ready(Ok::<_, Infallible>(answer(&metrics, &request))));
            let served = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(Duration::from_secs(10))
                .keep_alive(false)
                .serve_connection(TokioIo::new(stream), answer);
            // Errors concern only the client that disconnected.
            let _ = tokio::time::timeout(Duration::from_secs(30), served).await;
            drop(permit);
        });
    }
}

fn answer(metrics: &Metrics, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let (status, kind, text) = match (request.method(), request.uri().path()) {
        (&Method::GET | &Method::HEAD, "/metrics") => {
            (StatusCode::OK, "application/openmetrics-text; version=1.0.0; charset=utf-8", metrics.text())
        }
        (&Method::GET | &Method::HEAD, "/healthz") => {
            (StatusCode::OK, "application/json", r#"{"status":"ok"}"#.to_owned())
        }
        (&Method::GET | &Method::HEAD, _) => {
            (StatusCode::NOT_FOUND, "text/plain", "there are /metrics and /healthz\n".to_owned())
        }
        _ => (StatusCode::METHOD_NOT_ALLOWED, "text/plain", "GET /metrics or /healthz\n".to_owned()),
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
