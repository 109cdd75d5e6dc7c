//! Time limits for clients and gate, and the shutdown, over sockets.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::expect_used, reason = "a test may fail")]

mod common;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::client::Client;
use common::raw;
use common::scripted::ScriptedDoor;
use sendergate_submission::connection::Phase;
use sendergate_submission::limits::{Patience, Terms};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const MILLIS: fn(u64) -> Duration = Duration::from_millis;

async fn door_with(gate: SocketAddr, patience: Patience, gate_patience: Duration) -> ScriptedDoor {
    let terms = Terms { name: "door.example".to_owned(), ..Terms::default() };
    ScriptedDoor::start_with(gate, terms, patience, None, IpAddr::V4(Ipv4Addr::LOCALHOST), false, gate_patience).await
}

async fn door(gate: SocketAddr, patience: Patience) -> ScriptedDoor {
    door_with(gate, patience, Duration::from_secs(10)).await
}

async fn greeted(door: &ScriptedDoor) -> Client {
    let mut client = Client::connect(door.address, None).await;
    assert!(client.reply().await.starts_with("220 "));
    client
}

async fn at_data(door: &ScriptedDoor) -> Client {
    let mut client = greeted(door).await;
    client.begin_data().await;
    client
}

/// What a silent client receives, and after what time.
async fn heard(client: Client) -> (String, Duration) {
    let began = Instant::now();
    (client.rest(false).await.unwrap(), began.elapsed())
}

