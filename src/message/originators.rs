//! Reads the originator fields with two readers: the strict one of this crate, and `mail-parser`.

use super::HeaderSection;
use super::header::{Field, FieldKind};
use super::second_reader::{Second, second_reading};
use crate::address::{
    FoundAddress, Identities, Identity, MailboxProblem, MailboxReading, plain_address, read_mailboxes, read_plain,
};
use crate::diagnostic::Reason;

/// What is known of one originator field, or of an identity that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldReading {
    /// Which identity it is.
    pub identity: Identity,
    /// Which occurrence of the field, from 0; fields whose name is obscured are counted too.
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
    let mut readings = Vec::with_capacity(4);
    for_each_originator(section, Identities::ALL, &mut |identity, field, read| {
        let reading = match read {
            Read::Plain(_, field) => read_field(identity, field),
            Read::Any(reading) => reading,
        };
        readings.push(FieldReading { identity, field, reading });
    });
    readings
}

/// An originator field on its way to be read.
pub(crate) enum Read<'s, 'a> {
    /// What stands where the address of a plain field is. Where it is short and plain too, it is what both readers find;
    /// where it is not, [`read_field`] says what they find.
    Plain(&'a [u8], &'s Field<'a>),
    /// Whatever it is.
    Any(Reading),
}

type Visitor<'v, 's, 'a> = &'v mut dyn FnMut(Identity, usize, Read<'s, 'a>);

/// [`read_originators`], one by one, for the identities that are wanted.
pub(crate) fn for_each_originator<'s, 'a>(
    section: &'s HeaderSection<'a>,
    wanted: Identities,
    visit: Visitor<'_, 's, 'a>,
) {
    for identity in [Identity::From, Identity::Sender, Identity::ResentFrom, Identity::ResentSender] {
        if wanted.contains(identity) {
            read_identity(section, identity, visit);
        }
    }
}

fn read_identity<'s, 'a>(section: &'s HeaderSection<'a>, identity: Identity, visit: Visitor<'_, 's, 'a>) {
    let occurrences = || {
        let fields = section.fields.iter();
        fields.filter(move |field| match field.kind {
            FieldKind::Originator(other) | FieldKind::Obscured(other) => other == identity,
            FieldKind::Priority(_) | FieldKind::Other => false,
        })
    };
    let is_plain = |field: &&Field<'_>| matches!(field.kind, FieldKind::Originator(_));
    // Only one of each may stand in a message (RFC 5322 section 3.6); each resent block has its own.
    let repeated = match identity {
        Identity::From => Some(Reason::FromRepeated),
        Identity::Sender => Some(Reason::SenderRepeated),
        Identity::MailFrom | Identity::ResentFrom | Identity::ResentSender => None,
    };
    let repeated = repeated.filter(|_| occurrences().filter(is_plain).nth(1).is_some());
    let (mut found, mut plain) = (false, 0);
    for (at, field) in occurrences().enumerate() {
        let is_plain = is_plain(&field);
        plain += usize::from(is_plain);
        let reading = match repeated {
            Some(_) if is_plain && plain != 2 => continue,
            Some(reason) if is_plain => {
                let all = occurrences().filter(|field| matches!(field.kind, FieldKind::Originator(_)));
                Read::Any(Reading::Ambiguous(reason, all.flat_map(candidates).collect()))
            }
            _ if is_plain => match plain_address(field.body) {
                Some(address) => Read::Plain(address, field),
                None => Read::Any(read_field(identity, field)),
            },
            _ => Read::Any(Reading::Ambiguous(Reason::FieldObscured, candidates(field))),
        };
        found = true;
        visit(identity, at, reading);
    }
    if identity == Identity::From && !found {
        visit(identity, 0, Read::Any(Reading::Ambiguous(Reason::FromMissing, Vec::new())));
    }
}

/// One field, whose name says what it is.
#[cold]
pub(crate) fn read_field(identity: Identity, field: &Field<'_>) -> Reading {
    if let Some(found) = read_plain(field.body) {
        return Reading::Agreed(vec![found]);
    }
    let MailboxReading { addresses, mailboxes, problem } = read_mailboxes(field.body);
    let takes_one = matches!(identity, Identity::Sender | Identity::ResentSender);
    let reason = match problem {
        Some(problem) => reason_of(problem),
        None if takes_one && mailboxes > 1 => Reason::SeveralMailboxes,
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

/// Every address that some reader would take from the field.
fn candidates(field: &Field<'_>) -> Vec<FoundAddress> {
    with_second(field, read_mailboxes(field.body).addresses)
}

fn with_second(field: &Field<'_>, addresses: Vec<FoundAddress>) -> Vec<FoundAddress> {
    match second_reading(field, &addresses) {
        Second::Other(more) => union(addresses, more),
        Second::Same | Second::Refused => addresses,
    }
}

fn union(mut addresses: Vec<FoundAddress>, more: Vec<FoundAddress>) -> Vec<FoundAddress> {
    addresses.extend(more);
    addresses
}

const fn reason_of(problem: MailboxProblem) -> Reason {
    match problem {
        MailboxProblem::SourceRoute => Reason::SourceRoute,
        MailboxProblem::EncodedWord => Reason::EncodedWordAddress,
        MailboxProblem::Unbalanced => Reason::Unbalanced,
        MailboxProblem::Group => Reason::GroupSyntax,
        MailboxProblem::InvalidUtf8 => Reason::InvalidUtf8,
        MailboxProblem::StrayText => Reason::StrayText,
        MailboxProblem::Address => Reason::InvalidAddress,
        MailboxProblem::NoAddress => Reason::NoAddress,
        MailboxProblem::QuotedAt => Reason::QuotedAt,
        MailboxProblem::LineBreak => Reason::LineBreakInside,
    }
}
