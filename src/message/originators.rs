//! Reads the originator fields with two readers: the strict one of this crate, and `mail-parser`.

use super::HeaderSection;
use crate::address::{FoundAddress, Identity};
use crate::diagnostic::Reason;

/// What is known of one originator field, or of an identity that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldReading {
    /// Which identity it is.
    pub identity: Identity,
    /// Which occurrence of the field, from 0.
    pub field: usize,
    /// What it holds.
    pub reading: Reading,
}

/// What the two readers make of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Both find the same addresses.
    Agreed(Vec<FoundAddress>),
    /// They find different ones; these are all of them. Ambiguous unless every one is authorized.
    Differing(Vec<FoundAddress>),
    /// Nobody can say for sure; these are the addresses that some reader would take.
    Ambiguous(Reason, Vec<FoundAddress>),
}

/// Every originator field of the section, in the order of [`Identity::ALL`], then of the message.
#[must_use]
pub fn read_originators(section: &HeaderSection<'_>) -> Vec<FieldReading> {
    let _ = section;
    todo!()
}
