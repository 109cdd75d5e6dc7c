//! The JavaScript boundary: numbers in, numbers out, texts through one input buffer and one packed result. No rules
//! about mail live here; `pkg-template/core.js` is the other half.

// Offsets and lengths are 32 bits wide on the one target this is built for.
#![allow(unreachable_pub, reason = "wasm-bindgen exports `pub` functions, wherever they stand")]
#![expect(clippy::too_many_arguments, reason = "the boundary passes plain numbers")]

mod fixes;
mod header;
mod kept;
mod pack;
mod store;
mod utf16;

/// As quick as the standard one for what the engine does, and 2 KB smaller.
#[cfg(all(target_family = "wasm", not(target_feature = "atomics")))]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

use crate::address::{Identities, Identity, find_octet};
use crate::decision::{Action, BodyFault, ReversePath, SmtpReply, Submission, Verdict, decide_prefix, explain};
use crate::diagnostic::{Code, Reason, UserField};
use crate::list::{Lints, parse_domain_list, parse_sender_list};
use crate::message::{read_priority_fields, split_known};
use crate::policy::{How, OnUnauthorized, PolicyOptions, SenderPolicy};
use crate::priority::{Level, PriorityFields, PriorityResolution, PrioritySource, resolve};
use crate::user::{UserDraft, validate_user};
use pack::{NONE, Packed, narrow};
use std::cell::RefCell;
use store::{BUDGET_BYTES, Store};
use utf16::Utf16Map;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static INPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static OUTPUT: RefCell<Packed> = const { RefCell::new(Packed::new()) };
    static POLICIES: RefCell<Store> = const { RefCell::new(Store::new(BUDGET_BYTES)) };
}

/// Instead of the address of a result: the policy has been given up; its holder makes it again.
const GONE: u32 = 0;
/// Instead of the address of a result: it cannot be given from this input.
const NOT_SO: u32 = 1;
/// The length of a reverse-path that is null.
const NULL_PATH: u32 = NONE - 1;
/// An mtPriority that is not there.
const NO_MT_PRIORITY: i32 = i32::MIN;

/// Takes `length` bytes from the front of what is left of the input; the caller wrote UTF-8.
fn take<'a>(input: &mut &'a [u8], length: u32) -> &'a [u8] {
    let (taken, rest) = input.split_at_checked(length as usize).unwrap_or((input, &[]));
    *input = rest;
    taken
}

fn take_text<'a>(input: &mut &'a [u8], length: u32) -> &'a str {
    std::str::from_utf8(take(input, length)).unwrap_or("\u{fffd}")
}

fn packed(write: impl FnOnce(&mut Packed)) -> u32 {
    OUTPUT.with_borrow_mut(|output| {
        write(output.begin());
        output.finish()
    })
}

/// Room for `length` bytes of input; its address. What was written there before is kept only up to the next call.
#[wasm_bindgen]
pub fn input(length: usize) -> *const u8 {
    OUTPUT.with_borrow_mut(Packed::trim);
    INPUT.with_borrow_mut(|input| {
        *input = Vec::new();
        input.resize(length, 0);
        input.as_ptr()
    })
}

/// A secret that makes the places of entries in tables unforeseeable.
#[wasm_bindgen]
pub fn seed(high: u32, low: u32) {
    crate::policy::seed(u64::from(high) << 32 | u64::from(low));
}

/// Every name that results give by number, so that JavaScript holds no table of its own: one line a name, an empty
/// line after each table.
#[wasm_bindgen]
pub fn tables() -> u32 {
    let mut text = String::new();
    let mut table = |names: &mut dyn Iterator<Item = &'static str>| {
        for name in names {
            text.push_str(name);
            text.push('\n');
        }
        text.push('\n');
    };
    table(&mut [crate::VERSION].into_iter());
    table(&mut Code::ALL.iter().map(|code| code.as_str()));
    table(&mut Code::ALL.iter().map(|code| code.severity().as_str()));
    table(&mut Reason::ALL.iter().map(|reason| reason.as_str()));
    table(&mut Identity::ALL.iter().map(|identity| identity.as_str()));
    table(&mut Verdict::ALL.iter().map(|verdict| verdict.as_str()));
    table(&mut Action::ALL.iter().map(|action| action.as_str()));
    table(&mut How::ALL.iter().map(|how| how.as_str()));
    table(&mut PrioritySource::ALL.iter().map(|source| source.as_str()));
    table(&mut UserField::ALL.iter().map(|field| field.as_str()));
    table(&mut BodyFault::ALL.iter().map(|fault| fault.as_str()));
    packed(|output| {
        output.text(&text);
    })
}

