//! The clock of a connection.

use std::time::Duration;

use tokio::time::Instant;

use crate::limits::Patience;
use crate::session::Waiting;

/// When the time limit ends, and the text of the reply.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    pub(super) at: Instant,
    pub(super) why: &'static str,
}

/// The clock of one connection. It does not count the time that the gate takes.
#[derive(Debug)]
pub(super) struct Pace {
    patience: Patience,
    connected: Instant,
    replied: Instant,
    message: Option<Instant>,
    /// The time spent waiting for the message since `slow_octets` last arrived, and the octets since then.
    waited: Duration,
    octets: usize,
}

impl Pace {
    pub(super) fn new(patience: Patience) -> Self {
        let now = Instant::now();
        Self { patience, connected: now, replied: now, message: None, waited: Duration::ZERO, octets: 0 }
    }

    /// Restarts the time for EHLO, after STARTTLS.
    pub(super) fn begin_greeting(&mut self) {
        self.connected = Instant::now();
    }

    /// Restarts the time for the next command.
    pub(super) fn replied(&mut self) {
        self.replied = Instant::now();
    }

    pub(super) fn deadline(&mut self, waiting: Waiting) -> Deadline {
        let now = Instant::now();
        if waiting != Waiting::Message {
            self.message = None;
            (self.waited, self.octets) = (Duration::ZERO, 0);
        }
        match waiting {
            Waiting::Greeting => Deadline { at: self.connected + self.patience.greeting, why: "no EHLO in time" },
            Waiting::Command => Deadline { at: self.replied + self.patience.command, why: "no command in time" },
            Waiting::Message => {
                let whole = *self.message.get_or_insert(now) + self.patience.message;
                let slow = now + self.patience.slow.saturating_sub(self.waited);
                if slow < whole {
                    Deadline { at: slow, why: "the message comes too slowly" }
                } else {
                    Deadline { at: whole, why: "the message did not come in whole in time" }
                }
            }
        }
    }

    pub(super) fn received(&mut self, waiting: Waiting, octets: usize, waited: Duration) {
        if waiting != Waiting::Message {
            return;
        }
        self.octets += octets;
        self.waited += waited;
        if self.octets >= self.patience.slow_octets {
            (self.waited, self.octets) = (Duration::ZERO, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_trickles() {
        let mut pace = Pace::new(Patience::default());
        let left =
            |pace: &mut Pace| pace.deadline(Waiting::Message).at.duration_since(Instant::now()).as_secs_f32().round();
        assert!((left(&mut pace) - 30.0).abs() < 0.1);
        pace.received(Waiting::Message, 1_000, Duration::from_secs(20));
        assert!((left(&mut pace) - 10.0).abs() < 0.1);
        pace.received(Waiting::Message, 23, Duration::from_secs(9));
        assert!((left(&mut pace) - 1.0).abs() < 0.1);
        pace.received(Waiting::Message, 1, Duration::ZERO);
        assert!((left(&mut pace) - 30.0).abs() < 0.1);
    }
}
