//! Policies, which live in this instance until nobody holds them, or until memory is short.

use super::hot::Input;
use super::kept::findings;
use super::utf16::Truncated;
use super::{State, narrow, shapes, with};
use crate::address::{Identities, find_octet};
use crate::decision::{Action, BodyFault, ReversePath, SmtpReply, Submission, Was, decide_prefix, explain, rejudge};
use crate::diagnostic::{Reason, UserField};
use crate::policy::{OnUnauthorized, PolicyOptions, SenderPolicy};
use crate::priority::{Level, shown_fields};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// What became of a question whose answer is packed.
#[wasm_bindgen]
pub enum Answer {
    /// It is packed.
    Packed,
    /// The policy was given up for memory. Its holder makes it again.
    GivenUp,
    /// More of the message is wanted.
    NeedMore,
    /// An address holds the octet that parts them. They must be asked one by one.
    NotParted,
}

/// What the envelope says of the reverse-path.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum Envelope {
    /// There is none.
    Absent,
    /// `MAIL FROM:<>`.
    Null,
    /// It stands in the buffer.
    Path,
}

/// A handle of a policy. The policy itself is given up if memory is short; every question says so.
#[wasm_bindgen]
pub struct Policy {
    /// Its place in the store.
    #[wasm_bindgen(readonly)]
    pub slot: u32,
    /// Which of the policies that had this place it is.
    #[wasm_bindgen(readonly)]
    pub generation: u32,
    /// How many entries both lists have.
    #[wasm_bindgen(readonly)]
    pub size: u32,
}

#[wasm_bindgen]
impl Policy {
    /// Compiles the two lists in the buffer. `identities` has a bit for each, in the order of their names.
    ///
    /// # Errors
    /// The diagnostics, if a list does not parse.
    #[wasm_bindgen(constructor)]
    pub fn new(
        active: bool,
        priority: u8,
        max_priority: u8,
        alert: bool,
        identities: u8,
    ) -> Result<Policy, js_sys::Array> {
        with(|State { input, policies, .. }| {
            let mut input = Input(input);
            let (domains, senders) = (input.optional(), input.optional());
            let options = PolicyOptions {
                domains: domains.map_or("", |list| list.text),
                senders: senders.map_or("", |list| list.text),
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
                    Ok(Self { slot, generation, size })
                }
                Err(error) => {
                    let (domains, senders) = (domains.map(Truncated::map), senders.map(Truncated::map));
                    Err(shapes::diagnostics(&error.diagnostics, &|field| {
                        if field == Some(UserField::Senders) { senders.as_ref() } else { domains.as_ref() }
                    }))
                }
            }
        })
    }

    /// Whether `count` addresses in the buffer, parted by LF, are authorized. Packs a word for each 32 answers.
    #[must_use]
    pub fn authorizes_all(&self, length: u32, count: u32) -> Answer {
        with(|State { input, output, policies }| {
            let Some(policy) = policies.get(self.slot, self.generation) else { return Answer::GivenUp };
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
            output.word(word).finish();
            if found == count { Answer::Packed } else { Answer::NotParted }
        })
    }

    /// Explains an address; `undefined` if the policy was given up.
    #[must_use]
    pub fn explain(&self, length: u32) -> JsValue {
        with(|State { input, policies, .. }| match policies.get(self.slot, self.generation) {
            Some(policy) => shapes::finding(&explain(policy, Input(input).text(length))).to_js(),
            None => JsValue::UNDEFINED,
        })
    }

    /// Decides, and packs the decision. In the buffer stand the reverse-path and the first octets of the message, to
    /// which `more` may follow. `body_fault` is the number of its name.
    #[must_use]
    #[expect(clippy::too_many_arguments, reason = "an object would cost more than the decision")]
    pub fn decide(
        &self,
        envelope: Envelope,
        path: u32,
        header: Option<u32>,
        complete: bool,
        more: bool,
        mt_priority: Option<i32>,
        body_fault: Option<u8>,
    ) -> Answer {
        with(|State { input, output, policies }| {
            let Some(policy) = policies.get(self.slot, self.generation) else { return Answer::GivenUp };
            let mut input = Input(input);
            let mail_from = match envelope {
                Envelope::Absent => ReversePath::Absent,
                Envelope::Null => ReversePath::Null,
                Envelope::Path => ReversePath::Path(input.text(path)),
            };
            let submission = Submission {
                mail_from,
                header: header.map(|length| input.octets(length)),
                header_complete: complete,
                mt_priority,
                body_fault: body_fault.and_then(|fault| BodyFault::ALL.get(usize::from(fault)).copied()),
            };
            let Some(decision) = decide_prefix(policy, &submission, more) else { return Answer::NeedMore };
            output.begin().decision(&decision).finish();
            Answer::Packed
        })
    }

    /// Judges `count` findings that were kept again, whose texts stand in the buffer; `undefined` if the policy was given up.
    /// `reason` is the number of its name, `checked` has a bit for each identity.
    #[must_use]
    pub fn rejudge(&self, kept: &[u32], count: usize, reason: Option<u8>, checked: u8, truncated: bool) -> JsValue {
        with(|State { input, policies, .. }| {
            let Some(policy) = policies.get(self.slot, self.generation) else { return JsValue::UNDEFINED };
            let findings = findings(kept, &mut Input(input));
            let was = Was {
                reason: reason.and_then(|reason| Reason::ALL.get(usize::from(reason)).copied()),
                checked: Identities::of_bits(checked),
                truncated: truncated || findings.len() < count,
            };
            shapes::rejudgement(&rejudge(policy, &findings, &was)).to_js()
        })
    }
}

/// Whether the address in the buffer is authorized; `undefined` if the policy was given up. No method of the class, since that
/// takes a seventh longer.
#[wasm_bindgen]
#[must_use]
pub fn authorizes(slot: u32, generation: u32, length: u32) -> Option<bool> {
    with(|State { input, policies, .. }| {
        let policy = policies.get(slot, generation)?;
        Some(policy.authorizes_bytes(Input(input).octets(length)))
    })
}

impl Drop for Policy {
    fn drop(&mut self) {
        with(|state| state.policies.free(self.slot, self.generation));
    }
}

/// The reply to the SMTP client for an action and a reason, by the numbers of their names.
#[wasm_bindgen]
pub fn reply(action: u8, reason: u8) -> JsValue {
    let action = Action::ALL.get(usize::from(action)).copied().unwrap_or(Action::Block);
    let reason = Reason::ALL.get(usize::from(reason)).copied().unwrap_or(Reason::EngineFault);
    shapes::reply(&SmtpReply::to(action, reason)).to_js()
}

/// The fields that show a level.
#[wasm_bindgen]
pub fn priority_fields(level: u8) -> JsValue {
    shapes::fields(shown_fields(Level::new(level).unwrap_or(Level::NORMAL))).to_js()
}
