//! Tests of the binary: output, options, signals, certificate, memory.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::expect_used, reason = "a test may fail")]

mod common;

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::client::Client;
use common::raw;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

struct Program {
    child: Child,
    addresses: Vec<SocketAddr>,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(gate: SocketAddr, options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sendergate-submission"));
    command.args(["--gate", &format!("http://{gate}"), "--name", "door.example"]).args(options);
    command.env("SENDERGATE_SERVICE_TOKEN", "token").stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

impl Program {
    /// Waits for the `ready` lines of all listeners.
    fn start(gate: SocketAddr, options: &[&str], listeners: usize) -> Self {
        let mut child = command(gate, options).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let addresses = lines.take(listeners).map(|line| {
            let line = line.unwrap();
            let address = line.strip_prefix("ready smtp://").or_else(|| line.strip_prefix("ready smtps://"));
            address.unwrap_or_else(|| panic!("{line}")).parse().unwrap()
        });
        let addresses = addresses.collect();
        Self { child, addresses }
    }

    fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap().success());
    }

    async fn ended(&mut self) -> ExitStatus {
        for _ in 0..500 {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("it does not end");
    }

    /// The maximum and the current memory (RSS) in octets.
    fn memory(&self) -> (u64, u64) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let value = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name)).unwrap();
            line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1_024
        };
        (value("VmHWM:"), value("VmRSS:"))
    }
}

async fn connected(address: SocketAddr) -> (Client, String) {
    let mut client = Client::connect(address, None).await;
    let greeting = client.reply().await;
    (client, greeting)
}

async fn at_data(address: SocketAddr) -> Client {
    let (mut client, _) = connected(address).await;
    client.begin_data().await;
    client
}

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

fn trusting(cert: &PathBuf) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(cert).unwrap()).unwrap();
    TlsConnector::from(Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()))
}

