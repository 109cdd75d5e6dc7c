//! The priority of a message.

use crate::named::{UnknownName, named};
use std::fmt;
use std::str::FromStr;

/// A level: 1 very high, 2 high, 3 normal, 4 low, 5 very low. A higher level has the smaller number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Level(u8);

impl Level {
    /// 1.
    pub const VERY_HIGH: Self = Self(1);
    /// 2.
    pub const HIGH: Self = Self(2);
    /// 3.
    pub const NORMAL: Self = Self(3);
    /// 4.
    pub const LOW: Self = Self(4);
    /// 5.
    pub const VERY_LOW: Self = Self(5);

    /// The level with this number, 1 to 5.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        if matches!(number, 1..=5) { Some(Self(number)) } else { None }
    }

    /// The number, 1 to 5.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The higher of the two.
    #[must_use]
    pub const fn higher(self, other: Self) -> Self {
        if self.0 <= other.0 { self } else { other }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The error for a text that is no level.
const LEVEL: &str = "priority, a whole number from 1 to 5";

impl FromStr for Level {
    type Err = UnknownName;

    /// Reads the number as [`Display`](fmt::Display) writes it, one digit.
    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let level = match text.as_bytes() {
            [digit @ b'1'..=b'5'] => Self::new(digit - b'0'),
            _ => None,
        };
        level.ok_or_else(|| UnknownName::new(text, LEVEL, Vec::new()))
    }
}

impl TryFrom<u8> for Level {
    type Error = UnknownName;

    fn try_from(number: u8) -> Result<Self, UnknownName> {
        Self::new(number).ok_or_else(|| UnknownName::new(&number.to_string(), LEVEL, Vec::new()))
    }
}

impl From<Level> for u8 {
    fn from(level: Level) -> Self {
        level.0
    }
}

/// The source of a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
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

impl PrioritySource {
    /// All sources: the user's setting, then the others in order of precedence.
    pub const ALL: &'static [Self] =
        &[Self::User, Self::MtPriority, Self::XPriority, Self::Priority, Self::Importance, Self::XMsMailPriority];

    /// The name in JSON and in messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::MtPriority => "mt-priority",
            Self::XPriority => "x-priority",
            Self::Priority => "priority",
            Self::Importance => "importance",
            Self::XMsMailPriority => "x-msmail-priority",
        }
    }
}

named!(PrioritySource: "source of a priority");

/// The level that the fields of a message ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PriorityFields {
    /// The first valid field, in the order of [`PrioritySource`].
    pub asked: Option<(PrioritySource, Level)>,
    /// Two fields ask for levels on different sides of normal, or one is repeated.
    pub conflict: bool,
}

/// The level of a message, and its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PriorityResolution {
    /// The level of the message.
    pub effective: Level,
    /// The user's own level.
    pub user: Level,
    /// The level that the message asked for, if it was valid.
    pub message: Option<Level>,
    /// The source of the level before the cap. If user and message have the same level, it is the message.
    pub source: PrioritySource,
    /// Two fields of the message ask for levels on different sides of normal, or one is repeated.
    pub conflict: bool,
    /// The cap lowered the level.
    pub capped: bool,
}

impl PriorityResolution {
    /// The fields that show the effective level to recipients, for a gate that writes them.
    #[must_use]
    pub const fn fields(&self) -> [(&'static str, &'static str); 3] {
        shown_fields(self.effective)
    }
}

/// The fields that show a level, as most mail programs write them.
pub(crate) const fn shown_fields(level: Level) -> [(&'static str, &'static str); 3] {
    let (x_priority, importance, ms_mail) = match level.0 {
        1 => ("1 (Highest)", "high", "High"),
        2 => ("2 (High)", "high", "High"),
        4 => ("4 (Low)", "low", "Low"),
        5 => ("5 (Lowest)", "low", "Low"),
        _ => ("3 (Normal)", "normal", "Normal"),
    };
    [("X-Priority", x_priority), ("Importance", importance), ("X-MSMail-Priority", ms_mail)]
}

/// The level of an MT-PRIORITY value (RFC 6710 section 3); `None` outside −9 to 9.
#[must_use]
pub const fn level_of_mt_priority(value: i32) -> Option<Level> {
    Some(match value {
        5..=9 => Level::VERY_HIGH,
        1..=4 => Level::HIGH,
        0 => Level::NORMAL,
        -4..=-1 => Level::LOW,
        -9..=-5 => Level::VERY_LOW,
        _ => return None,
    })
}

/// Resolves the level of a message: the higher of the level that it asks for and the user's level, but not above `cap`.
///
/// ```
/// use sendergate::priority::{Level, PriorityFields, resolve};
/// let resolution = resolve(Level::LOW, Level::HIGH, &PriorityFields::default(), Some(9));
/// assert_eq!((resolution.effective, resolution.capped), (Level::HIGH, true));
/// ```
#[must_use]
pub fn resolve(user: Level, cap: Level, fields: &PriorityFields, mt_priority: Option<i32>) -> PriorityResolution {
    let envelope = mt_priority.and_then(level_of_mt_priority).map(|level| (PrioritySource::MtPriority, level));
    let asked = envelope.or(fields.asked);
    let (source, wanted) = match asked {
        Some((source, level)) if level <= user => (source, level),
        _ => (PrioritySource::User, user),
    };
    PriorityResolution {
        effective: wanted.max(cap),
        user,
        message: asked.map(|(_, level)| level),
        source,
        conflict: fields.conflict,
        capped: wanted < cap,
    }
}
