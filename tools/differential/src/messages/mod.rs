//! Messages made by chance: from a grammar of everything that an originator field may hold and must not, and from
//! the rows of the engine's own tables, changed a little.

mod body;
mod encoded_word;
mod mutated;
mod section;

use crate::random::Random;

pub(crate) use body::path;
pub(crate) use mutated::Rows;

/// The message of one number. The same number gives the same message.
pub(crate) fn message(seed: u64, number: u64, rows: &Rows) -> Vec<u8> {
    let mut random = Random::new(seed.wrapping_mul(1_000_003).wrapping_add(number));
    match random.below(10) {
        0..6 => section::one_field(&mut random),
        6..8 => section::several_fields(&mut random),
        _ => rows.changed(&mut random),
    }
}
