//! sendergate decides whether a message may use a sender's name.
//!
//! [`list`] reads typed text as entries. [`policy`] compiles entries into a policy. [`message`] reads the header
//! section of a message: its originator fields and its priority. [`decision`] applies a policy to a message. Only the
//! feature `wasm` adds JavaScript bindings.

pub mod address;
pub mod decision;
pub mod diagnostic;
mod index;
pub mod list;
pub mod message;
mod named;
mod order;
pub mod policy;
pub mod priority;
#[cfg(feature = "serde")]
mod shapes;
pub mod user;
#[cfg(feature = "wasm")]
mod wasm;

pub use named::UnknownName;

/// The version of the engine, for logs of decisions.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

// Compiles and runs the Rust examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
