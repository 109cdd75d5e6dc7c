//! The options. Each can also be set by an environment variable.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use crate::limits::{Patience, Terms};

/// The SMTP door: a message submission server (RFC 6409) that asks a sendergate edge gate about every message.
///
/// The service token, made by the gate's administrator, is read from `SENDERGATE_SERVICE_TOKEN` or from a file.
#[derive(Clone, Debug, Parser)]
#[command(version, name = "sendergate-submission")]
pub struct Settings {
    /// The gate, such as https://gate.example
    #[arg(long, value_name = "URL", env = "SENDERGATE_GATE")]
    pub gate: String,
    /// A file that holds the service token and nothing else
    #[arg(long, value_name = "FILE", env = "SENDERGATE_TOKEN_FILE")]
    pub token_file: Option<PathBuf>,
    /// Where to listen, with STARTTLS if there is a certificate [default: 127.0.0.1:2587]
    #[arg(long, value_name = "ADDR:PORT", env = "SENDERGATE_LISTEN", num_args = 1.., value_delimiter = ',')]
    pub listen: Vec<SocketAddr>,
    /// Where to listen with implicit TLS
    #[arg(long, value_name = "ADDR:PORT", env = "SENDERGATE_LISTEN_TLS", num_args = 1.., value_delimiter = ',')]
    pub listen_tls: Vec<SocketAddr>,
    /// The certificate with its intermediate certificates, in PEM; read again when it changes
    #[arg(long, value_name = "FILE", env = "SENDERGATE_CERT", requires = "key")]
    pub cert: Option<PathBuf>,
    /// Its private key, in PEM
    #[arg(long, value_name = "FILE", env = "SENDERGATE_KEY", requires = "cert")]
    pub key: Option<PathBuf>,
    /// Make certificate and key if the files are missing, for tests on this machine; mail programs will warn about them
    #[arg(long, env = "SENDERGATE_SELF_SIGNED", requires = "cert")]
    pub self_signed: bool,
    /// The name of this server in its greeting [default: the name of this machine]
    #[arg(long, env = "SENDERGATE_NAME", value_parser = host_name)]
    pub name: Option<String>,
    /// Where to serve /metrics (Prometheus) and /healthz; nowhere unless given
    #[arg(long, value_name = "ADDR:PORT", env = "SENDERGATE_METRICS")]
    pub metrics: Option<SocketAddr>,
    /// Connections at a time
    #[arg(long, env = "SENDERGATE_MAX_CONNECTIONS", default_value_t = 2_000, help_heading = "Limits")]
    pub max_connections: usize,
    /// Connections at a time from one address (of IPv6: from one /64)
    #[arg(long, env = "SENDERGATE_MAX_CONNECTIONS_PER_ADDRESS", default_value_t = 50, help_heading = "Limits")]
    pub max_connections_per_address: usize,
    /// Octets of a message; the gate has its own limit
    #[arg(long, env = "SENDERGATE_MAX_MESSAGE", default_value_t = 26_214_400, help_heading = "Limits")]
    pub max_message: u64,
    /// Octets of a message that are held in memory at a time
    #[arg(long, env = "SENDERGATE_WINDOW", default_value_t = 65_536, value_parser = window, help_heading = "Limits")]
    pub window: usize,
    /// Recipients of a message
    #[arg(long, env = "SENDERGATE_MAX_RECIPIENTS", default_value_t = 1_000, help_heading = "Limits")]
    pub max_recipients: usize,
    /// Octets of an envelope, in JSON
    #[arg(long, env = "SENDERGATE_MAX_ENVELOPE", default_value_t = 65_536, help_heading = "Limits")]
    pub max_envelope: usize,
    /// Octets of a command line
    #[arg(long, env = "SENDERGATE_MAX_LINE", default_value_t = 4_096, help_heading = "Limits")]
    pub max_line: usize,
    /// Octets of a line of AUTH
    #[arg(long, env = "SENDERGATE_MAX_AUTH_LINE", default_value_t = 12_288, help_heading = "Limits")]
    pub max_auth_line: usize,
    /// Failed commands, after which a connection is closed
    #[arg(long, env = "SENDERGATE_MAX_FAILED_COMMANDS", default_value_t = 10, help_heading = "Limits")]
    pub max_failed_commands: u32,
    /// Failed logins, after which a connection is closed
    #[arg(long, env = "SENDERGATE_MAX_FAILED_LOGINS", default_value_t = 3, help_heading = "Limits")]
    pub max_failed_logins: u32,
    /// Seconds until EHLO
    #[arg(long, env = "SENDERGATE_GREETING_SECONDS", default_value_t = 30, help_heading = "Limits")]
    pub greeting_seconds: u64,
    /// Seconds until a command
    #[arg(long, env = "SENDERGATE_COMMAND_SECONDS", default_value_t = 300, help_heading = "Limits")]
    pub command_seconds: u64,
    /// Seconds for a message
    #[arg(long, env = "SENDERGATE_MESSAGE_SECONDS", default_value_t = 600, help_heading = "Limits")]
    pub message_seconds: u64,
    /// Octets of a message that must come within --slow-seconds
    #[arg(long, env = "SENDERGATE_SLOW_OCTETS", default_value_t = 1_024, help_heading = "Limits")]
    pub slow_octets: usize,
    /// Seconds within which --slow-octets of a message must come
    #[arg(long, env = "SENDERGATE_SLOW_SECONDS", default_value_t = 30, help_heading = "Limits")]
    pub slow_seconds: u64,
    /// Seconds that the gate has for an answer
    #[arg(long, env = "SENDERGATE_GATE_SECONDS", default_value_t = 60, help_heading = "Limits")]
    pub gate_seconds: u64,
    /// Seconds that messages under way have after SIGTERM
    #[arg(long, env = "SENDERGATE_DRAIN_SECONDS", default_value_t = 30, help_heading = "Limits")]
    pub drain_seconds: u64,
}

