//! Both ends of a mail server under test: a client that hands messages in, and a sink that takes what comes out.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::engine::REVERSE_PATH;

/// What came out, by the number that its recipient carries.
pub(crate) type Received = Arc<Mutex<BTreeMap<usize, Vec<u8>>>>;

/// Listens on the loopback; gives its port and what arrives.
pub(crate) fn sink() -> Result<(u16, Received), String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|error| error.to_string())?;
    let port = listener.local_addr().map_err(|error| error.to_string())?.port();
    let received = Received::default();
    let all = Arc::clone(&received);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let received = Arc::clone(&all);
            thread::spawn(move || drop(take(stream, &received)));
        }
    });
    Ok((port, received))
}

fn take(stream: TcpStream, received: &Received) -> std::io::Result<()> {
    let mut out = stream.try_clone()?;
    let mut input = BufReader::new(stream);
    out.write_all(b"220 sink.example ESMTP\r\n")?;
    let mut number = None;
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        let text = String::from_utf8_lossy(&line).to_ascii_uppercase();
        let reply: &[u8] = match text.get(..4).unwrap_or_default() {
            "EHLO" => b"250-sink.example\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
            "DATA" => b"354 go on\r\n",
            "QUIT" => b"221 bye\r\n",
            _ => b"250 ok\r\n",
        };
        if text.starts_with("RCPT") {
            number =
                text.split("<N").nth(1).and_then(|rest| rest.split('@').next()).and_then(|digits| digits.parse().ok());
        }
        out.write_all(reply)?;
        if text.starts_with("DATA") {
            let message = data(&mut input)?;
            if let (Some(number), Ok(mut all)) = (number, received.lock()) {
                all.insert(number, message);
            }
            out.write_all(b"250 taken\r\n")?;
        }
        if text.starts_with("QUIT") {
            break;
        }
        line.clear();
    }
    Ok(())
}

fn data(input: &mut impl BufRead) -> std::io::Result<Vec<u8>> {
    let mut message = Vec::new();
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 && line != b".\r\n" {
        message.extend(line.strip_prefix(b".").unwrap_or(&line));
        line.clear();
    }
    Ok(message)
}

/// A connection to the server under test.
pub(crate) struct Client {
    input: BufReader<TcpStream>,
    out: TcpStream,
}

impl Client {
    pub(crate) fn connect(port: u16) -> Result<Self, String> {
        for _ in 0..100 {
            if let Ok(out) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) {
                let _ = out.set_read_timeout(Some(Duration::from_secs(30)));
                let input = BufReader::new(out.try_clone().map_err(|error| error.to_string())?);
                let mut client = Self { input, out };
                if client.reply().is_ok_and(|reply| reply.starts_with('2')) && client.say("EHLO localhost").is_ok() {
                    return Ok(client);
                }
            }
            thread::sleep(Duration::from_millis(200));
        }
        Err(format!("nobody answers on port {port}"))
    }

    fn reply(&mut self) -> Result<String, String> {
        loop {
            let mut line = String::new();
            if self.input.read_line(&mut line).map_err(|error| error.to_string())? == 0 {
                return Err("the server hung up".to_owned());
            }
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(line);
            }
        }
    }

    fn say(&mut self, command: &str) -> Result<String, String> {
        self.out.write_all(format!("{command}\r\n").as_bytes()).map_err(|error| error.to_string())?;
        self.reply()
    }

    /// Hands a message in; `false` where the server refuses it. An error: the connection is of no more use.
    pub(crate) fn send(&mut self, number: usize, message: &[u8]) -> Result<bool, String> {
        let commands = [
            format!("MAIL FROM:<{REVERSE_PATH}> BODY=8BITMIME"),
            format!("RCPT TO:<n{number}@rcpt.example>"),
            "DATA".to_owned(),
        ];
        for command in commands {
            let reply = self.say(&command)?;
            if !reply.starts_with(['2', '3']) {
                self.say("RSET")?;
                return Ok(false);
            }
        }
        let mut stuffed = Vec::with_capacity(message.len() + 8);
        for line in message.split_inclusive(|&octet| octet == b'\n') {
            if line.starts_with(b".") {
                stuffed.push(b'.');
            }
            stuffed.extend(line);
        }
        if !stuffed.ends_with(b"\r\n") {
            stuffed.extend(b"\r\n");
        }
        stuffed.extend(b".\r\n");
        self.out.write_all(&stuffed).map_err(|error| error.to_string())?;
        Ok(self.reply()?.starts_with('2'))
    }
}
