//! Writes the engine's tables of codes as TypeScript and as documentation.

use std::fmt::Write as _;

use sendergate::diagnostic::{Code, ParamKind, Reason};

/// The unions of all codes, as TypeScript.
pub(crate) fn typescript() -> String {
    let mut out = String::from("// Made by `cargo xtask build` from src/diagnostic/.\n");
    union(&mut out, "The code of a diagnostic.", "DiagnosticCode", Code::ALL.iter().map(|code| code.as_str()));
    union(
        &mut out,
        "The reason of a finding or a decision.",
        "ReasonCode",
        Reason::ALL.iter().map(|reason| reason.as_str()),
    );
    params(&mut out);
    out
}

/// The parameters of each code's message.
fn params(out: &mut String) {
    out.push_str("\n/** The parameters of each diagnostic's message, for translations. */\nexport interface DiagnosticParams {\n");
    for code in Code::ALL {
        let names: Vec<String> = code.params().iter().map(|param| format!("{}: string", param.name)).collect();
        let fields = if names.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", names.join("; ")) };
        let _ = writeln!(out, "  \"{}\": {fields};", code.as_str());
    }
    out.push_str("}\n");
}

fn union<'a>(out: &mut String, doc: &str, name: &str, codes: impl Iterator<Item = &'a str>) {
    let _ = write!(out, "\n/** {doc} */\nexport type {name} =");
    for code in codes {
        let _ = write!(out, "\n  | \"{code}\"");
    }
    out.push_str(";\n");
}

/// The tables of docs/codes.md.
pub(crate) fn markdown() -> String {
    let mut out = String::from(
        "# Codes\n\n\
         Made by `cargo xtask build` from the tables in `src/diagnostic/`. A code is never renamed and never reused.\n\n\
         ## Diagnostics\n\n\
         Problems of lists and of the user form. An `error` is about grammar or length, and the text is refused. A `warning`\n\
         depends on changing data or on taste, and the text is accepted. Each name in braces is also in `params`. A text that a\n\
         person typed is cut after 80 code points there, and invisible characters appear by name. A limit is in decimal digits.\n\n\
         | code | severity | message | help | params |\n| --- | --- | --- | --- | --- |\n",
    );
    for code in Code::ALL {
        let (name, severity) = (code.as_str(), code.severity().as_str());
        let (mut message, mut help) = (code.template().to_owned(), code.help().to_owned());
        let mut params = Vec::new();
        for param in code.params() {
            params.push(match param.kind {
                ParamKind::Text => format!("`{}`, a text", param.name),
                ParamKind::Character => format!("`{}`, a character", param.name),
                ParamKind::Limit(limit) => {
                    let braces = format!("{{{}}}", param.name);
                    (message, help) = (message.replace(&braces, limit), help.replace(&braces, limit));
                    format!("`{}`, always {limit}", param.name)
                }
            });
        }
        let params = params.join("; ");
        let _ = writeln!(out, "| `{name}` | {severity} | {} | {} | {params} |", cell(&message), cell(&help));
    }
    out.push_str(
        "\n## Reasons\n\nThe reason of a decision or of one of its findings.\n\n| code | meaning |\n| --- | --- |\n",
    );
    for reason in Reason::ALL {
        let _ = writeln!(out, "| `{}` | {} |", reason.as_str(), cell(reason.text()));
    }
    out
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
