//! Runs one connection: moves octets between the client, the session and the gate, and enforces time limits.

mod pace;

use std::future::poll_fn;
use std::mem::MaybeUninit;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::answer::{Answer, Refusal, Request};
use crate::gate::{Gate, Message};
use crate::limits::{Patience, Terms};
use crate::metrics::Metrics;
use crate::session::{Session, Step, Waiting};
use pace::Pace;

/// Small, because commands are short. A message is read in larger pieces.
const COMMAND_BUFFER: usize = 2_048;
/// The size of pipelined replies that are written together.
const MOST_REPLIES: usize = 16_384;
/// The time to wait for the end of a TLS record that has begun.
const REST_OF_A_RECORD: Duration = Duration::from_millis(100);
/// The time for which the door still reads after the last reply, in total and without input.
const LINGER: Duration = Duration::from_secs(30);
const LINGER_SILENCE: Duration = Duration::from_secs(2);
const WRITE_FOR: Duration = Duration::from_secs(60);

/// The data that all connections share.
pub struct Door {
    /// What the door offers to a client.
    pub terms: Arc<Terms>,
    /// The time limits.
    pub patience: Patience,
    /// TLS, if there is a certificate.
    pub tls: Option<TlsAcceptor>,
    /// The gate.
    pub gate: Gate,
    /// What the operator sees.
    pub metrics: Arc<Metrics>,
}

/// The phase of the door from start to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It accepts connections.
    Open,
    /// Messages that have begun may end.
    Draining,
    /// All connections end.
    Stopped,
}

/// A TCP connection, with or without TLS.
trait Line: AsyncRead + AsyncWrite + Unpin + Send {
    fn socket(&self) -> &TcpStream;
}

impl Line for TcpStream {
    fn socket(&self) -> &TcpStream {
        self
    }
}

