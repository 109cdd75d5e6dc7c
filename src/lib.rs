//! sendergate: decides whether a message may leave under a sender's name.
//!
//! Text typed into a form becomes entries ([`list`]), entries become a policy ([`policy`]), the header
//! section of a message becomes identities and a level ([`message`]), and a policy asked about a message
//! gives a decision ([`decision`]). Nothing here knows JavaScript unless the feature `wasm` is on.

pub mod address;
pub mod decision;
pub mod diagnostic;
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

/// The version of the engine, as it is written into decisions that are kept.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

// The Rust of the README is compiled and run with the other examples.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
