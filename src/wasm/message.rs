//! What a gate does with a header section besides judging it.

use super::narrow;
use super::shapes::{self, Object, Shape};
use crate::diagnostic::shown;
use crate::message::{Completion, CompletionError, Piece, read_facts, shown as shown_line};
use crate::priority::{Level, PriorityFields, resolve};
use js_sys::{Function, JsString, Uint8Array};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// The edits of a header section. `seconds` since 1970 are the time of its `Date`; `stamp` is a level.
///
/// # Errors
/// What is wrong with the arguments.
#[wasm_bindgen]
pub fn header_edits(
    header: &[u8],
    complete: bool,
    host: &str,
    message_id: &str,
    seconds: f64,
    stamp: Option<u8>,
) -> Result<JsValue, JsString> {
    let stamp = stamp.and_then(Level::new);
    let stamp = stamp.map(|level| resolve(level, Level::VERY_HIGH, &PriorityFields::default(), None));
    let (expected, given) = match Completion::new(host, message_id, seconds as i64, stamp.as_ref()) {
        Ok(completion) => {
            return Ok(shapes::edits(&crate::message::header_edits(header, complete, &completion)).to_js());
        }
        Err(CompletionError::Host) => ("`host` must be a host name, not `", host),
        Err(CompletionError::MessageId) => {
            ("`messageId` must be a msg-id without its angle brackets, such as `1@gate.example`, not `", message_id)
        }
        Err(CompletionError::Date) => return Err("`date` must be a Date of the years 1900 to 9999".into()),
    };
    Err([expected, &shown(given), "`"].concat().into())
}

/// What a log shows of a header section, and a gate counts. `decode` makes a text of the name of a character set and octets in
/// it, of which only the host may have the table.
#[wasm_bindgen]
pub fn header_facts(header: &[u8], decode: &Function) -> JsValue {
    let (pieces, received) = read_facts(header);
    let text = |piece| match piece {
        Piece::Text(text) => text,
        Piece::Foreign(charset, octets) => {
            let charset = String::from_utf8_lossy(charset);
            let text =
                decode.call2(&JsValue::UNDEFINED, &charset.as_ref().into(), &Uint8Array::from(octets.as_slice()));
            text.ok().and_then(|text| text.as_string()).unwrap_or_default()
        }
    };
    let subject = pieces.map(|pieces| shown_line(&pieces.into_iter().map(text).collect::<String>()));
    let subject = subject.map(|subject| Shape::Text(subject.into()));
    Object::default().optional("subject", subject).number("received", narrow(received)).take().to_js()
}
