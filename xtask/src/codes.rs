//! The tables of codes as TypeScript and as documentation, made from the engine's own.

use std::fmt::Write as _;

use sendergate::diagnostic::{Code, Reason};

/// The unions of all codes, for TypeScript.
pub(crate) fn typescript() -> String {
    let mut out = String::from("// Made by `cargo xtask build` from src/diagnostic/.\n");
    union(&mut out, "The code of a diagnostic.", "DiagnosticCode", Code::ALL.iter().map(|code| code.as_str()));
    union(
        &mut out,
        "The reason of a finding or a decision.",
        "ReasonCode",
        Reason::ALL.iter().map(|reason| reason.as_str()),
    );
    out
}

fn union<'a>(out: &mut String, doc: &str, name: &str, codes: impl Iterator<Item = &'a str>) {
    let _ = write!(out, "\n/** {doc} */\nexport type {name} =");
    for code in codes {
        let _ = write!(out, "\n  | \"{code}\"");
    }
    out.push_str(";\n");
}

/// The table for people, docs/codes.md.
pub(crate) fn markdown() -> String {
    let mut out = String::from(
        "# Codes\n\n\
         Made by `cargo xtask build` from the tables in `src/diagnostic/`. A code is never renamed and never reused.\n\n\
         ## Diagnostics\n\n\
         What the lists and the form say. `error` is grammar or length: the text is refused. `warning` rests on\n\
         data that changes, or on taste: the text is taken.\n\n\
         | code | severity | message | help |\n| --- | --- | --- | --- |\n",
    );
    for code in Code::ALL {
        let severity = code.severity().as_str();
        let _ =
            writeln!(out, "| `{}` | {severity} | {} | {} |", code.as_str(), cell(code.template()), cell(code.help()));
    }
    out.push_str(
        "\n## Reasons\n\nWhy a decision or one of its findings is what it is.\n\n| code | meaning |\n| --- | --- |\n",
    );
    for reason in Reason::ALL {
        let _ = writeln!(out, "| `{}` | {} |", reason.as_str(), cell(reason.text()));
    }
    out
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
