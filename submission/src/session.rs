//! One connection as a state machine: octets in, replies and requests to the gate out. It does no IO and knows no clock, so that
//! tables and a fuzzer can run it.

mod commands;
mod envelope;
mod message;

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;

use crate::answer::{Answer, Refusal, Request};
use crate::auth::{Credentials, Exchange};
use crate::command::{Command, Verb};
use crate::limits::Terms;
use crate::line::{LineFault, LineReader};
use crate::reply::Reply;
use envelope::Transaction;
use message::Framing;

/// What whoever runs the session has to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Read more from the client; what was to be written goes out before.
    Read,
    /// Look, without waiting, whether the client has sent more already, and call again.
    Settle,
    /// Write this.
    Reply(Vec<u8>),
    /// Ask the gate, and bring the answer.
    Ask(Request),
    /// This much of the message.
    Body(Vec<u8>),
    /// Break the request off: the gate must keep nothing.
    Abort,
    /// Begin TLS; then call [`Session::secured`].
    StartTls,
    /// Close, and read what still comes until then, so that the last reply arrives.
    Close,
}

/// What the client is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// Its EHLO.
    Greeting,
    /// A command.
    Command,
    /// More of a message.
    Message,
}

#[derive(Debug)]
enum State {
    Command,
    Sasl(Exchange),
    /// The client must wait here, and may not have sent more.
    Settling(Held),
    /// Nothing goes on without the gate's answer.
    Asking(Question),
    Message(Framing),
    /// What was announced is read past, then this is said.
    Skipping {
        left: u64,
        reply: Reply,
    },
    Closed,
}

/// What is done as soon as it is clear that the client waits.
#[derive(Debug)]
enum Held {
    Line(Vec<u8>),
    Sasl(Exchange, Vec<u8>),
    Data,
}

#[derive(Debug)]
enum Question {
    Session(Credentials),
    Reverse(Box<Transaction>),
    Open(Opening),
    Outcome,
}

#[derive(Clone, Copy, Debug)]
enum Opening {
    Data,
    Chunk { octets: u64, last: bool },
}

/// One connection.
#[derive(Debug)]
pub struct Session {
    terms: Arc<Terms>,
    client: IpAddr,
    /// TLS is on.
    secure: bool,
    lines: LineReader,
    state: State,
    out: VecDeque<Step>,
    /// What the client said in EHLO or HELO.
    helo: Option<Vec<u8>>,
    /// EHLO, and so extensions.
    extended: bool,
    user: Option<String>,
    transaction: Option<Box<Transaction>>,
    /// What the client has sent behind something that was refused is no failure of its own.
    refused: bool,
    failed: u32,
    failed_logins: u32,
    /// A message was read, so that a line may be one that another program took for its body.
    behind_body: bool,
    /// The last command, for the metrics.
    verb: Option<&'static str>,
}

impl Session {
    /// A connection that was just made; by implicit TLS where `secure`. Says its greeting first.
    #[must_use]
    pub fn new(terms: Arc<Terms>, client: IpAddr, secure: bool) -> Self {
        let greeting = Reply::plain(220, format!("{} ESMTP sendergate", terms.name));
        let mut session = Self {
            terms,
            client: client.to_canonical(),
            secure,
            lines: LineReader::default(),
            state: State::Command,
            out: VecDeque::new(),
            helo: None,
            extended: false,
            user: None,
            transaction: None,
            refused: false,
            failed: 0,
            failed_logins: 0,
            behind_body: false,
            verb: None,
        };
        session.say(&greeting);
        session
    }

    /// Goes on with what the client sent: takes from the front of `input` as much as it can.
    pub fn step(&mut self, input: &mut &[u8]) -> Step {
        loop {
            if let Some(step) = self.out.pop_front() {
                return step;
            }
            match std::mem::replace(&mut self.state, State::Closed) {
                State::Closed => return Step::Close,
                State::Asking(question) => {
                    // Whoever runs it owes the answer; until then nothing is read.
                    self.state = State::Asking(question);
                    return Step::Read;
                }
                State::Settling(held) if input.is_empty() => self.settled(held),
                State::Settling(_) => self.talked_too_early(),
                State::Command => {
                    self.state = State::Command;
                    match self.lines.take(input, self.terms.lines(), false) {
                        None => return Step::Read,
                        Some(Ok(line)) => self.line(line),
                        Some(Err(fault)) => self.bad_line(fault),
                    }
                }
                State::Sasl(exchange) => match self.lines.take(input, self.terms.lines(), true) {
                    None => {
                        self.state = State::Sasl(exchange);
                        return Step::Read;
                    }
                    Some(Ok(line)) => self.settle(Held::Sasl(exchange, line)),
                    Some(Err(fault)) => {
                        self.state = State::Command;
                        self.bad_line(fault);
                    }
                },
                State::Message(framing) => {
                    if !self.message(framing, input) {
                        return Step::Read;
                    }
                }
                State::Skipping { left, reply } => {
                    if !self.skip(left, reply, input) {
                        return Step::Read;
                    }
                }
            }
        }
    }

    /// Brings the gate's answer to the last [`Step::Ask`].
    pub fn answer(&mut self, answer: Answer) {
        match std::mem::replace(&mut self.state, State::Command) {
            State::Asking(Question::Session(credentials)) => self.logged_in(credentials, answer),
            State::Asking(Question::Reverse(transaction)) => self.reverse_path_checked(transaction, answer),
            State::Asking(Question::Open(opening)) => self.opened(opening, answer),
            State::Asking(Question::Outcome) => self.outcome(answer),
            other => self.state = other,
        }
    }

