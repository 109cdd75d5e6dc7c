//! Findings that come back from where they were kept: numbers and lengths in words, the texts before them.

use super::hot::Input;
use super::packed::NONE;
use super::{GONE, State, with};
use crate::address::{Identities, Identity};
use crate::decision::{Finding, Verdict, Was, rejudge};
use crate::diagnostic::Reason;
use wasm_bindgen::prelude::wasm_bindgen;

/// Judges the findings in the input again: `texts` octets of texts, then `count` findings. `reason` is a number or
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
    with(|State { input, output, policies }| {
        let Some(policy) = policies.get(slot, generation) else { return GONE };
        let mut words = Input(input);
        let mut texts = Input(words.octets(texts));
        let findings: Vec<Finding> = (0..count).map_while(|_| finding(&mut words, &mut texts)).collect();
        let was = Was {
            reason: Reason::ALL.get(reason as usize).copied(),
            checked: Identities::of_bits(checked),
            truncated: truncated || findings.len() < count as usize,
        };
        output.begin().rejudgement(&rejudge(policy, &findings, &was)).finish()
    })
}

/// Identity, verdict, reason and whose name in a word, the field, the length of the address or `NONE`, the number of candidates,
/// and the length of each.
fn finding(words: &mut Input<'_>, texts: &mut Input<'_>) -> Option<Finding> {
    let (head, field, address, candidates) = (words.word()?, words.word()?, words.word()?, words.word()?);
    let address = (address != NONE).then(|| texts.text(address).to_owned());
    let mut all = Vec::new();
    for _ in 0..candidates {
        all.push(texts.text(words.word()?).to_owned());
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
