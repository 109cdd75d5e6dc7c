//! Which priority a message leaves with.

/// 1 very high, 2 high, 3 normal, 4 low, 5 very low. The higher priority is the smaller number.
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

    /// The level of that number, 1 to 5.
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
