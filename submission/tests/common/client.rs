//! A client that sends exactly the given octets.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

pub struct Client {
    stream: Option<Box<dyn Stream>>,
    heard: Vec<u8>,
}

const IN_TIME: Duration = Duration::from_secs(20);

impl Client {
    pub async fn connect(address: SocketAddr, tls: Option<&TlsConnector>) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let mut client = Self { stream: Some(Box::new(stream)), heard: Vec::new() };
        if let Some(tls) = tls {
            client.begin_tls(tls).await;
        }
        client
    }

    pub async fn begin_tls(&mut self, tls: &TlsConnector) {
        let stream = self.stream.take().unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        self.stream = Some(Box::new(tls.connect(name, stream).await.unwrap()));
    }

    /// Ignores errors, because the door may close early.
    pub async fn say(&mut self, octets: &[u8]) {
        let stream = self.stream.as_mut().unwrap();
        if stream.write_all(octets).await.is_ok() {
            let _ = stream.flush().await;
        }
    }

    /// Reads `count` lines, or all until the end.
    pub async fn lines(&mut self, count: usize) -> String {
        let ended = |heard: &[u8]| heard.iter().filter(|octet| **octet == b'\n').count() >= count;
        while !ended(&self.heard) {
            let mut piece = [0; 4_096];
            match timeout(IN_TIME, self.stream.as_mut().unwrap().read(&mut piece)).await {
                Ok(Ok(octets)) if octets > 0 => self.heard.extend_from_slice(&piece[..octets]),
                _ => break,
            }
        }
        let mut left = count;
        let end = self.heard.iter().position(|octet| {
            left -= usize::from(*octet == b'\n' && left > 0);
            left == 0
        });
        let end = if count == 0 { 0 } else { end.map_or(self.heard.len(), |at| at + 1) };
        String::from_utf8(self.heard.drain(..end).collect()).unwrap()
    }

    /// Sends a command and returns the whole reply.
    pub async fn ask(&mut self, line: &str) -> String {
        self.say(format!("{line}\r\n").as_bytes()).await;
        self.reply().await
    }

    /// Greets, logs in and goes on up to the `354` of DATA, after the greeting was read.
    pub async fn begin_data(&mut self) {
        for (line, code) in [
            ("EHLO x", "250"),
            ("AUTH PLAIN AHMxAHNlY3JldA==", "235"),
            ("MAIL FROM:<a@b.example>", "250"),
            ("RCPT TO:<c@d.example>", "250"),
            ("DATA", "354"),
        ] {
            let reply = self.ask(line).await;
            assert!(reply.starts_with(code), "{line}: {reply}");
        }
    }

    pub async fn reply(&mut self) -> String {
        let mut reply = String::new();
        loop {
            let line = self.lines(1).await;
            reply.push_str(&line);
            if line.as_bytes().get(3) != Some(&b'-') {
                return reply;
            }
        }
    }

    /// Reads to the end of the connection. A reset is an error.
    pub async fn rest(mut self, close_first: bool) -> Result<String, std::io::Error> {
        let mut stream = self.stream.take().unwrap();
        if close_first {
            let _ = stream.shutdown().await;
        }
        let mut heard = self.heard;
        let read = timeout(IN_TIME, stream.read_to_end(&mut heard)).await.expect("the door does not close");
        // The end without close_notify.
        if let Err(error) = read
            && error.kind() != std::io::ErrorKind::UnexpectedEof
        {
            return Err(error);
        }
        Ok(String::from_utf8(heard).unwrap())
    }

    pub fn hang_up(self) {
        drop(self.stream);
    }
}
