//! Runs every dialogue of the tables through the state machine: whole, cut in two at every octet, and octet by octet. The outcome must be the same.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail")]

mod common;

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use common::{Asked, Dialogue, Heard, Turn, compare_lines, dialogues};
use sendergate_submission::answer::{Answer, Question, Refusal, Request, read_answer};
use sendergate_submission::session::{Session, Step};

/// The state of a running dialogue.
struct Run<'a> {
    name: String,
    session: Session,
    script: VecDeque<&'a Asked>,
    /// The message that is being sent to the gate.
    message: Option<(&'a Asked, Heard)>,
    replies: Vec<u8>,
    closed: bool,
}

impl<'a> Run<'a> {
    fn new(dialogue: &'a Dialogue, how: &str) -> Self {
        let client = dialogue.client.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let name = format!("{} ({how})", dialogue.name);
        let session = Session::new(Arc::new(dialogue.terms()), client, dialogue.secure);
        let mut run =
            Self { name, session, script: VecDeque::new(), message: None, replies: Vec::new(), closed: false };
        run.say(Vec::new());
        run.hear(&["220 door.example ESMTP sendergate".to_owned()]);
        run
    }

    fn turn(&mut self, turn: &'a Turn, pieces: Vec<Vec<u8>>) {
        assert!(self.script.is_empty(), "{}: the gate was not asked {:?}", self.name, self.script);
        self.script.extend(&turn.gate);
        self.say(pieces);
        if turn.tls {
            self.session.secured();
        }
        if turn.hangup {
            // The real caller drops the request together with the session.
            self.broken_off();
        }
        self.hear(&turn.hear);
    }

    fn hear(&mut self, expected: &[String]) {
        let replies = String::from_utf8(std::mem::take(&mut self.replies)).unwrap();
        compare_lines(expected, &replies, &self.name);
    }

    fn broken_off(&mut self) {
        let (asked, heard) =
            self.message.take().unwrap_or_else(|| panic!("{}: there is nothing to break off", self.name));
        asked.compare(&heard, &self.name);
    }

    fn say(&mut self, pieces: Vec<Vec<u8>>) {
        let mut pieces = VecDeque::from(pieces);
        let mut input: Vec<u8> = Vec::new();
        loop {
            let mut rest = input.as_slice();
            let step = self.session.step(&mut rest);
            let taken = input.len() - rest.len();
            input.drain(..taken);
            match step {
                Step::Read => match pieces.pop_front() {
                    Some(piece) => input.extend(piece),
                    None => return assert!(input.is_empty(), "{}: {input:?} was left unread", self.name),
                },
                // By now everything that the client sent has arrived.
                Step::Settle => input.extend(pieces.drain(..).flatten()),
                Step::Reply(octets) => self.replies.extend(octets),
                Step::Ask(request) => {
                    let answer = self.ask(request);
                    self.session.answer(answer);
                }
                Step::Body(octets) => match &mut self.message {
                    Some((_, Heard::Message { body, .. })) => body.extend(octets),
                    other => panic!("{}: a body for {other:?}", self.name),
                },
                Step::Abort => self.broken_off(),
                Step::StartTls => assert!(input.is_empty()),
                Step::Close => return self.closed = true,
            }
        }
    }

    fn ask(&mut self, request: Request) -> Answer {
        if request == Request::Finish {
            let (asked, mut heard) = self.message.take().unwrap();
            if let Heard::Message { ended, .. } = &mut heard {
                *ended = true;
            }
            asked.compare(&heard, &self.name);
            return answer_of(asked, Question::Message);
        }
        let asked = self.script.pop_front().unwrap_or_else(|| panic!("{}: nobody expects {request:?}", self.name));
        let heard = match request {
            Request::Session { credentials, client } => {
                Heard::Session { user: credentials.user, password: credentials.password, client }
            }
            Request::Check(envelope) => Heard::Check(*envelope),
            Request::Open(envelope) if asked.away => {
                Heard::Message { envelope: *envelope, body: Vec::new(), ended: true }
            }
            Request::Open(envelope) => {
                self.message = Some((asked, Heard::Message { envelope: *envelope, body: Vec::new(), ended: false }));
                return Answer::Yes;
            }
            Request::Finish => unreachable!(),
        };
        asked.compare(&heard, &self.name);
        answer_of(asked, if matches!(heard, Heard::Session { .. }) { Question::Session } else { Question::Check })
    }

    fn ended(self, dialogue: &Dialogue) {
        assert_eq!(self.closed, dialogue.closed, "{}: whether it was closed", self.name);
        assert!(self.message.is_none() && self.script.is_empty(), "{}: the gate waits", self.name);
    }
}

fn answer_of(asked: &Asked, question: Question) -> Answer {
    if asked.away {
        Answer::No(Refusal::Away)
    } else {
        read_answer(question, asked.status, asked.answer.to_string().as_bytes())
    }
}

/// Runs a dialogue with the input of each turn divided by `divide`.
fn run(dialogue: &Dialogue, how: &str, divide: impl Fn(usize, Vec<u8>) -> Vec<Vec<u8>>) {
    let mut running = Run::new(dialogue, how);
    for (index, turn) in dialogue.turns.iter().enumerate() {
        running.turn(turn, divide(index, turn.say.octets()));
    }
    running.ended(dialogue);
}

#[test]
fn whole() {
    let all = dialogues();
    assert!(all.len() > 100, "{} dialogues", all.len());
    for dialogue in &all {
        run(dialogue, "whole", |_, octets| vec![octets]);
    }
}

#[test]
fn octet_by_octet() {
    for dialogue in &dialogues() {
        run(dialogue, "octet by octet", |_, octets| octets.chunks(1).map(<[u8]>::to_vec).collect());
    }
}

#[test]
fn cut_at_every_octet() {
    for dialogue in &dialogues() {
        // Preludes are cut only in rows without turns of their own.
        let first = if dialogue.prelude < dialogue.turns.len() { dialogue.prelude } else { 0 };
        for (cut, turn) in dialogue.turns.iter().enumerate().skip(first) {
            let octets = turn.say.octets();
            // Long input is cut only near its ends and near line ends.
            let near = |at: usize| {
                octets.len() < 3_000 || at < 16 || at + 16 > octets.len() || octets[at - 1..=at].contains(&b'\n')
            };
            for at in (1..octets.len()).filter(|at| near(*at)) {
                run(dialogue, &format!("turn {cut} cut at {at}"), |index, octets| {
                    if index == cut { vec![octets[..at].to_vec(), octets[at..].to_vec()] } else { vec![octets] }
                });
            }
        }
    }
}
