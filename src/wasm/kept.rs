//! Findings that come back from where they were kept.

use super::hot::Input;
use super::packed::NONE;
use crate::address::Identity;
use crate::decision::{Finding, Verdict};
use crate::diagnostic::Reason;

/// Reads findings. Of each come: the numbers of its identity, verdict and reason, the field, the number of the identity
/// whose display-name it is or `NONE`, the octets of its address or `NONE`, the number of its candidates, and the octets of
/// each. The texts stand one behind the other in `texts`. Reading ends at a finding that is none.
pub(super) fn findings(words: &[u32], texts: &mut Input<'_>) -> Vec<Finding> {
    let mut words = words.iter().copied();
    std::iter::from_fn(|| finding(&mut words, texts)).collect()
}

fn finding(words: &mut impl Iterator<Item = u32>, texts: &mut Input<'_>) -> Option<Finding> {
    let identity = *Identity::ALL.get(words.next()? as usize)?;
    let verdict = *Verdict::ALL.get(words.next()? as usize)?;
    let reason = *Reason::ALL.get(words.next()? as usize)?;
    let field = words.next()? as usize;
    let of = Identity::ALL.get(words.next()? as usize).copied();
    let address = words.next().filter(|octets| *octets != NONE).map(|octets| texts.text(octets).to_owned());
    let mut candidates = Vec::new();
    for _ in 0..words.next()? {
        candidates.push(texts.text(words.next()?).to_owned());
    }
    Some(Finding { identity, field, of, address, candidates, verdict, reason, rule: None, near_miss: None })
}
