//! One connection as a state machine: octets in, replies and requests to the gate out. It does no IO and has no clock, so that
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

/// What the caller has to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Write the pending replies, then read more from the client.
    Read,
    /// Read what has already arrived, without waiting, and call again.
    Settle,
    /// Write this reply.
    Reply(Vec<u8>),
    /// Send this request to the gate, and pass its answer to [`Session::answer`].
    Ask(Request),
    /// Pass this part of the message on.
    Body(Vec<u8>),
    /// Abort the request, so that the gate keeps nothing.
    Abort,
    /// Begin TLS; then call [`Session::secured`].
    StartTls,
    /// Close the connection. Read what the client still sends, so that the last reply arrives.
    Close,
}

/// What the session waits for.
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
    /// The client must wait for the reply and may not have sent more.
    Settling(Held),
    /// Waits for the gate's answer.
    Asking(Question),
    Message(Framing),
    /// Discards the rest of a refused chunk, then replies.
    Skipping {
        left: u64,
        reply: Reply,
    },
    Closed,
}

/// What to do when it is clear that the client is waiting.
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
    /// Whether TLS is on.
    secure: bool,
    lines: LineReader,
    state: State,
    out: VecDeque<Step>,
    /// What the client said in EHLO or HELO.
    helo: Option<Vec<u8>>,
    /// Whether it was EHLO, so that extensions may be used.
    extended: bool,
    user: Option<String>,
    transaction: Option<Box<Transaction>>,
    /// A command was refused, so errors of the commands pipelined after it do not count.
    refused: bool,
    failed: u32,
    failed_logins: u32,
    /// A message was read. Another server might take what follows for part of it, so a bad line end closes the connection.
    behind_body: bool,
    /// The last command, for metrics.
    verb: Option<&'static str>,
}

impl Session {
    /// A new connection, with implicit TLS if `secure`. Its first step is the greeting.
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

    /// Continues with what the client sent. Removes what it processed from the front of `input`.
    pub fn step(&mut self, input: &mut &[u8]) -> Step {
        loop {
            if let Some(step) = self.out.pop_front() {
                return step;
            }
            match std::mem::replace(&mut self.state, State::Closed) {
                State::Closed => return Step::Close,
                State::Asking(question) => {
                    // Nothing is processed before the answer.
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

    /// Takes the gate's answer to the last [`Step::Ask`].
    pub fn answer(&mut self, answer: Answer) {
        match std::mem::replace(&mut self.state, State::Command) {
            State::Asking(Question::Session(credentials)) => self.logged_in(credentials, answer),
            State::Asking(Question::Reverse(transaction)) => self.reverse_path_checked(transaction, answer),
            State::Asking(Question::Open(opening)) => self.opened(opening, answer),
            State::Asking(Question::Outcome) => self.outcome(answer),
            other => self.state = other,
        }
    }

    /// TLS has begun. Everything before it is forgotten (RFC 3207 section 4.2), except the counts of failures.
    pub fn secured(&mut self) {
        self.secure = true;
        self.lines = LineReader::default();
        self.state = State::Command;
        (self.helo, self.extended, self.user, self.transaction) = (None, false, None, None);
        (self.refused, self.behind_body) = (false, false);
    }

    /// Ends the connection with a reason. A message that has begun is aborted.
    pub fn end(&mut self, enhanced: &'static str, why: &'static str) {
        self.break_off();
        self.say(&Reply::new(421, enhanced, why));
        self.state = State::Closed;
    }

    /// What the session waits for.
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

    /// Whether the client has begun nothing that would be lost if the connection ended.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.transaction.is_none() && matches!(self.state, State::Command | State::Sasl(_)) && self.out.is_empty()
    }

    /// The command that was read last; `None` when called again.
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
            // The number of octets that follow is unknown, so nothing after it can be read as a command.
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

    /// RFC 2920 section 3.1. Before TLS an attacker may have inserted this input (RFC 3207 section 6).
    fn talked_too_early(&mut self) {
        self.last_word(&Reply::new(503, "5.5.1", "more was sent before this command was answered; wait for the reply"));
    }

    fn ask(&mut self, request: Request, question: Question) {
        self.out.push_back(Step::Ask(request));
        self.state = State::Asking(question);
    }

    /// Adds a reply.
    fn say(&mut self, reply: &Reply) {
        let utf8 = self.transaction.as_ref().is_some_and(|transaction| transaction.utf8);
        self.out.push_back(Step::Reply(reply.octets(utf8)));
    }

    /// Replies to a failed command. Too many of them end the connection.
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

    /// The same, but does not count the failure if the command was pipelined after a refused one.
    fn fail_behind(&mut self, reply: &Reply) {
        if self.refused { self.say(reply) } else { self.fail(reply) }
    }

    /// Replies and ends the connection.
    fn last_word(&mut self, reply: &Reply) {
        self.break_off();
        self.say(reply);
        self.state = State::Closed;
    }

    /// Ends the transaction and aborts its message.
    fn break_off(&mut self) {
        if self.transaction.take().is_some_and(|transaction| transaction.is_open()) {
            self.out.push_back(Step::Abort);
        }
    }
}

/// The SMTP reply for a refusal.
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
