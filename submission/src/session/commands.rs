//! What each command does.

use super::envelope::Transaction;
use super::message::Incoming;
use super::{Question, Session, State, refusal};
use crate::answer::{Answer, Refusal, Request};
use crate::auth::{Credentials, Exchange, Next};
use crate::command::Command;
use crate::parameter::MailParameters;
use crate::reply::Reply;
use crate::session::Step;

const OK: Reply = Reply::new(250, "2.0.0", "done");

const fn early(text: &'static str) -> Reply {
    Reply::new(503, "5.5.1", text)
}

impl Session {
    pub(super) fn obey(&mut self, command: Command) {
        match command {
            Command::Ehlo(name) => self.greet(name, true),
            Command::Helo(name) => self.greet(name, false),
            Command::StartTls => self.start_tls(),
            Command::Auth { mechanism, initial } => self.auth(&mechanism, initial.as_deref()),
            Command::Mail { path, parameters } => self.mail(path, &parameters),
            Command::Rcpt { path } => self.rcpt(path),
            Command::Data => self.data(),
            Command::Bdat { octets, last } => self.bdat(octets, last),
            Command::Rset => {
                self.break_off();
                self.refused = false;
                self.say(&OK);
            }
            Command::Noop => self.say(&OK),
            Command::Vrfy => self.say(&Reply::new(252, "2.1.5", "addresses are not looked up; send the message")),
            Command::Help => {
                self.say(&Reply::new(214, "2.0.0", "RFC 6409: EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA or BDAT, QUIT"))
            }
            Command::Quit => self.last_word(&Reply::new(221, "2.0.0", "goodbye")),
        }
    }

    fn greet(&mut self, name: Vec<u8>, extended: bool) {
        self.break_off();
        self.refused = false;
        (self.helo, self.extended) = (Some(name), extended);
        let mut text = self.terms.name.clone();
        if extended {
            let size = format!("SIZE {}", self.terms.max_message);
            let mut offered = vec![
                size.as_str(),
                "8BITMIME",
                "SMTPUTF8",
                "PIPELINING",
                "CHUNKING",
                "ENHANCEDSTATUSCODES",
                "MT-PRIORITY",
            ];
            if self.terms.starttls && !self.secure {
                offered.push("STARTTLS");
            }
            if self.may_log_in() {
                offered.push("AUTH PLAIN LOGIN");
            }
            for keyword in offered {
                text.push('\n');
                text.push_str(keyword);
            }
        }
        self.say(&Reply::plain(250, text));
    }

    /// AUTH needs TLS, except on loopback.
    const fn may_log_in(&self) -> bool {
        self.secure || self.client.is_loopback()
    }

    fn start_tls(&mut self) {
        if self.secure {
            self.fail(&early("TLS is on already"));
        } else if !self.terms.starttls {
            self.fail(&Reply::new(502, "5.5.1", "there is no certificate for STARTTLS"));
        } else if !self.extended {
            self.fail(&early("say EHLO first"));
        } else {
            self.break_off();
            self.say(&Reply::new(220, "2.0.0", "begin TLS"));
            self.out.push_back(Step::StartTls);
        }
    }

    fn auth(&mut self, mechanism: &[u8], initial: Option<&[u8]>) {
        if !self.extended {
            self.fail(&early("say EHLO first"));
        } else if !self.may_log_in() {
            self.fail(&Reply::new(538, "5.7.11", "begin TLS first: a password needs it"));
        } else if self.user.is_some() {
            self.fail(&early("you are logged in already"));
        } else if self.transaction.is_some() {
            self.fail(&early("not while a message is sent"));
        } else {
            self.exchanged(Exchange::begin(mechanism, initial));
        }
    }

    pub(super) fn exchanged(&mut self, next: Next) {
        match next {
            Next::Challenge(text, exchange) => {
                self.say(&Reply::plain(334, text));
                self.state = State::Sasl(exchange);
            }
            Next::Ask(credentials) => {
                let request = Request::Session { credentials: credentials.clone(), client: self.client };
                self.ask(request, Question::Session(credentials));
            }
            Next::Fail(reply) if reply.code == 535 => self.login_failed(&reply),
            Next::Fail(reply) => self.fail(&reply),
        }
    }

