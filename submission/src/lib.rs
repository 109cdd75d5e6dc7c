//! The SMTP door: a message submission server (RFC 6409) before the edge gate.
//!
//! The gate decides, the door translates between SMTP on one side, the gate's HTTP on the other. It has no state except its
//! service token, and contains no rule about mail. [`session`] is the protocol as a state machine without IO.

pub mod answer;
pub mod auth;
mod command;
pub mod connection;
pub mod data;
pub mod gate;
pub mod limits;
mod line;
pub mod listener;
mod log;
pub mod metrics;
#[cfg(test)]
mod oracle;
mod parameter;
pub mod reply;
pub mod run;
pub mod session;
pub mod settings;
pub mod tls;
