//! The invariants of a session, for any input and any answers of the gate.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use sendergate_submission::answer::{Answer, Refusal, Request};
use sendergate_submission::limits::Terms;
use sendergate_submission::reply::Reply;
use sendergate_submission::session::{Session, Step};

/// The outcome of one input.
#[derive(Debug, Default, PartialEq, Eq)]
struct Outcome {
    replies: Vec<u8>,
    /// The requests to the gate.
    asked: Vec<String>,
    closed: bool,
}

/// In an input: here the client waits for the reply.
pub const WAIT: u8 = 0xfe;

/// The first octet selects the answers of the gate; the others come from the client. The outcome must not depend on how they are cut.
pub fn session(bytes: &[u8]) {
    let Some((mood, octets)) = bytes.split_first() else { return };
    let turns: Vec<&[u8]> = octets.split(|octet| *octet == WAIT).collect();
    let whole = run(*mood, turns.iter().map(|turn| vec![*turn]));
    let half = |turn: &&'_ [u8]| turn.len() * usize::from(mood % 16) / 16;
    let halves = run(*mood, turns.iter().map(|turn| vec![&turn[..half(turn)], &turn[half(turn)..]]));
    assert_eq!(halves, whole, "cut in two");
    assert_eq!(run(*mood, turns.iter().map(|turn| turn.chunks(1).collect())), whole, "octet by octet");
}

fn terms() -> Terms {
    Terms {
        max_message: 2_000,
        max_line: 200,
        max_auth_line: 400,
        max_recipients: 3,
        piece: 16,
        starttls: true,
        ..Terms::default()
    }
}

/// `turns` are the pieces of each turn.
fn run<'a>(mood: u8, turns: impl Iterator<Item = Vec<&'a [u8]>>) -> Outcome {
    let client = if mood & 64 == 0 { Ipv4Addr::LOCALHOST } else { Ipv4Addr::new(192, 0, 2, 1) };
    let mut session = Session::new(Arc::new(terms()), IpAddr::V4(client), mood & 128 != 0);
    let mut outcome = Outcome::default();
    let mut message: Option<Vec<u8>> = None;
    let mut accepted = 0;
    let mut input: Vec<u8> = Vec::new();
    let mut turns = turns.map(VecDeque::from);
    let mut pieces = VecDeque::new();
    loop {
        let mut rest = input.as_slice();
        let step = session.step(&mut rest);
        let taken = input.len() - rest.len();
        input.drain(..taken);
        match step {
            Step::Read => {
                assert!(input.is_empty(), "it reads on, and has not taken {input:?}");
                match pieces.pop_front() {
                    Some(piece) => input.extend_from_slice(piece),
                    None => match turns.next() {
                        Some(turn) => pieces = turn,
                        None => break,
                    },
                }
            }
            Step::Settle => pieces.drain(..).for_each(|piece| input.extend_from_slice(piece)),
            Step::Reply(reply) => {
                check_reply(&reply);
                let success = reply.starts_with(b"250 2.0.0 id-");
                accepted -= i32::from(success);
                assert!(accepted >= 0, "a success that the gate did not give");
                outcome.replies.extend(reply);
            }
            Step::Ask(Request::Finish) => {
                let message = message.take().expect("a message that did not begin");
                check_message(&message);
                let said = String::from_utf8_lossy(&message).into_owned();
                let answer = answer(mood, &said);
                accepted += i32::from(matches!(answer, Answer::Accepted(_)));
                outcome.asked.push(format!("message {said:?}"));
                session.answer(answer);
            }
            Step::Ask(request) => {
                let said = format!("{request:?}");
                let opens = matches!(request, Request::Open(_));
                let answer =
                    if mood & 32 != 0 && said.len() % 3 == 0 { Answer::No(Refusal::Away) } else { Answer::Yes };
                if opens && answer == Answer::Yes {
                    assert!(message.replace(Vec::new()).is_none(), "two messages at once");
                }
                outcome.asked.push(said);
                session.answer(answer);
            }
            Step::Body(octets) => {
                assert!(!octets.is_empty() && octets.len() <= 17);
                message.as_mut().expect("octets of no message").extend(octets);
            }
            Step::Abort => {
                assert!(message.take().is_some(), "there is nothing to break off");
                outcome.asked.push("abort".to_owned());
            }
            Step::StartTls => {
                assert!(input.is_empty() && pieces.is_empty(), "plaintext is left for TLS");
                session.secured();
            }
            Step::Close => {
                outcome.closed = true;
                break;
            }
        }
    }
    outcome.asked.extend(message.map(|_| "left open".to_owned()));
    outcome
}

fn answer(mood: u8, said: &str) -> Answer {
    match (usize::from(mood) + said.len()) % 4 {
        0 => Answer::No(Refusal::Decided(Reply::new(550, "5.7.1", "no\r\n250 2.0.0 id-x"))),
        1 => Answer::No(Refusal::Away),
        _ => Answer::Accepted(format!("id-{}", said.len())),
    }
}

/// All lines have the same code, at most 512 octets, and end in CRLF.
fn check_reply(reply: &[u8]) {
    let text = std::str::from_utf8(reply).expect("a reply in UTF-8");
    let lines: Vec<&str> = text.strip_suffix("\r\n").expect("a reply ends in CRLF").split("\r\n").collect();
    for (index, line) in lines.iter().enumerate() {
        let mark = if index + 1 == lines.len() { ' ' } else { '-' };
        assert!(line.len() <= 510 && line.starts_with(&lines[0][..3]) && line[3..].starts_with(mark), "{text:?}");
        assert!(
            line[..3].bytes().all(|digit| digit.is_ascii_digit()) && !line.contains(['\r', '\n', '\0']),
            "{text:?}"
        );
    }
}

/// It contains nothing that another server could read as its end.
fn check_message(message: &[u8]) {
    assert!(message.len() <= 2_000);
    for (at, octet) in message.iter().enumerate() {
        match octet {
            b'\r' => assert_eq!(message.get(at + 1), Some(&b'\n'), "a bare CR"),
            b'\n' => assert!(at > 0 && message[at - 1] == b'\r', "a bare LF"),
            0 => panic!("a NUL"),
            _ => {}
        }
    }
}
