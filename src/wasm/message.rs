//! What a gate does with a header section besides judging it.

use super::packed::NONE;
use super::{narrow, packed};
use crate::message::{Completion, CompletionError, Piece, header_edits, read_facts, shown};
use crate::priority::{Level, PriorityFields, resolve};
use wasm_bindgen::prelude::wasm_bindgen;

/// The edits of the header section in the input, before it host and message id: their number, then start, end and text
/// of each. Instead of the number `NONE`, and which argument is wrong. `stamp` is a level, or 0 for none.
#[wasm_bindgen(js_name = "header_edits")]
pub fn edits_of_header(host: u32, message_id: u32, header: u32, complete: bool, seconds: f64, stamp: u8) -> u32 {
    packed(|input, output, _| {
        let (host, message_id) = (input.text(host), input.text(message_id));
        let header = input.octets(header);
        let stamp = Level::new(stamp).map(|level| resolve(level, Level::VERY_HIGH, &PriorityFields::default(), None));
        match Completion::new(host, message_id, seconds as i64, stamp.as_ref()) {
            Ok(completion) => {
                let edits = header_edits(header, complete, &completion);
                output.word(narrow(edits.len()));
                for edit in edits {
                    output.word(narrow(edit.start)).word(narrow(edit.end)).text(&edit.insert);
                }
            }
            Err(error) => {
                output.word(NONE).word(match error {
                    CompletionError::Host => 0,
                    CompletionError::MessageId => 1,
                    CompletionError::Date => 2,
                });
            }
        }
    })
}

/// What a log shows of the header section in the input: the number of `Received` fields, and of pieces of the Subject,
/// or `NONE`. Each is a text; or the name of a character set and octets, each of them a character.
#[wasm_bindgen(js_name = "header_facts")]
pub fn facts_of_header(header: u32) -> u32 {
    packed(|input, output, _| {
        let (pieces, received) = read_facts(input.octets(header));
        output.word(narrow(received));
        let Some(pieces) = pieces else {
            output.word(NONE);
            return;
        };
        output.word(narrow(pieces.len()));
        for piece in pieces {
            match piece {
                Piece::Text(text) => output.word(0).text(&text),
                Piece::Foreign(charset, octets) => {
                    let as_text = |octets: &[u8]| octets.iter().copied().map(char::from).collect::<String>();
                    output.word(1).text(&as_text(charset)).text(&as_text(&octets))
                }
            };
        }
    })
}

/// The text in the input, fit to be shown in one line.
#[wasm_bindgen]
pub fn shown_line(length: u32) -> u32 {
    packed(|input, output, _| {
        output.text(&shown(input.text(length)));
    })
}