    /// TLS is on: nothing that came before counts (RFC 3207 section 4.2), but for the limits.
    pub fn secured(&mut self) {
        self.secure = true;
        self.lines = LineReader::default();
        self.state = State::Command;
        (self.helo, self.extended, self.user, self.transaction) = (None, false, None, None);
        (self.refused, self.behind_body) = (false, false);
    }

    /// Says why the connection ends, and ends it: a message under way is broken off.
    pub fn end(&mut self, enhanced: &'static str, why: &'static str) {
        self.break_off();
        self.say(&Reply::new(421, enhanced, why));
        self.state = State::Closed;
    }

    /// What the client is waited for.
    #[must_use]
    pub fn waiting(&self) -> Waiting {
        match self.state {
            State::Message(_) | State::Skipping { .. } => Waiting::Message,
            _ if self.transaction.as_ref().is_some_and(|transaction| transaction.incoming.is_some()) => {
                Waiting::Message
            }
            _ if self.helo.is_none() => Waiting::Greeting,
            _ => Waiting::Command,
        }
    }

    /// Whether the connection can end here without the loss of anything that the client has begun.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.transaction.is_none() && matches!(self.state, State::Command | State::Sasl(_)) && self.out.is_empty()
    }

    /// The command that was read last, once.
    pub fn take_verb(&mut self) -> Option<&'static str> {
        self.verb.take()
    }

    fn line(&mut self, line: Vec<u8>) {
        let verb = Verb::of(&line);
        self.verb = Some(verb.name());
        if verb.ends_a_group() {
            self.settle(Held::Line(line));
        } else {
            self.command(&line);
        }
    }

    fn command(&mut self, line: &[u8]) {
        match Command::read(line) {
            Ok(command) => self.obey(command),
            // How many octets follow is not known, and they are no commands.
            Err(reply) if Verb::of(line) == Verb::Bdat => self.last_word(&reply),
            Err(reply) => {
                self.refused |= Verb::of(line) == Verb::Mail && self.transaction.is_none();
                self.fail(&reply);
            }
        }
    }

    fn bad_line(&mut self, fault: LineFault) {
        self.verb = Some(Verb::Other.name());
        let reply = Reply::new(500, "5.5.2", fault.text());
        if self.behind_body && fault.could_hide_a_command() {
            self.last_word(&reply);
        } else {
            self.fail(&reply);
        }
    }

    fn settle(&mut self, held: Held) {
        self.out.push_back(Step::Settle);
        self.state = State::Settling(held);
    }

    fn settled(&mut self, held: Held) {
        self.state = State::Command;
        match held {
            Held::Line(line) => self.command(&line),
            Held::Sasl(exchange, line) => self.exchanged(exchange.take(&line)),
            Held::Data => self.go_ahead(),
        }
    }

    /// RFC 2920 section 3.1. What comes too early may be somebody else's, put before the client's own (RFC 3207 section 6).
    fn talked_too_early(&mut self) {
        self.last_word(&Reply::new(503, "5.5.1", "more was sent before this command was answered; wait for the reply"));
    }

    fn ask(&mut self, request: Request, question: Question) {
        self.out.push_back(Step::Ask(request));
        self.state = State::Asking(question);
    }

    /// A reply, whatever it says.
    fn say(&mut self, reply: &Reply) {
        let utf8 = self.transaction.as_ref().is_some_and(|transaction| transaction.utf8);
        self.out.push_back(Step::Reply(reply.octets(utf8)));
    }

    /// The reply to a command that failed. After too many the connection ends.
    fn fail(&mut self, reply: &Reply) {
        self.say(reply);
        if !reply.is_failure() {
            return;
        }
        self.failed += 1;
        if self.failed >= self.terms.max_failed {
            self.end("4.7.0", "too many commands failed; connect again");
        }
    }

    /// The reply to what was sent behind something refused, and otherwise to a command that failed.
    fn fail_behind(&mut self, reply: &Reply) {
        if self.refused { self.say(reply) } else { self.fail(reply) }
    }

    /// A reply behind which nothing more is read.
    fn last_word(&mut self, reply: &Reply) {
        self.break_off();
        self.say(reply);
        self.state = State::Closed;
    }

    /// Ends the transaction; the gate keeps nothing of a message that has begun.
    fn break_off(&mut self) {
        if self.transaction.take().is_some_and(|transaction| transaction.is_open()) {
            self.out.push_back(Step::Abort);
        }
    }
}

/// What a refusal is in SMTP.
fn refusal(refusal: Refusal) -> Reply {
    match refusal {
        Refusal::Decided(reply) => reply,
        Refusal::WrongCredentials => crate::auth::WRONG,
        Refusal::Inactive => Reply::new(525, "5.7.13", "this user is not active"),
        Refusal::Limited(words) => Reply::with(451, "4.7.1", words),
        Refusal::TooLarge(words) => Reply::with(552, "5.3.4", words),
        Refusal::Envelope(words) => Reply::with(553, "5.1.3", words),
        Refusal::Away => Reply::new(451, "4.3.0", "the message cannot be taken at the moment; try again"),
    }
}