impl Line for TlsStream<TcpStream> {
    fn socket(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// Serves one client. If `secure`, TLS begins at once, otherwise with STARTTLS.
pub async fn serve(door: Arc<Door>, stream: TcpStream, client: IpAddr, secure: bool, phase: watch::Receiver<Phase>) {
    let tls = door.tls.clone();
    let session = Session::new(Arc::clone(&door.terms), client, secure);
    let pace = Pace::new(door.patience);
    let mut connection =
        Connection { door, session, phase, pace, message: None, input: Input::default(), replies: Vec::new() };
    match tls.filter(|_| secure) {
        Some(tls) => {
            if let Some(mut stream) = connection.begin_tls(&tls, stream).await {
                connection.run(&mut stream).await;
            }
        }
        None => connection.serve_plain(stream).await,
    }
}

struct Connection {
    door: Arc<Door>,
    session: Session,
    phase: watch::Receiver<Phase>,
    pace: Pace,
    message: Option<Message>,
    input: Input,
    replies: Vec<u8>,
}

/// Octets that were read but not yet processed.
#[derive(Default)]
struct Input {
    octets: Vec<u8>,
    start: usize,
    end: usize,
}

impl Input {
    fn rest(&self) -> &[u8] {
        self.octets.get(self.start..self.end).unwrap_or_default()
    }

    /// Free space for the next read, after the octets that are not processed yet.
    fn room(&mut self, octets: usize) -> &mut [u8] {
        self.octets.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        let size = (self.end + 1).max(octets);
        if self.octets.len() != size {
            self.octets.resize(size, 0);
            self.octets.shrink_to_fit();
        }
        self.octets.get_mut(self.end..).unwrap_or_default()
    }
}

/// Why `run` ended.
enum Ended {
    StartTls,
    Closed,
}

impl Connection {
    async fn serve_plain(mut self, mut stream: TcpStream) {
        let Ended::StartTls = self.run(&mut stream).await else { return };
        let Some(tls) = self.door.tls.clone() else { return };
        self.pace.begin_greeting();
        if let Some(mut stream) = self.begin_tls(&tls, stream).await {
            self.session.secured();
            self.run(&mut stream).await;
        }
    }

    async fn begin_tls(&mut self, tls: &TlsAcceptor, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
        tokio::select! {
            stream = tls.accept(stream) => stream.ok(),
            () = sleep_until(self.pace.deadline(Waiting::Greeting).at) => None,
            () = stopped(&mut self.phase, Phase::Stopped) => None,
        }
    }

    async fn run(&mut self, line: &mut impl Line) -> Ended {
        loop {
            let mut rest = self.input.rest();
            let step = self.session.step(&mut rest);
            self.input.start = self.input.end - rest.len();
            if let Some(verb) = self.session.take_verb() {
                self.door.metrics.command(verb);
            }
            match step {
                Step::Reply(octets) => {
                    self.door.metrics.reply(&octets);
                    self.pace.replied();
                    self.replies.extend(octets);
                    if self.replies.len() > MOST_REPLIES && !self.flush(line).await {
                        return Ended::Closed;
                    }
                }
                Step::Read => {
                    if !self.flush(line).await || !self.read(line).await {
                        self.message = None;
                        return Ended::Closed;
                    }
                }
                Step::Settle => self.look(line).await,
                Step::Ask(request) => match self.ask(request).await {
                    Some(answer) => self.session.answer(answer),
                    None => self.session.end("4.3.2", STOPPING),
                },
                Step::Body(octets) => {
                    if let Some(message) = self.message.as_mut() {
                        self.door.gate.body(message, octets).await;
                    }
                }
                Step::Abort => self.message = None,
                Step::StartTls => {
                    return if self.flush(line).await { Ended::StartTls } else { Ended::Closed };
                }
                Step::Close => {
                    if self.flush(line).await {
                        self.linger(line).await;
                    }
                    return Ended::Closed;
                }
            }
        }
    }

    /// `None` if the door stops in the meantime.
    async fn ask(&mut self, request: Request) -> Option<Answer> {
        let gate = &self.door.gate;
        let message = &mut self.message;
        let asked = async move {
            match request {
                Request::Session { credentials, client } => gate.session(&credentials, client).await,
                Request::Check(envelope) => gate.check(&envelope).await,
                Request::Open(envelope) => {
                    *message = gate.open(&envelope).await;
                    if message.is_some() { Answer::Yes } else { Answer::No(Refusal::Away) }
                }
                Request::Finish => match message.take() {
                    Some(message) => gate.finish(message).await,
                    None => Answer::No(Refusal::Away),
                },
            }
        };
        tokio::select! {
            answer = asked => Some(answer),
            () = stopped(&mut self.phase, Phase::Stopped) => None,
        }
    }

    async fn flush(&mut self, line: &mut impl Line) -> bool {
        let replies = std::mem::take(&mut self.replies);
        if replies.is_empty() {
            return true;
        }
        let written = async {
            line.write_all(&replies).await?;
            line.flush().await
        };
        matches!(timeout(WRITE_FOR, written).await, Ok(Ok(())))
    }

    /// Waits for octets or the end of the time limit. False if the client has gone.
    async fn read(&mut self, line: &mut impl Line) -> bool {
        let waiting = self.session.waiting();
        let phase = if self.session.is_idle() { Phase::Draining } else { Phase::Stopped };
        let room = match waiting {
            Waiting::Message => self.door.terms.piece,
            Waiting::Greeting | Waiting::Command => COMMAND_BUFFER,
        };
        let deadline = self.pace.deadline(waiting);
        let began = Instant::now();
        tokio::select! {
            biased;
            () = stopped(&mut self.phase, phase) => self.session.end("4.3.2", STOPPING),
            read = line.read(self.input.room(room)) => {
                let Some(octets) = read.ok().filter(|octets| *octets > 0) else { return false };
                self.input.end += octets;
                self.pace.received(waiting, octets, began.elapsed());
            }
            () = sleep_until(deadline.at) => self.session.end("4.4.2", deadline.why),
        }
        true
    }

    /// Reads what has already arrived, without waiting for more.
    async fn look(&mut self, line: &mut impl Line) {
        if !self.input.rest().is_empty() {
            return;
        }
        let room = self.input.room(COMMAND_BUFFER);
        let mut found = ReadBuf::new(room);
        let known = poll_fn(|cx| Poll::Ready(Pin::new(&mut *line).poll_read(cx, &mut found).is_ready())).await;
        let mut octets = found.filled().len();
        // The runtime may not know yet about octets that the kernel has received.
        let unknown =
            || socket2::SockRef::from(line.socket()).peek(&mut [MaybeUninit::uninit()]).is_ok_and(|octets| octets > 0);
        if octets == 0 && !known && unknown() {
            octets = timeout(REST_OF_A_RECORD, line.read(room)).await.ok().and_then(Result::ok).unwrap_or(0);
        }
        self.input.end += octets;
    }

    /// Reads what the client still sends. Closing a connection with unread octets resets it, and the client could lose the last reply (RFC 9293 section 3.6).
    async fn linger(&mut self, line: &mut impl Line) {
        let end = Instant::now() + LINGER;
        let drain = async {
            line.shutdown().await.ok()?;
            loop {
                let room = self.input.octets.as_mut_slice();
                let read = timeout(LINGER_SILENCE, line.read(room)).await.ok()?.ok()?;
                if read == 0 || Instant::now() > end {
                    return None::<()>;
                }
            }
        };
        tokio::select! {
            _ = timeout(LINGER, drain) => {}
            () = stopped(&mut self.phase, Phase::Stopped) => {}
        }
    }
}

const STOPPING: &str = "the server is stopped; connect again";

/// Returns when the door has reached this phase.
async fn stopped(phase: &mut watch::Receiver<Phase>, at: Phase) {
    let reached = phase.wait_for(|phase| *phase == Phase::Stopped || *phase == at).await.is_ok();
    if !reached {
        // The sender is gone, so nothing will stop the door.
        std::future::pending::<()>().await;
    }
}