/// The answer to the SMTP client for an action and a reason, by their numbers.
#[wasm_bindgen]
pub fn reply(action: usize, reason: usize) -> u32 {
    let action = Action::ALL.get(action).copied().unwrap_or(Action::Block);
    let reason = Reason::ALL.get(reason).copied().unwrap_or(Reason::EngineFault);
    let reply = SmtpReply::to(action, reason);
    packed(|output| {
        output.word(u32::from(reply.code)).text(reply.enhanced_code).text(&reply.text);
    })
}

/// The fields that show a level.
#[wasm_bindgen]
pub fn priority_fields(level: u8) -> u32 {
    let resolution =
        resolve(Level::new(level).unwrap_or(Level::NORMAL), Level::VERY_HIGH, &PriorityFields::default(), None);
    packed(|output| {
        for (name, value) in resolution.fields() {
            output.text(name).text(value);
        }
    })
}

/// Parses the list of domains in the input; `beyond` code units of it were left out.
#[wasm_bindgen]
pub fn domain_list(length: u32, beyond: u32) -> u32 {
    INPUT.with_borrow(|input| {
        let text = take_text(&mut input.as_slice(), length);
        let list = parse_domain_list(text, Lints::All);
        packed(|output| {
            output.domains(&list, &Utf16Map::new(text, beyond));
        })
    })
}

/// Parses the list of senders in the input; `beyond` code units of it were left out.
#[wasm_bindgen]
pub fn sender_list(length: u32, beyond: u32) -> u32 {
    INPUT.with_borrow(|input| {
        let text = take_text(&mut input.as_slice(), length);
        let list = parse_sender_list(text, Lints::All);
        packed(|output| {
            output.senders(&list, &Utf16Map::new(text, beyond));
        })
    })
}

/// Validates a draft: `active` 0, 1 or absent, `priority` a number or NaN for absent, then length and rest of the
/// four texts, whose absence is a length of `NONE`.
#[wasm_bindgen]
pub fn user(
    active: u32,
    priority: f64,
    has_priority: bool,
    username: u32,
    username_beyond: u32,
    note: u32,
    note_beyond: u32,
    domains: u32,
    domains_beyond: u32,
    senders: u32,
    senders_beyond: u32,
) -> u32 {
    INPUT.with_borrow(|input| {
        let mut rest = input.as_slice();
        let mut text = |length: u32| (length != NONE).then(|| take_text(&mut rest, length));
        let (username, note, domains, senders) = (text(username), text(note), text(domains), text(senders));
        let draft = UserDraft {
            username,
            active: (active != NONE).then_some(active == 1),
            priority: has_priority.then_some(priority),
            note,
            domains,
            senders,
        };
        let validation = validate_user(&draft);
        let maps = [
            Utf16Map::new(username.unwrap_or_default(), username_beyond),
            Utf16Map::new(note.unwrap_or_default(), note_beyond),
            Utf16Map::new(domains.unwrap_or_default(), domains_beyond),
            Utf16Map::new(senders.unwrap_or_default(), senders_beyond),
        ];
        let [username_map, note_map, domains_map, senders_map] = &maps;
        packed(|output| {
            match &validation.user {
                None => {
                    output.word(0);
                }
                Some(user) => {
                    let has_name = u32::from(user.username().is_some());
                    output.word(1 | u32::from(user.active()) << 1 | has_name << 2);
                    output.word(u32::from(user.priority().number()));
                    output.text(user.username().unwrap_or_default()).text(user.note());
                    output.text(user.domains()).text(user.senders());
                }
            }
            output.diagnostics(&validation.diagnostics, |field| match field {
                Some(UserField::Username) => Some(username_map),
                Some(UserField::Note) => Some(note_map),
                Some(UserField::Domains) => Some(domains_map),
                Some(UserField::Senders) => Some(senders_map),
                Some(UserField::Active | UserField::Priority) | None => None,
            });
        })
    })
}

/// Compiles a policy of the two lists in the input. Packs its slot, generation and size, or `NONE` and diagnostics.
#[wasm_bindgen]
pub fn policy_new(
    domains: u32,
    domains_beyond: u32,
    senders: u32,
    senders_beyond: u32,
    active: bool,
    priority: u8,
    max_priority: u8,
    alert: bool,
    identities: u32,
) -> u32 {
    INPUT.with_borrow(|input| {
        let mut rest = input.as_slice();
        let (domains, senders) = (take_text(&mut rest, domains), take_text(&mut rest, senders));
        let chosen: Vec<Identity> =
            Identity::ALL.into_iter().filter(|identity| identities & 1 << *identity as u8 != 0).collect();
        let options = PolicyOptions {
            domains,
            senders,
            active,
            priority: Level::new(priority).unwrap_or(Level::NORMAL),
            max_priority: Level::new(max_priority).unwrap_or(Level::VERY_HIGH),
            on_unauthorized: if alert { OnUnauthorized::Alert } else { OnUnauthorized::Block },
            identities: Identities::new(&chosen).unwrap_or_default(),
        };
        match SenderPolicy::new(&options) {
            Ok(policy) => {
                let size = narrow(policy.size());
                let (slot, generation) = POLICIES.with_borrow_mut(|policies| policies.keep(policy));
                packed(|output| {
                    output.word(slot).word(generation).word(size);
                })
            }
            Err(error) => {
                let domains_map = Utf16Map::new(domains, domains_beyond);
                let senders_map = Utf16Map::new(senders, senders_beyond);
                packed(|output| {
                    output.word(NONE).diagnostics(&error.diagnostics, |field| {
                        Some(if field == Some(UserField::Senders) { &senders_map } else { &domains_map })
                    });
                })
            }
        }
    })
}

