//! Policies and what they are asked. A policy is named by its slot and generation.

use super::hot::Input;
use super::packed::NONE;
use super::utf16::Utf16Map;
use super::{GONE, NEED_MORE, NO_MT_PRIORITY, NOT_PARTED, NULL_PATH, State, narrow, packed, with};
use crate::address::{Identities, find_octet};
use crate::decision::{Action, BodyFault, ReversePath, SmtpReply, Submission, decide_prefix, explain};
use crate::diagnostic::{Reason, UserField};
use crate::policy::{OnUnauthorized, PolicyOptions, SenderPolicy};
use crate::priority::Level;
use wasm_bindgen::prelude::wasm_bindgen;

/// Compiles a policy of the two lists in the input. `identities` has a bit for each. Packs its slot, generation and
/// size, or `NONE` and diagnostics.
#[wasm_bindgen]
pub fn policy_new(active: bool, priority: u8, max_priority: u8, alert: bool, identities: u8) -> u32 {
    packed(|input, output, policies| {
        let (domains, senders) = (input.truncated(), input.truncated());
        let options = PolicyOptions {
            domains: domains.text,
            senders: senders.text,
            active,
            priority: Level::new(priority).unwrap_or(Level::NORMAL),
            max_priority: Level::new(max_priority).unwrap_or(Level::VERY_HIGH),
            on_unauthorized: if alert { OnUnauthorized::Alert } else { OnUnauthorized::Block },
            identities: Identities::of_bits(identities),
        };
        match SenderPolicy::new(&options) {
            Ok(policy) => {
                let size = narrow(policy.size());
                let (slot, generation) = policies.keep(policy);
                output.word(slot).word(generation).word(size);
            }
            Err(error) => {
                let maps = [domains, senders].map(|list| Utf16Map::new(list.text, list.units));
                let [domains, senders] = &maps;
                output.word(NONE).diagnostics(&error.diagnostics, |field| {
                    Some(if field == Some(UserField::Senders) { senders } else { domains })
                });
            }
        }
    })
}

/// Gives a policy back.
#[wasm_bindgen]
pub fn policy_free(slot: u32, generation: u32) {
    with(|state| state.policies.free(slot, generation));
}

/// Whether the address in the input is authorized: 0 no, 1 yes, 2 the policy has been given up.
#[wasm_bindgen]
pub fn authorizes(slot: u32, generation: u32, length: u32) -> u32 {
    with(|State { input, policies, .. }| match policies.get(slot, generation) {
        Some(policy) => u32::from(policy.authorizes_bytes(Input(input).octets(length))),
        None => 2,
    })
}

/// The same for addresses that are parted by LF: a word for each 32 answers; `NOT_PARTED` where there are not `count`
/// of them.
#[wasm_bindgen]
pub fn authorizes_all(slot: u32, generation: u32, length: u32, count: u32) -> u32 {
    with(|State { input, output, policies }| {
        let Some(policy) = policies.get(slot, generation) else { return GONE };
        output.begin();
        let (mut found, mut word) = (0, 0);
        let mut rest = Some(Input(input).octets(length));
        while let Some(text) = rest {
            let (address, next) = match find_octet(text, b'\n').and_then(|at| text.split_at_checked(at)) {
                Some((address, next)) => (address, next.get(1..)),
                None => (text, None),
            };
            word |= u32::from(policy.authorizes_bytes(address)) << (found & 31);
            found += 1;
            if found & 31 == 0 {
                output.word(word);
                word = 0;
            }
            rest = next;
        }
        let answers = output.word(word).finish();
        if found == count { answers } else { NOT_PARTED }
    })
}

/// Explains the address in the input.
#[wasm_bindgen(js_name = "explain")]
pub fn explain_address(slot: u32, generation: u32, length: u32) -> u32 {
    with(|State { input, output, policies }| {
        let Some(policy) = policies.get(slot, generation) else { return GONE };
        output.begin().finding(&explain(policy, Input(input).text(length))).finish()
    })
}

/// Decides. `mail_from` is its length, `NONE` for absent, `NULL_PATH` for null; `header` likewise. `more` says that the
/// message goes on beyond what was handed over; `body_fault` is its number or `NONE`. `NEED_MORE` where more is wanted.
#[wasm_bindgen]
#[expect(clippy::too_many_arguments, reason = "an object would cost more than the decision")]
pub fn decide(
    slot: u32,
    generation: u32,
    mail_from: u32,
    header: u32,
    complete: bool,
    more: bool,
    mt_priority: i32,
    body_fault: u32,
) -> u32 {
    with(|State { input, output, policies }| {
        let Some(policy) = policies.get(slot, generation) else { return GONE };
        let mut input = Input(input);
        let mail_from = match mail_from {
            NONE => ReversePath::Absent,
            NULL_PATH => ReversePath::Null,
            length => ReversePath::Path(input.text(length)),
        };
        let submission = Submission {
            mail_from,
            header: (header != NONE).then(|| input.octets(header)),
            header_complete: complete,
            mt_priority: (mt_priority != NO_MT_PRIORITY).then_some(mt_priority),
            body_fault: BodyFault::ALL.get(body_fault as usize).copied(),
        };
        match decide_prefix(policy, &submission, more) {
            Some(decision) => output.begin().decision(&decision).finish(),
            None => NEED_MORE,
        }
    })
}

/// The answer to the SMTP client for an action and a reason, by their numbers.
#[wasm_bindgen]
pub fn reply(action: usize, reason: usize) -> u32 {
    let action = Action::ALL.get(action).copied().unwrap_or(Action::Block);
    let reason = Reason::ALL.get(reason).copied().unwrap_or(Reason::EngineFault);
    let reply = SmtpReply::to(action, reason);
    packed(|_, output, _| {
        output.word(u32::from(reply.code)).text(reply.enhanced_code).text(&reply.text);
    })
}
