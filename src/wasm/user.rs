//! The form of an SMTP+ user.

use super::hot::Input;
use super::utf16::{Truncated, Utf16Map};
use super::{State, shapes, with};
use crate::diagnostic::UserField;
use crate::user::{UserDraft, validate_user as validate};
use js_sys::Array;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// Validates what the form holds: the user, if there is no error, and the diagnostics. Username, note, domains and senders
/// stand in the buffer.
#[wasm_bindgen]
pub fn validate_user(active: Option<bool>, priority: Option<f64>) -> Array {
    fn text(field: Option<Truncated<'_>>) -> Option<&str> {
        field.map(|field| field.text)
    }
    fn map(field: Option<Truncated<'_>>) -> Option<Utf16Map<'_>> {
        field.map(Truncated::map)
    }
    with(|State { input, .. }| {
        let mut input = Input(input);
        let (username, note, domains, senders) =
            (input.optional(), input.optional(), input.optional(), input.optional());
        let validation = validate(&UserDraft {
            username: text(username),
            active,
            priority,
            note: text(note),
            domains: text(domains),
            senders: text(senders),
        });
        let (username, note, domains, senders) = (map(username), map(note), map(domains), map(senders));
        let diagnostics = shapes::diagnostics(&validation.diagnostics, &|field| match field {
            Some(UserField::Username) => username.as_ref(),
            Some(UserField::Note) => note.as_ref(),
            Some(UserField::Domains) => domains.as_ref(),
            Some(UserField::Senders) => senders.as_ref(),
            Some(UserField::Active | UserField::Priority) | None => None,
        });
        let user = validation.user.as_ref().map_or(JsValue::UNDEFINED, |user| shapes::user(user).to_js());
        Array::of2(&user, &diagnostics)
    })
}
