//! A gate on a raw socket. It accepts every login and reverse-path; a test defines what it does with a message.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const PASSED: &str =
    r#"{"decision":{"action":"send","findings":[],"reply":{"code":250,"enhancedCode":"2.0.0","text":""}}}"#;

/// The head of a request, and what was read after it.
pub async fn head(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut octets = Vec::new();
    loop {
        if let Some(at) = octets.windows(4).position(|four| four == b"\r\n\r\n") {
            let rest = octets.split_off(at + 4);
            return Some((String::from_utf8(octets).unwrap(), rest));
        }
        let mut piece = [0; 4_096];
        match stream.read(&mut piece).await {
            Ok(read) if read > 0 => octets.extend_from_slice(&piece[..read]),
            _ => return None,
        }
    }
}

pub fn response(status: u16, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// `message` gets the connection and the part of the body that was read with the head.
pub async fn gate<F, M>(message: M) -> SocketAddr
where
    F: Future<Output = ()> + Send,
    M: Fn(TcpStream, Vec<u8>) -> F + Send + Sync + 'static,
{
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let message = Arc::new(message);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let message = Arc::clone(&message);
            tokio::spawn(async move {
                while let Some((head, rest)) = head(&mut stream).await {
                    let answer = match head.split(' ').nth(1) {
                        Some("/v1/session") => b"HTTP/1.1 204 X\r\n\r\n".to_vec(),
                        Some("/v1/messages/check") => response(200, PASSED),
                        _ => return message(stream, rest).await,
                    };
                    stream.write_all(&answer).await.unwrap();
                }
            });
        }
    });
    address
}

/// Reads to the end of the chunked body and accepts the message.
pub async fn accept(mut stream: TcpStream, mut seen: Vec<u8>) {
    let mut piece = vec![0; 16_384];
    while !seen.ends_with(b"0\r\n\r\n") {
        match stream.read(&mut piece).await {
            Ok(read) if read > 0 => {
                seen.extend_from_slice(&piece[..read]);
                seen.drain(..seen.len().saturating_sub(16));
            }
            _ => return,
        }
    }
    let _ = stream.write_all(&response(202, r#"{"id":"m1","decision":{}}"#)).await;
}
