//! The limits for one client.

use std::time::Duration;

use crate::line::LineLimits;

/// What the door offers to a client, and the limits of it.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The door's name, for the greeting.
    pub name: String,
    /// Whether there is a certificate.
    pub starttls: bool,
    /// Octets of a message.
    pub max_message: u64,
    /// Octets of a command line, CRLF included.
    pub max_line: usize,
    /// Octets of a line of AUTH.
    pub max_auth_line: usize,
    /// Recipients of a message.
    pub max_recipients: usize,
    /// Octets of an envelope in JSON, as the gate receives it.
    pub max_envelope: usize,
    /// Failed commands of a connection.
    pub max_failed: u32,
    /// Failed logins of a connection.
    pub max_failed_logins: u32,
    /// Octets of a message that are passed on at a time.
    pub piece: usize,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            name: "localhost".to_owned(),
            starttls: false,
            max_message: 26_214_400,
            max_line: 4_096,
            max_auth_line: 12_288,
            max_recipients: 1_000,
            max_envelope: 65_536,
            max_failed: 10,
            max_failed_logins: 3,
            piece: 16_384,
        }
    }
}

impl Terms {
    pub(crate) const fn lines(&self) -> LineLimits {
        LineLimits { command: self.max_line, auth: self.max_auth_line }
    }
}

/// The time limits for a client.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// From the connection to EHLO.
    pub greeting: Duration,
    /// From a reply to the next command.
    pub command: Duration,
    /// For a message.
    pub message: Duration,
    /// Within this time `slow_octets` of a message must arrive.
    pub slow: Duration,
    /// See `slow`.
    pub slow_octets: usize,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            greeting: Duration::from_secs(30),
            command: Duration::from_mins(5),
            message: Duration::from_mins(10),
            slow: Duration::from_secs(30),
            slow_octets: 1_024,
        }
    }
}
