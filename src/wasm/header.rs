//! What a gate does with a header section besides judging it.

use super::{INPUT, NONE, packed, take, take_text};
use crate::message::{Completion, CompletionError, Piece, header_edits, read_facts, shown};
use crate::priority::{Level, PriorityFields, resolve};
use wasm_bindgen::prelude::wasm_bindgen;

/// The edits of the header section in the input, before it host and message id: their number, then start, end and text
/// of each. Instead of the number `NONE`, and which argument is wrong. `stamp` is a level, or 0 for none.
#[wasm_bindgen(js_name = "header_edits")]
pub fn edits_of_header(host: u32, message_id: u32, header: u32, complete: bool, seconds: f64, stamp: u8) -> u32 {
    INPUT.with_borrow(|input| {
        let mut rest = input.as_slice();
        let (host, message_id) = (take_text(&mut rest, host), take_text(&mut rest, message_id));
        let header = take(&mut rest, header);
        let stamp = Level::new(stamp).map(|level| resolve(level, Level::VERY_HIGH, &PriorityFields::default(), None));
        let completion = Completion::new(host, message_id, seconds as i64, stamp.as_ref());
        packed(|output| match completion {
            Ok(completion) => {
                let edits = header_edits(header, complete, &completion);
                output.count(edits.len());
                for edit in edits {
                    output.count(edit.start).count(edit.end).text(&edit.insert);
                }
            }
            Err(error) => {
                output.word(NONE).word(match error {
                    CompletionError::Host => 0,
                    CompletionError::MessageId => 1,
                    CompletionError::Date => 2,
                });
            }
        })
    })
}

/// What a log shows of the header section in the input: the number of `Received` fields, and of pieces of the Subject,
/// or `NONE`. Each is a text; or the name of a character set and octets, each of them a character.
#[wasm_bindgen(js_name = "header_facts")]
pub fn facts_of_header(header: u32) -> u32 {
    INPUT.with_borrow(|input| {
        let (pieces, received) = read_facts(take(&mut input.as_slice(), header));
        packed(|output| {
            output.count(received);
            match pieces {
                None => {
                    output.word(NONE);
                }
                Some(pieces) => {
                    output.count(pieces.len());
                    for piece in pieces {
                        match piece {
                            Piece::Text(text) => output.word(0).text(&text),
                            Piece::Foreign(charset, octets) => {
                                let as_text =
                                    |octets: &[u8]| octets.iter().copied().map(char::from).collect::<String>();
                                output.word(1).text(&as_text(charset)).text(&as_text(&octets))
                            }
                        };
                    }
                }
            }
        })
    })
}

/// The text in the input, fit to be shown in one line.
#[wasm_bindgen]
pub fn shown_line(length: u32) -> u32 {
    INPUT.with_borrow(|input| {
        let line = shown(take_text(&mut input.as_slice(), length));
        packed(|output| {
            output.text(&line);
        })
    })
}
