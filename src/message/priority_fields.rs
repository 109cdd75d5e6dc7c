//! The fields by which a message states its own priority.

use super::HeaderSection;
use crate::priority::Level;

/// Where a level came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PrioritySource {
    /// The user's own setting.
    User,
    /// The envelope's MT-PRIORITY (RFC 6710).
    MtPriority,
    /// The `X-Priority` field.
    XPriority,
    /// The `Priority` field (RFC 2156).
    Priority,
    /// The `Importance` field (RFC 2156).
    Importance,
    /// The `X-MSMail-Priority` field.
    XMsMailPriority,
}

/// What the fields of a message ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PriorityFields {
    /// The first valid one, in the order of [`PrioritySource`].
    pub asked: Option<(PrioritySource, Level)>,
    /// Two fields point in different directions, or one is repeated.
    pub conflict: bool,
}

/// Reads the priority fields of a section.
#[must_use]
pub fn read_priority_fields(section: &HeaderSection<'_>) -> PriorityFields {
    let _ = section;
    todo!()
}
