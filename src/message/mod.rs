//! The header section of a message: its fields, who they name as senders, what priority they ask for.

mod header;
mod originators;
mod priority_fields;
mod second_reader;

pub(crate) use header::split_known;
pub use header::{Field, FieldKind, HeaderSection, MAX_HEADER_BYTES, Malformed, split_header};
pub(crate) use originators::originators;
pub use originators::{FieldReading, Reading, read_originators};
pub use priority_fields::read_priority_fields;
