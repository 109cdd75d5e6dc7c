//! Reads the originator fields with two readers: our strict one and `mail-parser`.

use super::HeaderSection;
use super::field_names::FieldKind;
use super::header::Field;
use super::second_reader::{Second, second_reading};
use crate::address::{
    FoundAddress, Identities, Identity, MAX_FIELD_OCTETS, MailboxReading, plain_address, read_mailboxes, read_plain,
};
use crate::diagnostic::Reason;

/// The reading of one originator field, or of an identity that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldReading {
    /// The identity.
    pub identity: Identity,
    /// The number of the field among those of its identity, from 0. Fields with an obscured name count too.
    pub field: usize,
    /// What the readers found.
    pub reading: Reading,
}

/// What the two readers found in a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Both found the same addresses.
    Agreed(Vec<FoundAddress>),
    /// They found different addresses; these are all of them. Ambiguous, unless every one is authorized.
    Differing(Vec<FoundAddress>),
    /// The field is ambiguous; these are the addresses that some program would find.
    Ambiguous(Reason, Vec<FoundAddress>),
}

/// Reads every originator field of the section, in the order of [`Identity::ALL`], then of the message.
///
/// Several `From` or `Sender` fields give one reading, at the second of them, with the addresses of all.
///
/// ```
/// use sendergate::address::Identity;
/// use sendergate::message::{Reading, read_originators, split_header};
/// let section = split_header(b"From: Info <info@a.example>\r\nSender: jo@a.example\r\n\r\n", false);
/// let readings = read_originators(&section);
/// assert_eq!((readings[0].identity, readings[1].identity), (Identity::From, Identity::Sender));
/// assert!(matches!(&readings[0].reading, Reading::Agreed(found) if found[0].text == "info@a.example"));
/// ```
#[must_use]
pub fn read_originators(section: &HeaderSection<'_>) -> Vec<FieldReading> {
    let read = |found: Originator<'_, '_>| FieldReading {
        identity: found.identity,
        field: found.field,
        reading: found.read(),
    };
    originators(section, Identities::USUAL).map(read).collect()
}

/// An originator field that is not read yet, or several that should be one.
#[derive(Clone, Copy)]
pub(crate) struct Originator<'s, 'a> {
    pub(crate) identity: Identity,
    /// The number of the field among those of its identity, from 0.
    pub(crate) field: usize,
    section: &'s HeaderSection<'a>,
    occurrence: Occurrence<'s, 'a>,
}

#[derive(Clone, Copy)]
enum Occurrence<'s, 'a> {
    /// A field with a plain name, as often as it may occur.
    Field(&'s Field<'a>),
    /// A field whose name some programs mistake for it.
    Obscured(&'s Field<'a>),
    /// A field that occurs too often.
    Repeated(Reason),
    Missing,
}

/// The originator fields of the `wanted` identities, in the order of [`Identity::ALL`], then of the message.
pub(crate) fn originators<'s, 'a>(section: &'s HeaderSection<'a>, wanted: Identities) -> Originators<'s, 'a> {
    let mut present = Identities::NONE;
    let mut stands_in = false;
    for field in &section.fields {
        if let Some(identity) = identity_of(field) {
            present = present.with(identity);
            stands_in |= identity == Identity::From && !matches!(field.kind, FieldKind::Beside(_));
        }
    }
    Originators { section, wanted, present, lacks_from: !stands_in, place: 0, at: 0, field: 0, named: 0 }
}

/// See [`originators`].
pub(crate) struct Originators<'s, 'a> {
    section: &'s HeaderSection<'a>,
    wanted: Identities,
    /// The identities that have a field.
    present: Identities,
    /// There is no `From` field, and none that could be mistaken for it.
    lacks_from: bool,
    /// The current place: an index into the identities, and one into the fields of the section.
    place: usize,
    at: usize,
    /// The number of fields of this identity so far, and of those with a plain name.
    field: usize,
    named: usize,
}

impl<'s, 'a> Iterator for Originators<'s, 'a> {
    type Item = Originator<'s, 'a>;

    #[inline(never)]
    fn next(&mut self) -> Option<Originator<'s, 'a>> {
        const ORDER: [Identity; 4] = [Identity::From, Identity::Sender, Identity::ResentFrom, Identity::ResentSender];
        let section = self.section;
        loop {
            let identity = *ORDER.get(self.place)?;
            if self.wanted.contains(identity) && self.present.contains(identity) {
                while let Some(field) = section.fields.get(self.at) {
                    self.at += 1;
                    if identity_of(field) == Some(identity) {
                        let at = self.field;
                        self.field += 1;
                        if let Some(occurrence) = self.meet(identity, field) {
                            return Some(Originator { identity, field: at, section, occurrence });
                        }
                    }
                }
            }
            let is_missing = identity == Identity::From && self.wanted.contains(identity) && self.lacks_from;
            (self.place, self.at, self.field, self.named) = (self.place + 1, 0, 0, 0);
            if is_missing {
                return Some(Originator { identity, field: 0, section, occurrence: Occurrence::Missing });
            }
        }
    }
}

