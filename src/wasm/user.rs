//! The form of an SMTP+ user.

use super::packed;
use super::utf16::Utf16Map;
use crate::diagnostic::UserField;
use crate::user::{UserDraft, validate_user};
use wasm_bindgen::prelude::wasm_bindgen;

/// Validates what the form holds. `present` has a bit for each field that there is, in the order of
/// [`UserField::ALL`]; the texts of those stand in the input.
#[wasm_bindgen]
pub fn user(present: u8, active: bool, priority: f64) -> u32 {
    packed(|input, output, _| {
        let has = |field: UserField| present & 1 << field as u8 != 0;
        let mut text = |field| has(field).then(|| input.truncated());
        let (username, note) = (text(UserField::Username), text(UserField::Note));
        let (domains, senders) = (text(UserField::Domains), text(UserField::Senders));
        let draft = UserDraft {
            username: username.map(|it| it.text),
            active: has(UserField::Active).then_some(active),
            priority: has(UserField::Priority).then_some(priority),
            note: note.map(|it| it.text),
            domains: domains.map(|it| it.text),
            senders: senders.map(|it| it.text),
        };
        let validation = validate_user(&draft);
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
        let [username, note, domains, senders] =
            [username, note, domains, senders].map(|text| text.map(|text| Utf16Map::new(text.text, text.units)));
        output.diagnostics(&validation.diagnostics, |field| match field {
            Some(UserField::Username) => username.as_ref(),
            Some(UserField::Note) => note.as_ref(),
            Some(UserField::Domains) => domains.as_ref(),
            Some(UserField::Senders) => senders.as_ref(),
            Some(UserField::Active | UserField::Priority) | None => None,
        });
    })
}
