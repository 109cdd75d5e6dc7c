//! The header section of a message: its fields, the senders that they name, and the priority that they ask for.

mod authserv;
mod completion;
mod edits;
mod facts;
mod field_names;
mod header;
mod lines;
mod originators;
mod priority_fields;
mod second_reader;

pub use completion::{Completion, CompletionError};
pub use edits::{HeaderEdit, apply_edits, header_edits};
pub use facts::{HeaderFacts, header_facts};
#[cfg(feature = "wasm")]
pub(crate) use facts::{Piece, read_facts, shown};
pub use field_names::FieldKind;
pub(crate) use header::split_known;
pub use header::{Field, HeaderSection, MAX_HEADER_BYTES, Malformed, split_header};
pub(crate) use originators::originators;
pub use originators::{FieldReading, Reading, read_originators};
pub use priority_fields::read_priority_fields;
