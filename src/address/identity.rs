//! The places of a submission that name a sender.

use crate::named::named;

/// A place in a submission that names a sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[non_exhaustive]
pub enum Identity {
    /// The reverse-path of the envelope (RFC 5321 section 4.1.1.2).
    MailFrom,
    /// The author (RFC 5322 section 3.6.2).
    From,
    /// The agent that sends for the author (RFC 5322 section 3.6.2).
    Sender,
    /// The author of a resent block (RFC 5322 section 3.6.6).
    ResentFrom,
    /// The agent of a resent block (RFC 5322 section 3.6.6).
    ResentSender,
    /// Addresses in the display-names of `From` and `Sender`, which people read.
    DisplayName,
}

impl Identity {
    /// All identities, in the order that decides ties.
    pub const ALL: [Self; 6] =
        [Self::MailFrom, Self::From, Self::Sender, Self::ResentFrom, Self::ResentSender, Self::DisplayName];

    /// The name in JSON and in messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MailFrom => "mail-from",
            Self::From => "from",
            Self::Sender => "sender",
            Self::ResentFrom => "resent-from",
            Self::ResentSender => "resent-sender",
            Self::DisplayName => "display-name",
        }
    }
}

named!(Identity: "identity");

/// A set of identities. The set of a policy is never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identities(u8);

impl Identities {
    /// The default of a policy: all except `display-name`.
    pub const USUAL: Self = Self(0b1_1111);
    /// The empty set: no identity was checked.
    pub(crate) const NONE: Self = Self(0);

    /// A set of `identities`; `None` if there are none, because a policy without identities would authorize everything.
    #[must_use]
    pub fn new(identities: &[Identity]) -> Option<Self> {
        let bits = identities.iter().fold(0, |bits, identity| bits | 1 << *identity as u8);
        (bits != 0).then_some(Self(bits))
    }

    /// Whether the set contains `identity`.
    #[must_use]
    pub const fn contains(self, identity: Identity) -> bool {
        self.0 & (1 << identity as u8) != 0
    }

    /// The members, in the order of [`Identity::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Identity> {
        Identity::ALL.into_iter().filter(move |identity| self.contains(*identity))
    }

    /// Whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The members that are not in `other`.
    #[must_use]
    pub const fn except(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The set with `identity` added.
    pub(crate) const fn with(self, identity: Identity) -> Self {
        Self(self.0 | 1 << identity as u8)
    }

    /// Whether `display-name` is the only member. A message may have no address in its display-names.
    pub(crate) const fn is_display_name_only(self) -> bool {
        self.0 == 1 << Identity::DisplayName as u8
    }

    /// The set without the identities of the header section.
    pub(crate) const fn without_fields(self) -> Self {
        Self(self.0 & 1 << Identity::MailFrom as u8)
    }

    /// The set with these bits.
    #[cfg(feature = "wasm")]
    pub(crate) const fn of_bits(bits: u8) -> Self {
        Self(bits & 0b11_1111)
    }

    /// One bit for each member, in the order of [`Identity::ALL`].
    #[cfg(feature = "wasm")]
    pub(crate) const fn bits(self) -> u8 {
        self.0
    }
}

impl Default for Identities {
    fn default() -> Self {
        Self::USUAL
    }
}