impl<'s, 'a> Originators<'s, 'a> {
    /// `From` and `Sender` may occur once (RFC 5322 section 3.6). Each resent block has its own fields.
    fn meet(&mut self, identity: Identity, field: &'s Field<'a>) -> Option<Occurrence<'s, 'a>> {
        match field.kind {
            FieldKind::Originator(_) => {}
            FieldKind::Beside(_) => return Some(Occurrence::Field(field)),
            _ => return Some(Occurrence::Obscured(field)),
        }
        let reason = match identity {
            Identity::From => Reason::FromRepeated,
            Identity::Sender => Reason::SenderRepeated,
            _ => return Some(Occurrence::Field(field)),
        };
        self.named += 1;
        let more = self.section.fields.get(self.at..).unwrap_or_default();
        match self.named {
            1 if more.iter().any(|field| field.kind == FieldKind::Originator(identity)) => None,
            1 => Some(Occurrence::Field(field)),
            2 => Some(Occurrence::Repeated(reason)),
            _ => None,
        }
    }
}

/// The identity that a field names, or could be mistaken for.
const fn identity_of(field: &Field<'_>) -> Option<Identity> {
    match field.kind {
        FieldKind::Originator(identity) | FieldKind::Beside(identity) | FieldKind::Obscured(identity) => Some(identity),
        FieldKind::Priority(_) | FieldKind::Signature | FieldKind::Other => None,
    }
}

impl<'a> Originator<'_, 'a> {
    /// The text at the place of the address in a plain field. If it is short and plain too, both readers find this
    /// address. If not, [`Self::read`] says what they find.
    pub(crate) fn plain_address(&self) -> Option<&'a [u8]> {
        match self.occurrence {
            Occurrence::Field(field) => plain_address(field.body),
            _ => None,
        }
    }

    /// Reads the field with both readers.
    #[cold]
    pub(crate) fn read(&self) -> Reading {
        match self.occurrence {
            Occurrence::Field(field) => read_field(self.identity, field, self.section),
            Occurrence::Obscured(field) => Reading::Ambiguous(Reason::FieldObscured, candidates(field)),
            Occurrence::Missing => Reading::Ambiguous(Reason::FromMissing, Vec::new()),
            Occurrence::Repeated(reason) => {
                let mut all = Vec::new();
                let kind = FieldKind::Originator(self.identity);
                for field in self.section.fields.iter().filter(|field| field.kind == kind) {
                    all.extend(candidates(field));
                }
                Reading::Ambiguous(reason, all)
            }
        }
    }

    /// The body of the field, if it has a plain name and occurs as often as it may.
    pub(crate) const fn body(&self) -> Option<&'a [u8]> {
        match self.occurrence {
            Occurrence::Field(field) => Some(field.body),
            _ => None,
        }
    }

    /// Whether mail programs show its display-name as the sender.
    pub(crate) const fn may_have_name(&self) -> bool {
        matches!(self.identity, Identity::From | Identity::Sender)
    }
}

/// Reads one field with a plain name.
fn read_field(identity: Identity, field: &Field<'_>, section: &HeaderSection<'_>) -> Reading {
    if let Some(found) = read_plain(field.body) {
        return Reading::Agreed(vec![found]);
    }
    let MailboxReading { addresses, mailboxes, problem, loose } = read_mailboxes(field.body);
    let takes_one = matches!(identity, Identity::Sender | Identity::ResentSender);
    let is_signed = || section.fields.iter().any(|field| field.kind == FieldKind::Signature);
    let reason = match problem {
        Some(problem) => problem.reason(),
        None if takes_one && mailboxes > 1 => Reason::SeveralMailboxes,
        // The name must be corrected, which would break a signature.
        None if loose.is_some() && is_signed() => Reason::SignedLooseName,
        None => {
            return match second_reading(field, &addresses) {
                Second::Same => Reading::Agreed(addresses),
                Second::Other(more) => Reading::Differing(union(addresses, more)),
                Second::Refused => Reading::Ambiguous(Reason::ReadersDisagree, addresses),
            };
        }
    };
    Reading::Ambiguous(reason, with_second(field, addresses))
}

/// Every address that some program would find in the field.
fn candidates(field: &Field<'_>) -> Vec<FoundAddress> {
    with_second(field, read_mailboxes(field.body).addresses)
}

fn with_second(field: &Field<'_>, addresses: Vec<FoundAddress>) -> Vec<FoundAddress> {
    if field.body.len() > MAX_FIELD_OCTETS {
        return addresses;
    }
    match second_reading(field, &addresses) {
        Second::Other(more) => union(addresses, more),
        Second::Same | Second::Refused => addresses,
    }
}

fn union(mut addresses: Vec<FoundAddress>, more: Vec<FoundAddress>) -> Vec<FoundAddress> {
    addresses.extend(more);
    addresses
}
