//! What a difference is called, and which ones are none of ours.

use crate::engine::{OWN, VICTIM};

/// A reading that the engine does not stand against, and why.
pub(crate) struct OutOfScope {
    /// The programs that read so; `*` at the end stands for the rest of a name.
    program: &'static str,
    /// What the message has that makes it so.
    when: fn(&[u8]) -> bool,
    /// Why it is no reading of a sender.
    pub(crate) reason: &'static str,
}

/// Every reading that is left out, each with its reason. What is not here is in scope.
pub(crate) const OUT_OF_SCOPE: [OutOfScope; 3] = [
    OutOfScope {
        program: "mailsuite",
        when: another_field_says_from,
        reason: "it searches the text of the whole header section for `From:`: a Subject that quotes one fools it, and every forwarded mail has that",
    },
    OutOfScope {
        program: "eml-format",
        when: first_line_empty,
        reason: "it hangs a field whose first line is empty on the field above; Subjects that are folded at once are honest and frequent",
    },
    OutOfScope {
        program: "eml-parse-js",
        when: first_line_empty,
        reason: "it hangs a field whose first line is empty on the field above; Subjects that are folded at once are honest and frequent",
    },
];

/// The fields of a header section: name and body, folds included.
fn fields(message: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(message).replace("\r\n", "\n");
    let section = text.split("\n\n").next().unwrap_or_default();
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in section.split('\n') {
        match (line.starts_with([' ', '\t']), fields.last_mut()) {
            (true, Some((_, body))) => {
                body.push('\n');
                body.push_str(line);
            }
            _ => {
                let (name, body) = line.split_once(':').unwrap_or((line, ""));
                fields.push((name.to_ascii_lowercase(), body.to_owned()));
            }
        }
    }
    fields
}

/// `From:` stands somewhere else than at the beginning of a field.
fn another_field_says_from(message: &[u8]) -> bool {
    fields(message).iter().any(|(name, body)| {
        let field = format!("{name}:{body}").to_ascii_lowercase();
        field.get(1..).is_some_and(|rest| rest.contains("from:"))
    })
}

fn first_line_empty(message: &[u8]) -> bool {
    fields(message).iter().any(|(_, body)| body.trim_start_matches([' ', '\t']).starts_with('\n'))
}

/// Why a reading of `program` is out of scope, where it is.
pub(crate) fn out_of_scope(program: &str, message: &[u8]) -> Option<&'static str> {
    let named = |pattern: &str| match pattern.strip_suffix('*') {
        Some(start) => program.starts_with(start),
        None => program == pattern,
    };
    OUT_OF_SCOPE.iter().find(|row| named(row.program) && (row.when)(message)).map(|row| row.reason)
}

/// The shape of a minimal message: `A` and `V` are the two domains, a run of letters or digits is `a`, and octets that do not
/// print are named.
pub(crate) fn shape(message: &[u8]) -> String {
    let text = String::from_utf8_lossy(message).to_ascii_lowercase();
    let text = text.replace(OWN, "\u{1}").replace(VICTIM, "\u{2}");
    let mut shape = String::new();
    let mut rest = text.as_str();
    while let Some(letter) = rest.chars().next() {
        let word = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        if word > 0 {
            let (run, after) = rest.split_at(word);
            shape.push_str(match run {
                "from" | "sender" | "resent" | "subject" => run,
                _ if run.len() > 40 => "aaa…",
                _ => "a",
            });
            rest = after;
            continue;
        }
        rest = &rest[letter.len_utf8()..];
        // An octet of quoted-printable, whatever it is.
        if letter == '=' && rest.len() > 1 && rest.bytes().take(2).all(|octet| octet.is_ascii_hexdigit()) {
            rest = &rest[2..];
            if !shape.ends_with("=…") {
                shape.push_str("=…");
            }
            continue;
        }
        match letter {
            '\u{1}' => shape.push('A'),
            '\u{2}' => shape.push('V'),
            '\r' => shape.push('␍'),
            '\n' => shape.push('␊'),
            ' ' => shape.push(' '),
            _ if letter.is_ascii_graphic() => shape.push(letter),
            _ => shape.push_str(&format!("‹{:x}›", u32::from(letter))),
        }
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::{out_of_scope, shape};

    #[test]
    fn a_shape_forgets_names_and_encodings() {
        assert_eq!(shape(b"From: \"Jo\" <x@attacker.example>\r\n"), "from: \"a\" <a@A>␍␊");
        assert_eq!(shape(b"=?utf-8?q?=63=65=6f=40victim.example?="), "=?a-a?a?=…V?=");
    }

    #[test]
    fn a_row_leaves_out_its_program_and_its_messages_alone() {
        let folded_at_once = b"From: x@attacker.example\r\nSubject:\r\n @victim.example\r\n\r\n";
        assert!(out_of_scope("eml-format", folded_at_once).is_some());
        assert!(out_of_scope("nodemailer", folded_at_once).is_none());
        assert!(out_of_scope("eml-format", b"From: x@attacker.example @victim.example\r\n\r\n").is_none());
    }
}