/// Gives a policy back.
#[wasm_bindgen]
pub fn policy_free(slot: u32, generation: u32) {
    POLICIES.with_borrow_mut(|policies| policies.free(slot, generation));
}

/// Whether the address in the input is authorized: 0 no, 1 yes, 2 the policy has been given up.
#[wasm_bindgen]
pub fn authorizes(slot: u32, generation: u32, length: u32) -> u32 {
    INPUT.with_borrow(|input| {
        POLICIES.with_borrow_mut(|policies| match policies.get(slot, generation) {
            Some(policy) => u32::from(policy.authorizes_bytes(take(&mut input.as_slice(), length))),
            None => 2,
        })
    })
}

/// The same for addresses that are parted by LF: a word for each 32 answers; `NOT_SO` where there are not `count` of
/// them.
#[wasm_bindgen]
pub fn authorizes_all(slot: u32, generation: u32, length: u32, count: u32) -> u32 {
    INPUT.with_borrow(|input| {
        POLICIES.with_borrow_mut(|policies| {
            let Some(policy) = policies.get(slot, generation) else { return GONE };
            let mut found = 0;
            let answers = packed(|output| {
                let mut word = 0;
                let mut rest = Some(take(&mut input.as_slice(), length));
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
                output.word(word);
            });
            if found == count { answers } else { NOT_SO }
        })
    })
}

/// Explains the address in the input.
#[wasm_bindgen(js_name = "explain")]
pub fn explain_address(slot: u32, generation: u32, length: u32) -> u32 {
    INPUT.with_borrow(|input| {
        POLICIES.with_borrow_mut(|policies| match policies.get(slot, generation) {
            Some(policy) => packed(|output| {
                output.finding(&explain(policy, take_text(&mut input.as_slice(), length)));
            }),
            None => GONE,
        })
    })
}

/// Decides. `mail_from` is its length, `NONE` for absent, `NONE - 1` for null; `header` likewise. `more` says that the
/// message goes on beyond what was handed over; `body_fault` is its number or `NONE`. `NOT_SO` where more is wanted.
#[wasm_bindgen]
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
    INPUT.with_borrow(|input| {
        POLICIES.with_borrow_mut(|policies| {
            let Some(policy) = policies.get(slot, generation) else { return GONE };
            let mut rest = input.as_slice();
            let mail_from = match mail_from {
                NONE => ReversePath::Absent,
                NULL_PATH => ReversePath::Null,
                length => ReversePath::Path(take_text(&mut rest, length)),
            };
            let submission = Submission {
                mail_from,
                header: (header != NONE).then(|| take(&mut rest, header)),
                header_complete: complete,
                mt_priority: (mt_priority != NO_MT_PRIORITY).then_some(mt_priority),
                body_fault: BodyFault::ALL.get(body_fault as usize).copied(),
            };
            match decide_prefix(policy, &submission, more) {
                Some(decision) => packed(|output| {
                    output.decision(&decision);
                }),
                None => NOT_SO,
            }
        })
    })
}

/// Resolves a priority without a policy; `NOT_SO` where more of the message is wanted.
#[wasm_bindgen]
pub fn priority(user: u8, max_priority: u8, header: u32, more: bool, mt_priority: i32) -> u32 {
    INPUT.with_borrow(|input| {
        let fields = if header == NONE {
            PriorityFields::default()
        } else {
            let section = split_known(take(&mut input.as_slice(), header), !more);
            if more && !section.terminated && section.malformed.is_none() {
                return NOT_SO;
            }
            read_priority_fields(&section)
        };
        let user = Level::new(user).unwrap_or(Level::NORMAL);
        let cap = Level::new(max_priority).unwrap_or(Level::VERY_HIGH);
        let mt_priority = (mt_priority != NO_MT_PRIORITY).then_some(mt_priority);
        let resolution: PriorityResolution = resolve(user, cap, &fields, mt_priority);
        packed(|output| {
            output.priority(&resolution);
        })
    })
}