fn host_name(text: &str) -> Result<String, String> {
    let plain = (1..=255).contains(&text.len())
        && text.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"-._[]:".contains(&octet));
    if plain { Ok(text.to_owned()) } else { Err("a domain name, such as smtp.example.com".to_owned()) }
}

/// hyper needs 8 KiB, half of it.
fn window(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|window| (16_384..=16_777_216).contains(window))
        .ok_or_else(|| "a number of octets from 16384 to 16777216".to_owned())
}

impl Settings {
    /// The addresses without implicit TLS. The default applies only if no address of either kind is given.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        if self.listen.is_empty() && self.listen_tls.is_empty() {
            vec![SocketAddr::from(([127, 0, 0, 1], 2587))]
        } else {
            self.listen.clone()
        }
    }

    /// # Errors
    /// The token is missing, unreadable or malformed.
    pub fn token(&self) -> Result<String, String> {
        let given = std::env::var("SENDERGATE_SERVICE_TOKEN").ok().filter(|token| !token.is_empty());
        let token = match (given, &self.token_file) {
            (_, Some(file)) => std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?,
            (Some(token), None) => token,
            (None, None) => {
                return Err("the service token is missing: SENDERGATE_SERVICE_TOKEN, or --token-file FILE".to_owned());
            }
        };
        let token = token.trim();
        if token.is_empty() || !token.bytes().all(|octet| octet.is_ascii_graphic()) {
            return Err("the service token is one word of ASCII; the gate shows it once, when it is made".to_owned());
        }
        Ok(token.to_owned())
    }

    /// What is offered to a client.
    #[must_use]
    pub fn terms(&self, name: String) -> Terms {
        Terms {
            name,
            starttls: self.cert.is_some(),
            max_message: self.max_message,
            max_line: self.max_line,
            max_auth_line: self.max_auth_line,
            max_recipients: self.max_recipients,
            max_envelope: self.max_envelope,
            max_failed: self.max_failed_commands,
            max_failed_logins: self.max_failed_logins,
            // The rest of the window: one such piece in the read buffer, two between session and HTTP client, and half a window in the client.
            piece: self.window / 8,
        }
    }

    /// The time limits for a client.
    #[must_use]
    pub const fn patience(&self) -> Patience {
        Patience {
            greeting: Duration::from_secs(self.greeting_seconds),
            command: Duration::from_secs(self.command_seconds),
            message: Duration::from_secs(self.message_seconds),
            slow: Duration::from_secs(self.slow_seconds),
            slow_octets: self.slow_octets,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn every_option_has_a_variable_of_its_name() {
        Settings::command().debug_assert();
        for argument in Settings::command()
            .get_arguments()
            .filter(|argument| !matches!(argument.get_id().as_str(), "help" | "version"))
        {
            let expected = format!("SENDERGATE_{}", argument.get_id().as_str().to_ascii_uppercase());
            assert_eq!(argument.get_env().map(|name| name.to_string_lossy().into_owned()), Some(expected));
        }
    }

    #[test]
    fn several_addresses() {
        let read = |more: &[&str]| Settings::try_parse_from([&["door", "--gate", "http://localhost"], more].concat());
        let given = read(&[
            "--listen",
            "127.0.0.1:25",
            "[::1]:587",
            "--listen",
            "127.0.0.1:2525",
            "--listen-tls",
            "127.0.0.1:465",
        ])
        .unwrap();
        assert_eq!((given.addresses().len(), given.listen_tls.len()), (3, 1));
        assert_eq!(read(&[]).unwrap().addresses().len(), 1);
        assert!(read(&["--listen-tls", "127.0.0.1:465"]).unwrap().addresses().is_empty());
        assert!(
            read(&["--cert", "x"]).is_err() && read(&["--window", "1"]).is_err() && read(&["--name", "a b"]).is_err()
        );
    }
}
