//! Passes a message on: from DATA, or from the chunks of BDAT.

use super::{Held, Opening, Question, Session, State, Step, refusal};
use crate::answer::{Answer, Refusal, Request};
use crate::data::{BodyFault, ChunkReader, DataReader};
use crate::reply::Reply;

/// How the end of the message is found.
#[derive(Debug)]
pub(super) enum Framing {
    Data(DataReader),
    Chunk { left: u64, octets: u64, last: bool },
}

/// The message so far.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    octets: u64,
    chunks: ChunkReader,
    /// The reply at the end of a message that is no longer passed on.
    refused: Option<Reply>,
}

impl Incoming {
    /// Whether it is being sent to the gate.
    pub(super) const fn is_open(&self) -> bool {
        self.refused.is_none()
    }
}

impl Session {
    pub(super) fn open_for_data(&mut self) {
        self.open(Opening::Data);
    }

    fn open(&mut self, opening: Opening) {
        let envelope = self.transaction.as_ref().and_then(|transaction| self.envelope(transaction));
        if let Some(envelope) = envelope {
            self.ask(Request::Open(envelope), Question::Open(opening));
        }
    }

    pub(super) fn opened(&mut self, opening: Opening, answer: Answer) {
        match (opening, answer) {
            (Opening::Data, Answer::Yes) => {
                self.receive(Incoming::default());
                self.settle(Held::Data);
            }
            (Opening::Chunk { octets, last }, Answer::Yes) => {
                self.receive(Incoming::default());
                self.chunk(octets, last);
            }
            (opening, answer) => {
                let why = if let Answer::No(why) = answer { why } else { Refusal::Away };
                self.forget();
                match opening {
                    Opening::Data => self.say(&refusal(why)),
                    Opening::Chunk { octets, .. } => self.skip_then(octets, refusal(why)),
                }
            }
        }
    }

    /// The gate has accepted the connection, and the client is waiting.
    pub(super) fn go_ahead(&mut self) {
        self.say(&Reply::plain(354, "send the message, and end it with a dot alone on a line"));
        self.state = State::Message(Framing::Data(DataReader::default()));
    }

    pub(super) fn bdat(&mut self, octets: u64, last: bool) {
        if let Some(reply) = self.no_message_yet() {
            return self.skip_then(octets, reply);
        }
        match self.transaction.as_ref().and_then(|transaction| transaction.incoming.as_ref()) {
            None if octets > self.terms.max_message => {
                let reply = self.too_large();
                self.forget();
                self.skip_then(octets, reply);
            }
            None => self.open(Opening::Chunk { octets, last }),
            Some(incoming) if incoming.octets.saturating_add(octets) > self.terms.max_message => {
                let reply = self.too_large();
                self.break_off();
                self.refused = true;
                self.skip_then(octets, reply);
            }
            Some(_) => self.chunk(octets, last),
        }
    }

    fn chunk(&mut self, octets: u64, last: bool) {
        self.state = State::Message(Framing::Chunk { left: octets, octets, last });
    }

    /// The client sends the octets of a refused chunk all the same (RFC 3030 section 2).
    fn skip_then(&mut self, left: u64, reply: Reply) {
        self.behind_body = true;
        self.state = State::Skipping { left, reply };
    }

    /// Returns false if more input is needed.
    pub(super) fn skip(&mut self, left: u64, reply: Reply, input: &mut &[u8]) -> bool {
        let left = left - advance(input, left).len() as u64;
        if left > 0 {
            self.state = State::Skipping { left, reply };
            return false;
        }
        self.state = State::Command;
        if reply.code == 503 {
            self.fail_behind(&reply)
        } else {
            self.say(&reply)
        }
        true
    }

    /// Returns false if more input is needed.
    pub(super) fn message(&mut self, framing: Framing, input: &mut &[u8]) -> bool {
        match framing {
            Framing::Data(reader) => self.take_data(reader, input),
            Framing::Chunk { left, octets, last } => self.take_chunk(left, octets, last, input),
        }
    }

    fn take_data(&mut self, mut reader: DataReader, input: &mut &[u8]) -> bool {
        let mut piece = Vec::new();
        match reader.take(input, &mut piece, self.terms.piece) {
            Err(fault) => self.last_word(&malformed(fault)),
            Ok(ended) => {
                let none = piece.is_empty();
                self.hand_on(piece);
                if ended {
                    self.finish();
                } else {
                    self.state = State::Message(Framing::Data(reader));
                    return !none;
                }
            }
        }
        true
    }

    fn take_chunk(&mut self, left: u64, octets: u64, last: bool, input: &mut &[u8]) -> bool {
        let piece = advance(input, left.min(self.terms.piece as u64));
        let left = left - piece.len() as u64;
        let none = piece.is_empty() && left > 0;
        let piece = piece.to_vec();
        let fault =
            self.transaction.as_mut().and_then(|transaction| transaction.incoming.as_mut()).and_then(|incoming| {
                let checked = incoming.chunks.check(&piece);
                checked.and_then(|()| if last && left == 0 { incoming.chunks.end() } else { Ok(()) }).err()
            });
        if let Some(fault) = fault {
            // The size of a chunk is known, so no command can hide in it and the connection stays open.
            self.break_off();
            self.refused = true;
            self.skip_then(left, malformed(fault));
            return true;
        }
        self.hand_on(piece);
        if left > 0 {
            self.state = State::Message(Framing::Chunk { left, octets, last });
            return !none;
        }
        if last {
            self.finish();
        } else {
            self.behind_body = true;
            self.state = State::Command;
            self.say(&Reply::with(250, "2.0.0", format!("{octets} octets taken")));
        }
        true
    }

    fn hand_on(&mut self, piece: Vec<u8>) {
        let most = self.terms.max_message;
        let too_large = self.too_large();
        let Some(incoming) = self.transaction.as_mut().and_then(|transaction| transaction.incoming.as_mut()) else {
            return;
        };
        if piece.is_empty() || incoming.refused.is_some() {
            return;
        }
        incoming.octets += piece.len() as u64;
        if incoming.octets > most {
            incoming.refused = Some(too_large);
            self.out.push_back(Step::Abort);
        } else {
            self.out.push_back(Step::Body(piece));
        }
    }

    fn finish(&mut self) {
        (self.behind_body, self.refused) = (true, false);
        let refused = self.transaction.as_mut().and_then(|transaction| transaction.incoming.as_mut()?.refused.take());
        match refused {
            Some(reply) => {
                self.state = State::Command;
                self.say(&reply);
                self.transaction = None;
            }
            None => self.ask(Request::Finish, Question::Outcome),
        }
    }

    pub(super) fn outcome(&mut self, answer: Answer) {
        let reply = match answer {
            Answer::Accepted(id) => Reply::with(250, "2.0.0", id),
            Answer::No(why) => refusal(why),
            Answer::Yes => refusal(Refusal::Away),
        };
        self.say(&reply);
        self.transaction = None;
    }

    /// Ends a transaction of which the gate has received nothing.
    fn forget(&mut self) {
        self.transaction = None;
        self.refused = true;
    }
}

const fn malformed(fault: BodyFault) -> Reply {
    Reply::new(554, "5.6.0", fault.text())
}

/// Takes up to `most` octets from the front.
fn advance<'input>(input: &mut &'input [u8], most: u64) -> &'input [u8] {
    let most = usize::try_from(most).unwrap_or(usize::MAX).min(input.len());
    let (taken, rest) = input.split_at(most);
    *input = rest;
    taken
}