async fn trusts(tls: &TlsConnector, address: SocketAddr) -> bool {
    let stream = TcpStream::connect(address).await.unwrap();
    tls.connect(ServerName::try_from("door.example").unwrap(), stream).await.is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_many_connections() {
    let gate = raw::gate(raw::accept).await;
    let own = ["--listen", "127.0.0.1:0", "--max-connections", "4", "--max-connections-per-address", "2"];
    let program = Program::start(gate, &own, 1);
    let (first, greeting) = connected(program.addresses[0]).await;
    assert!(greeting.starts_with("220 door.example ESMTP"), "{greeting}");
    let (second, _) = connected(program.addresses[0]).await;
    let (third, refusal) = connected(program.addresses[0]).await;
    assert_eq!(refusal, "421 4.7.0 too many connections from your address; use fewer at a time\r\n");
    assert_eq!(third.rest(false).await.unwrap(), "");
    drop(first);
    // Until the door has noticed the closed connection.
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(connected(program.addresses[0]).await.1.starts_with("220 "));
    drop(second);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_lets_a_message_end() {
    let gate = raw::gate(raw::accept).await;
    let mut program = Program::start(gate, &["--listen", "127.0.0.1:0", "[::1]:0"], 2);
    let (idle, _) = connected(program.addresses[1]).await;
    let mut sending = at_data(program.addresses[0]).await;
    program.signal("-TERM");
    assert!(idle.rest(false).await.unwrap().starts_with("421 4.3.2 "));
    assert!(TcpStream::connect(program.addresses[0]).await.is_err(), "no new connections");
    sending.say(b"a\r\n.\r\n").await;
    assert_eq!(
        sending.rest(false).await.unwrap(),
        "250 2.0.0 m1\r\n421 4.3.2 the server is stopped; connect again\r\n"
    );
    assert!(program.ended().await.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_does_not_wait_without_end() {
    let gate = raw::gate(raw::accept).await;
    let mut program = Program::start(gate, &["--listen", "127.0.0.1:0", "--drain-seconds", "1"], 1);
    let sending = at_data(program.addresses[0]).await;
    let began = Instant::now();
    program.signal("-TERM");
    assert!(sending.rest(false).await.unwrap().starts_with("421 4.3.2 "));
    assert!(program.ended().await.success());
    assert!(began.elapsed() > Duration::from_millis(900) && began.elapsed() < Duration::from_secs(4));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_is_kept_and_read_again_when_it_changes() {
    let gate = raw::gate(raw::accept).await;
    let folder = folder("kept");
    let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    let files = ["--cert", cert.to_str().unwrap(), "--key", key.to_str().unwrap(), "--self-signed"];
    let options = [&["--listen-tls", "127.0.0.1:0"], files.as_slice()].concat();
    drop(Program::start(gate, &options, 1));
    let made = std::fs::read(&cert).unwrap();
    let program = Program::start(gate, &options, 1);
    assert_eq!(std::fs::read(&cert).unwrap(), made, "the one of the first start is kept");
    let before = trusting(&cert);
    assert!(trusts(&before, program.addresses[0]).await);
    let mut open = Client::connect(program.addresses[0], Some(&before)).await;
    assert!(open.reply().await.starts_with("220 "));

    std::fs::write(&cert, "not yet whole").unwrap();
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert!(trusts(&before, program.addresses[0]).await, "a file that cannot be read changes nothing");
    std::fs::remove_file(&cert).unwrap();
    let made_anew = sendergate_submission::tls::Files { cert: cert.clone(), key };
    made_anew.make_where_missing("door.example").unwrap();
    let after = trusting(&cert);
    let mut changed = false;
    for _ in 0..50 {
        changed = trusts(&after, program.addresses[0]).await;
        if changed {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(changed && !trusts(&before, program.addresses[0]).await);
    assert!(open.ask("EHLO x").await.starts_with("250-"), "no connection is dropped for it");
}

#[test]
fn what_is_wrong_is_said() {
    let gate = SocketAddr::from(([127, 0, 0, 1], 9));
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = |mut command: Command| {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut text = String::new();
        child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
        (child.wait().unwrap().code(), text)
    };
    let (code, text) = said(command(gate, &["--listen", &address]));
    assert_eq!(code, Some(1));
    assert!(text.starts_with(&format!("error: cannot listen at {address}: ")), "{text}");
    let mut without = command(gate, &[]);
    without.env_remove("SENDERGATE_SERVICE_TOKEN");
    assert_eq!(
        said(without),
        (Some(1), "error: the service token is missing: SENDERGATE_SERVICE_TOKEN, or --token-file FILE\n".to_owned())
    );
    assert!(said(command(gate, &["--listen-tls", "127.0.0.1:0"])).1.contains("--listen-tls needs --cert and --key"));
    let (_, text) =
        said(command(gate, &["--listen-tls", "127.0.0.1:0", "--cert", "/nowhere/a", "--key", "/nowhere/b"]));
    assert!(text.starts_with("error: /nowhere/a: "), "{text}");
    for url in ["ftp://a", "gate.example", "http://u:p@a", "http://a/b"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sendergate-submission"));
        command.args(["--gate", url]).env("SENDERGATE_SERVICE_TOKEN", "token");
        let (code, text) = said(command);
        assert!(code == Some(1) && text.contains("is no address of a gate"), "{url}: {text}");
    }
    let mut help = Command::new(env!("CARGO_BIN_EXE_sendergate-submission"));
    let help = String::from_utf8(help.arg("--help").output().unwrap().stdout).unwrap();
    assert!(help.contains("--listen <ADDR:PORT>") && help.contains("SENDERGATE_DRAIN_SECONDS"), "{help}");
}

/// 200 connections send 25 MiB each at the same time, half of them over TLS, to a gate that reads nothing at first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "5 GB through one machine: cargo test --profile door -p sendergate-submission --test program -- --ignored --nocapture"]
async fn memory_of_large_messages() {
    const CONNECTIONS: usize = 200;
    const LINES: usize = 26_214_400 / 128 - 10;
    // Waits until every window is full, then reads at full speed.
    let gate = raw::gate(|stream: TcpStream, seen: Vec<u8>| async move {
        tokio::time::sleep(Duration::from_secs(8)).await;
        raw::accept(stream, seen).await;
    })
    .await;
    let folder = folder("memory");
    let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    let files = ["--cert", cert.to_str().unwrap(), "--key", key.to_str().unwrap(), "--self-signed"];
    let own = [
        "--listen",
        "127.0.0.1:0",
        "--listen-tls",
        "127.0.0.1:0",
        "--max-connections-per-address",
        "1000",
        "--gate-seconds",
        "600",
    ];
    let program = Program::start(gate, &[&own, files.as_slice()].concat(), 2);
    let tls = trusting(&cert);
    println!("at rest: {} KiB", program.memory().1 / 1_024);
    let began = Instant::now();
    let mut sending = tokio::task::JoinSet::new();
    for index in 0..CONNECTIONS {
        let (plain, secure, tls) = (program.addresses[0], program.addresses[1], tls.clone());
        sending.spawn(async move {
            let mut client = match index % 2 {
                0 => Client::connect(plain, None).await,
                _ => Client::connect(secure, Some(&tls)).await,
            };
            assert!(client.reply().await.starts_with("220 "));
            for line in ["EHLO x", "AUTH PLAIN AHMxAHg=", "MAIL FROM:<a@b.example>", "RCPT TO:<c@d.example>", "DATA"] {
                assert!(client.ask(line).await.starts_with(['2', '3']), "{line}");
            }
            let lines = format!("{}\r\n", "x".repeat(126)).repeat(100);
            for _ in 0..LINES / 100 {
                client.say(lines.as_bytes()).await;
            }
            client.say(b".\r\n").await;
            assert_eq!(client.reply().await, "250 2.0.0 m1\r\n");
        });
    }
    while let Some(sent) = sending.join_next().await {
        sent.unwrap();
    }
    let (most, now) = program.memory();
    println!(
        "{CONNECTIONS} × 25 MiB in {:.0} s: at most {} KiB, now {} KiB",
        began.elapsed().as_secs_f32(),
        most / 1_024,
        now / 1_024
    );
    assert!(most < 64 << 20, "{most} octets");
}
