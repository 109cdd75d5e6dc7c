//! The places of a submission that name a sender.

/// A place in a submission that names a sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
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
}

impl Identity {
    /// All of them, in the order in which ties are decided.
    pub const ALL: [Self; 5] = [Self::MailFrom, Self::From, Self::Sender, Self::ResentFrom, Self::ResentSender];

    /// The name used outside.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MailFrom => "mail-from",
            Self::From => "from",
            Self::Sender => "sender",
            Self::ResentFrom => "resent-from",
            Self::ResentSender => "resent-sender",
        }
    }
}

/// Which identities must be authorized; never none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identities(u8);

impl Identities {
    /// All five.
    pub const ALL: Self = Self(0b1_1111);

    /// Those of `identities`; `None` when there are none, for a policy that judges nothing lets everything through.
    #[must_use]
    pub fn new(identities: &[Identity]) -> Option<Self> {
        let bits = identities.iter().fold(0, |bits, identity| bits | 1 << *identity as u8);
        (bits != 0).then_some(Self(bits))
    }

    /// Whether `identity` is one of them.
    #[must_use]
    pub const fn contains(self, identity: Identity) -> bool {
        self.0 & (1 << identity as u8) != 0
    }
}

impl Default for Identities {
    fn default() -> Self {
        Self::ALL
    }
}
