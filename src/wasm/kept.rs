//! Findings that come back from where they were kept: numbers and lengths in words, the texts before them.

use super::{GONE, INPUT, NONE, POLICIES, packed, take, take_text};
use crate::address::{Identities, Identity};
use crate::decision::{Finding, Verdict, Was, rejudge};
use crate::diagnostic::Reason;
use wasm_bindgen::prelude::wasm_bindgen;

/// Judges the findings in the input again: `texts` bytes of texts, then `count` findings. `reason` is a number or
/// `NONE`, `checked` has a bit for each identity.
#[wasm_bindgen(js_name = "rejudge")]
pub fn rejudge_kept(
    slot: u32,
    generation: u32,
    texts: u32,
    count: u32,
    reason: u32,
    checked: u8,
    truncated: bool,
) -> u32 {
    INPUT.with_borrow(|input| {
        POLICIES.with_borrow_mut(|policies| {
            let Some(policy) = policies.get(slot, generation) else { return GONE };
            let mut words = input.as_slice();
            let mut texts = take(&mut words, texts);
            let mut findings: Vec<Finding> = Vec::new();
            while findings.len() < count as usize
                && let Some(finding) = finding(&mut words, &mut texts)
            {
                findings.push(finding);
            }
            let was = Was {
                reason: Reason::ALL.get(reason as usize).copied(),
                checked: Identities::of_bits(checked),
                truncated: truncated || findings.len() < count as usize,
            };
            let again = rejudge(policy, &findings, &was);
            packed(|output| {
                output.rejudgement(&again);
            })
        })
    })
}

/// Identity, verdict, reason and whose name in a word, the field, the length of the address or `NONE`, the number of candidates,
/// and the length of each.
fn finding(words: &mut &[u8], texts: &mut &[u8]) -> Option<Finding> {
    let head = word(words)?;
    let (field, address, candidates) = (word(words)?, word(words)?, word(words)?);
    let address = (address != NONE).then(|| take_text(texts, address).to_owned());
    let mut all = Vec::new();
    for _ in 0..candidates {
        all.push(take_text(texts, word(words)?).to_owned());
    }
    Some(Finding {
        identity: *Identity::ALL.get(head as usize & 0xff)?,
        field: field as usize,
        of: match head >> 24 {
            1 => Some(Identity::From),
            2 => Some(Identity::Sender),
            _ => None,
        },
        address,
        candidates: all,
        verdict: *Verdict::ALL.get((head >> 8) as usize & 0xff)?,
        reason: *Reason::ALL.get((head >> 16) as usize & 0xff)?,
        rule: None,
        near_miss: None,
    })
}

fn word(words: &mut &[u8]) -> Option<u32> {
    let (word, rest) = words.split_first_chunk()?;
    *words = rest;
    Some(u32::from_le_bytes(*word))
}