    pub(super) fn logged_in(&mut self, credentials: Credentials, answer: Answer) {
        match answer {
            Answer::Yes => {
                self.user = Some(credentials.user);
                self.say(&Reply::new(235, "2.7.0", "welcome"));
            }
            Answer::No(why @ (Refusal::WrongCredentials | Refusal::Inactive | Refusal::Limited(_))) => {
                self.login_failed(&refusal(why));
            }
            _ => self.say(&Reply::new(454, "4.7.0", "passwords cannot be checked at the moment; try again")),
        }
    }

    fn login_failed(&mut self, reply: &Reply) {
        self.failed_logins += 1;
        if self.failed_logins >= self.terms.max_failed_logins {
            self.say(reply);
            self.end("4.7.0", "too many failed logins; connect again");
        } else {
            self.fail(reply);
        }
    }

    fn mail(&mut self, path: Vec<u8>, parameters: &MailParameters) {
        if self.helo.is_none() {
            return self.fail(&early("say EHLO first"));
        }
        if self.transaction.is_some() {
            return self.fail(&early("a message is under way; RSET ends it"));
        }
        self.refused = true;
        if self.user.is_none() {
            return self.fail(&Reply::new(530, "5.7.0", "log in first"));
        }
        if parameters.size.is_some_and(|size| size > self.terms.max_message) {
            return self.fail(&self.too_large());
        }
        match Transaction::begin(path, parameters) {
            Ok(transaction) => {
                let Some(envelope) = self.envelope(&transaction) else { return };
                self.ask(Request::Check(envelope), Question::Reverse(Box::new(transaction)));
            }
            Err(reply) => self.fail(&reply),
        }
    }

    pub(super) fn reverse_path_checked(&mut self, transaction: Box<Transaction>, answer: Answer) {
        match answer {
            Answer::Yes => {
                self.refused = false;
                self.transaction = Some(transaction);
                self.say(&Reply::new(250, "2.1.0", "sender noted"));
            }
            Answer::No(why) => self.fail(&refusal(why)),
            Answer::Accepted(_) => self.fail(&refusal(Refusal::Away)),
        }
    }

    fn rcpt(&mut self, path: Vec<u8>) {
        let (most, most_octets) = (self.terms.max_recipients, self.terms.max_envelope);
        let reply = match self.transaction.as_mut() {
            None => return self.fail_behind(&early("say MAIL first")),
            Some(transaction) if transaction.incoming.is_some() => early("the message has begun; RSET ends it"),
            Some(transaction) => match transaction.add(path, most, most_octets) {
                Ok(()) => Reply::new(250, "2.1.5", "recipient noted"),
                Err(reply) => {
                    // A mailing may contain bad recipients, and the client may have sent DATA already.
                    self.refused = true;
                    return self.say(&reply);
                }
            },
        };
        if reply.is_failure() { self.fail(&reply) } else { self.say(&reply) }
    }

    /// Why no message can begin now.
    pub(super) fn no_message_yet(&self) -> Option<Reply> {
        match &self.transaction {
            None => Some(early("say MAIL first")),
            Some(transaction) if transaction.to.is_empty() => Some(early("there is no recipient; say RCPT first")),
            Some(_) => None,
        }
    }

    fn data(&mut self) {
        if let Some(reply) = self.no_message_yet() {
            return self.fail_behind(&reply);
        }
        let begun = self.transaction.as_ref().is_some_and(|transaction| transaction.incoming.is_some());
        if begun { self.fail(&early("the message has begun with BDAT; go on with it")) } else { self.open_for_data() }
    }

    pub(super) fn too_large(&self) -> Reply {
        Reply::with(552, "5.3.4", format!("the message is larger than {} octets", self.terms.max_message))
    }

    /// The message begins.
    pub(super) fn receive(&mut self, incoming: Incoming) {
        if let Some(transaction) = self.transaction.as_mut() {
            transaction.incoming = Some(incoming);
        }
    }
}
