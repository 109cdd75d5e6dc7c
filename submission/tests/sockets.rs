//! Runs the dialogues of the tables over sockets, with a scripted HTTP gate.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::expect_used, reason = "a test may fail")]

mod common;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use common::client::Client;
use common::scripted::{ScriptedDoor, ScriptedGate, certificate};
use common::{Asked, Dialogue, compare_lines, dialogues};
use sendergate_submission::limits::Patience;
use tokio::task::JoinSet;
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// Each gate has its own loopback address, so that nobody else can take its port while it is away.
fn own_address(index: usize) -> SocketAddr {
    let [high, low] = u16::try_from(index + 1).unwrap().to_be_bytes();
    let process = std::process::id().to_be_bytes()[3] | 1;
    SocketAddr::from((Ipv4Addr::new(127, process, high, low), 0))
}

/// Runs a dialogue. The input of each turn is divided by `divide`, with a pause between the pieces.
async fn run(
    dialogue: Dialogue,
    index: usize,
    tls: (TlsAcceptor, TlsConnector),
    divide: impl Fn(usize, Vec<u8>) -> Vec<Vec<u8>>,
) {
    let name = dialogue.name.as_str();
    let mut gate = ScriptedGate::start(own_address(index), name).await;
    let client = dialogue.client.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let acceptor = (!dialogue.no_certificate).then_some(tls.0);
    let door =
        ScriptedDoor::start(gate.address, dialogue.terms(), Patience::default(), acceptor, client, dialogue.secure)
            .await;
    let mut client = Client::connect(door.address, dialogue.secure.then_some(&tls.1)).await;
    compare_lines(&["220 door.example ESMTP sendergate".to_owned()], &client.lines(1).await, name);
    let mut left = Some(client);
    for (number, turn) in dialogue.turns.iter().enumerate() {
        let mut client = left.take().unwrap();
        let away = turn.gate.iter().any(|asked| asked.is_away());
        if away {
            gate.go_away().await;
        } else {
            gate.script.lock().unwrap().entries.extend(turn.gate.iter().map(Asked::by_http));
        }
        let pieces = divide(number, turn.say.octets());
        for (at, piece) in pieces.iter().enumerate() {
            if at > 0 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            client.say(piece).await;
        }
        compare_lines(&turn.hear, &client.lines(turn.hear.len()).await, name);
        if turn.tls {
            client.begin_tls(&tls.1).await;
        }
        if away {
            gate.come_back().await;
        }
        if turn.hangup {
            client.hang_up();
        } else {
            left = Some(client);
        }
    }
    if let Some(client) = left {
        // The connection must end without a reset.
        assert_eq!(client.rest(!dialogue.closed).await.unwrap(), "", "{name}: more was heard");
    }
    gate.settled().await;
}

/// The same dialogue over implicit TLS. `None` for a dialogue with STARTTLS.
fn over_tls(mut dialogue: Dialogue) -> Option<Dialogue> {
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    if dialogue.secure || dialogue.turns.iter().any(|turn| text(&turn.say.octets()).contains("STARTTLS")) {
        return None;
    }
    dialogue.secure = true;
    dialogue.name.push_str(" (TLS)");
    for turn in &mut dialogue.turns {
        turn.hear.retain(|line| line != "250-STARTTLS");
        if turn.hear.last().is_some_and(|line| line == "250 STARTTLS")
            || turn.hear.iter().any(|line| line.starts_with("538"))
        {
            // The dialogue is about a client without TLS.
            return None;
        }
        for asked in &mut turn.gate {
            asked.with = asked.with.as_ref().map(|with| with.replace("SMTPA", "SMTPSA"));
        }
    }
    Some(dialogue)
}

async fn run_all(all: Vec<(Dialogue, Option<(usize, usize)>)>, first: usize) {
    let (files, connector) = certificate();
    let acceptor = files.acceptor().unwrap();
    let mut running = JoinSet::new();
    for (index, (dialogue, cut)) in all.into_iter().enumerate() {
        if running.len() >= 24 {
            running.join_next().await.unwrap().unwrap();
        }
        let tls = (acceptor.clone(), connector.clone());
        running.spawn(run(dialogue, first + index, tls, move |number, octets| match cut {
            Some((turn, at)) if turn == number => vec![octets[..at].to_vec(), octets[at..].to_vec()],
            _ => vec![octets],
        }));
    }
    while let Some(ended) = running.join_next().await {
        ended.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plain() {
    run_all(dialogues().into_iter().map(|dialogue| (dialogue, None)).collect(), 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls() {
    let all: Vec<_> = dialogues().into_iter().filter_map(over_tls).map(|dialogue| (dialogue, None)).collect();
    assert!(all.len() > 100);
    run_all(all, 1_000).await;
}

/// The known smuggling sequences, cut in two segments at every octet. The gate gets no message, and the client one reply.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn smuggling_at_every_cut() {
    let mut all = Vec::new();
    for dialogue in dialogues().into_iter().filter(|dialogue| dialogue.name.contains("smuggling")) {
        let turn = dialogue.turns.len() - 1;
        for at in 1..dialogue.turns[turn].say.octets().len() {
            all.push((dialogue.clone(), Some((turn, at))));
        }
    }
    assert!(all.len() > 1_000);
    run_all(all, 2_000).await;
}