fn soon_after(elapsed: Duration, expected: u64) {
    assert!(
        elapsed >= MILLIS(expected - 20) && elapsed < MILLIS(expected + 400),
        "{elapsed:?} instead of {expected} ms"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_say_nothing_or_trickle() {
    let patience = Patience { greeting: MILLIS(300), command: MILLIS(600), ..Patience::default() };
    let door = door(raw::gate(raw::accept).await, patience).await;
    let (said, after) = heard(greeted(&door).await).await;
    assert_eq!(said, "421 4.4.2 no EHLO in time\r\n");
    soon_after(after, 300);
    // Each command has its own time.
    let mut client = greeted(&door).await;
    for line in ["EHLO x", "NOOP", "NOOP", "NOOP"] {
        assert!(client.ask(line).await.starts_with("250"), "{line}");
        tokio::time::sleep(MILLIS(250)).await;
    }
    assert!(client.ask("QUIT").await.starts_with("221"));
    // Single octets do not extend the time for a command.
    let mut client = greeted(&door).await;
    assert!(client.ask("EHLO x").await.starts_with("250"));
    let began = Instant::now();
    for octet in b"NOOP\r" {
        client.say(&[*octet]).await;
        tokio::time::sleep(MILLIS(100)).await;
    }
    assert_eq!(heard(client).await.0, "421 4.4.2 no command in time\r\n");
    soon_after(began.elapsed(), 600);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_that_trickle() {
    let broken_off = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&broken_off);
    let gate = raw::gate(move |mut stream: TcpStream, mut seen: Vec<u8>| {
        let count = Arc::clone(&count);
        async move {
            // Reads to the end of the connection. The body must not have ended.
            let _ = stream.read_to_end(&mut seen).await;
            assert!(!seen.ends_with(b"0\r\n\r\n"));
            count.fetch_add(1, Ordering::SeqCst);
        }
    })
    .await;
    let slow = door(gate, Patience { slow: MILLIS(300), slow_octets: 100, ..Patience::default() }).await;
    let mut client = at_data(&slow).await;
    let began = Instant::now();
    for _ in 0..4 {
        client.say(&[b'x'; 60]).await;
        tokio::time::sleep(MILLIS(120)).await;
    }
    client.say(b"\r\n").await;
    assert_eq!(heard(client).await.0, "421 4.4.2 the message comes too slowly\r\n");
    assert!(began.elapsed() > MILLIS(600), "it was fast enough for a while");
    // Too few octets end it, although octets keep arriving.
    let mut client = at_data(&slow).await;
    let began = Instant::now();
    for _ in 0..6 {
        client.say(&[b'x'; 10]).await;
        tokio::time::sleep(MILLIS(100)).await;
    }
    assert_eq!(client.reply().await, "421 4.4.2 the message comes too slowly\r\n");
    assert!(began.elapsed() < MILLIS(800));
    let long = door(gate, Patience { message: MILLIS(300), ..Patience::default() }).await;
    let mut client = at_data(&long).await;
    client.say(&vec![b'x'; 5_000]).await;
    let (said, after) = heard(client).await;
    assert_eq!(said, "421 4.4.2 the message did not come in whole in time\r\n");
    soon_after(after, 300);
    tokio::time::sleep(MILLIS(50)).await;
    assert_eq!(broken_off.load(Ordering::SeqCst), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_honest_sender_among_idle_and_slow_ones() {
    let door = door(raw::gate(raw::accept).await, Patience::default()).await;
    let send = || async {
        let began = Instant::now();
        let mut client = at_data(&door).await;
        client.say(b"From: a@b.example\r\n\r\nHello\r\n.\r\n").await;
        assert_eq!(client.reply().await, "250 2.0.0 m1\r\n");
        began.elapsed()
    };
    // The minimum, because other programs may use this machine too.
    let mut alone = Duration::MAX;
    for _ in 0..5 {
        alone = alone.min(send().await);
    }
    let mut others = Vec::new();
    for index in 0..1_000 {
        let mut client = if index % 20 == 0 { at_data(&door).await } else { greeted(&door).await };
        if index % 20 == 0 {
            client.say(b"From: ").await;
        } else if index % 2 == 0 {
            client.say(b"EHL").await;
        }
        others.push(client);
    }
    let mut among = Duration::MAX;
    for _ in 0..5 {
        among = among.min(send().await);
    }
    assert!(among < alone * 3 + MILLIS(20), "{among:?} among others, {alone:?} alone");
    drop(others);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gate_that_is_slow_is_no_acceptance() {
    // This gate reads everything and never answers.
    let silent = raw::gate(|mut stream: TcpStream, mut seen: Vec<u8>| async move {
        let _ = stream.read_to_end(&mut seen).await;
    })
    .await;
    let door = door_with(silent, Patience::default(), MILLIS(300)).await;
    let mut client = at_data(&door).await;
    client.say(b"a\r\n.\r\n").await;
    assert!(client.reply().await.starts_with("451 4.3.0 "));
    // This gate reads nothing. The door must neither hold the message in memory nor wait forever.
    let deaf = raw::gate(|stream: TcpStream, _| async move {
        tokio::time::sleep(Duration::from_secs(30)).await;
        drop(stream);
    })
    .await;
    let door = door_with(deaf, Patience::default(), MILLIS(300)).await;
    let mut client = at_data(&door).await;
    for _ in 0..200 {
        client.say(&[b'x'; 65_536]).await;
    }
    client.say(b"\r\n.\r\n").await;
    assert!(client.reply().await.starts_with("451 4.3.0 "));
    assert!(client.ask("NOOP").await.starts_with("250 "));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_before_the_end_of_the_message() {
    for (status, body, expected) in [
        (429, r#"{"code":"too-many-messages","detail":"wait"}"#, "451 4.7.1 wait\r\n"),
        (413, r#"{"code":"message-too-large","detail":"large"}"#, "552 5.3.4 large\r\n"),
        // The gate cannot have the complete message.
        (202, r#"{"id":"m1"}"#, "451 4.3.0 the message cannot be taken at the moment; try again\r\n"),
    ] {
        let gate = raw::gate(move |mut stream: TcpStream, _| async move {
            stream.write_all(&raw::response(status, body)).await.unwrap();
            tokio::time::sleep(Duration::from_secs(5)).await;
        })
        .await;
        let door = door(gate, Patience::default()).await;
        let mut client = at_data(&door).await;
        for _ in 0..50 {
            client.say(&[b'x'; 20_000]).await;
            tokio::time::sleep(MILLIS(1)).await;
        }
        client.say(b"\r\n.\r\n").await;
        assert_eq!(client.reply().await, expected, "{status}");
        assert!(client.ask("MAIL FROM:<a@b.example>").await.starts_with("250 "), "{status}: the session goes on");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gate_that_breaks_off_is_no_acceptance() {
    for said in
        ["", "HTTP/1.1 202 X\r\nContent-Length: 50\r\n\r\n{\"id\":\"m1\"", "HTTP/1.1 202 X\r\n", "SSH-2.0-x\r\n"]
    {
        let gate = raw::gate(move |mut stream: TcpStream, mut seen: Vec<u8>| async move {
            let mut piece = [0; 4_096];
            while !seen.ends_with(b"0\r\n\r\n") {
                let read = stream.read(&mut piece).await.unwrap();
                seen.extend_from_slice(&piece[..read]);
            }
            stream.write_all(said.as_bytes()).await.unwrap();
        })
        .await;
        let door = door(gate, Patience::default()).await;
        let mut client = at_data(&door).await;
        client.say(b"a\r\n.\r\n").await;
        assert!(client.reply().await.starts_with("451 4.3.0 "), "{said:?}");
        assert!(client.ask("NOOP").await.starts_with("250 "));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_the_door() {
    let gate = raw::gate(|stream: TcpStream, seen: Vec<u8>| async move {
        tokio::time::sleep(MILLIS(200)).await;
        raw::accept(stream, seen).await;
    })
    .await;
    let door = door(gate, Patience::default()).await;
    let idle = greeted(&door).await;
    let mut sending = at_data(&door).await;
    let mut lasting = at_data(&door).await;
    lasting.say(b"a\r\n").await;
    door.phase.send_replace(Phase::Draining);
    assert_eq!(heard(idle).await.0, "421 4.3.2 the server is stopped; connect again\r\n");
    sending.say(b"a\r\n.\r\n").await;
    assert_eq!(heard(sending).await.0, "250 2.0.0 m1\r\n421 4.3.2 the server is stopped; connect again\r\n");
    door.phase.send_replace(Phase::Stopped);
    assert_eq!(heard(lasting).await.0, "421 4.3.2 the server is stopped; connect again\r\n");
}
