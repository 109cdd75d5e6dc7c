//! The list of readers that the repository keeps: every program with its versions, how it is asked, and what it was once
//! fooled by. `readers.json` beside this crate holds it, and docs/readers.md is made from that.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::case::edited;
use crate::classes::out_of_scope;
use crate::compare::victims;
use crate::engine::Engine;
use crate::reader::Reader;

/// What fooled a program, and whom it read.
#[derive(Clone)]
struct Fooled {
    message: String,
    read: String,
}

#[derive(Default)]
struct Program {
    versions: BTreeSet<String>,
    ways: BTreeSet<String>,
    fooled: Option<Fooled>,
    /// That message still goes out, and still fools it.
    still: bool,
}

/// Merges the readers that run here, and the findings of earlier runs, into the list.
pub(crate) fn record(readers: &mut [Reader], engine: &Engine, findings: &[PathBuf], root: &Path) -> Result<(), String> {
    let path = root.join("tools/differential/readers.json");
    let mut programs = kept(&path);
    let mut messages = BTreeSet::new();
    for file in findings {
        messages.extend(messages_of(&json_of(file)?));
    }
    for program in programs.values_mut() {
        program.still = program.fooled.as_ref().is_some_and(|fooled| engine.authorizes(&octets(&fooled.message)));
    }
    for reader in readers {
        for config in reader.configs.values() {
            let program = programs.entry(config.program.clone()).or_default();
            program.versions.insert(config.version.clone());
            program.ways.insert(config.how.clone());
        }
        // A message that fooled one program may fool another that was not asked then.
        for message in &messages {
            let answer = victims(reader.read(&octets(message)));
            for (config, found) in answer {
                let Some(program) = reader.configs.get(&config).map(|config| config.program.clone()) else { continue };
                let (Some(read), None) = (found.first(), out_of_scope(&program, &octets(message))) else { continue };
                if let Some(known) = programs.get_mut(&program)
                    && known.fooled.as_ref().is_none_or(|old| length(message) < length(&old.message))
                {
                    known.fooled = Some(Fooled { message: message.clone(), read: read.clone() });
                    known.still = engine.authorizes(&octets(message));
                }
            }
        }
        fools_still(reader, &mut programs);
    }
    let list: Vec<Value> = programs
        .iter()
        .map(|(name, program)| {
            let fooled =
                program.fooled.as_ref().map(|fooled| json!({ "message": fooled.message, "read": fooled.read }));
            json!({ "program": name, "versions": program.versions, "ways": program.ways, "onceFooledBy": fooled })
        })
        .collect();
    let text = serde_json::to_string_pretty(&list).map_err(|error| error.to_string())?;
    write(&path, &(text + "\n"))?;
    write(&root.join("docs/readers.md"), &markdown(&programs))
}

/// Asks the programs of a reader again where their message is authorized: a gate changes what goes out.
fn fools_still(reader: &mut Reader, programs: &mut BTreeMap<String, Program>) {
    let own: BTreeSet<String> = reader.configs.values().map(|config| config.program.clone()).collect();
    for name in own {
        let Some(program) = programs.get_mut(&name).filter(|program| program.still) else { continue };
        let Some(fooled) = &program.fooled else { continue };
        let answer = victims(reader.read(&edited(&octets(&fooled.message))));
        let configs = &reader.configs;
        program.still = answer.keys().any(|config| configs.get(config).is_some_and(|config| config.program == name));
    }
}

/// A message whose end is missing is the shorter one, but a whole one is easier to believe.
fn length(message: &str) -> usize {
    message.trim_end().len()
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

fn json_of(path: &Path) -> Result<Value, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

fn texts(list: &Value) -> BTreeSet<String> {
    list.as_array().into_iter().flatten().filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

fn kept(path: &Path) -> BTreeMap<String, Program> {
    let list = json_of(path).unwrap_or_default();
    let text = |value: &Value, key: &str| value[key].as_str().map(str::to_owned);
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(|row| {
            let fooled = &row["onceFooledBy"];
            let fooled =
                text(fooled, "message").zip(text(fooled, "read")).map(|(message, read)| Fooled { message, read });
            Some((
                text(row, "program")?,
                Program { versions: texts(&row["versions"]), ways: texts(&row["ways"]), fooled, still: false },
            ))
        })
        .collect()
}

/// The messages of findings; each character stands for one octet.
fn messages_of(findings: &Value) -> Vec<String> {
    let classes = findings["classes"].as_array().into_iter().flatten();
    let examples = classes.flat_map(|class| class["examples"].as_array().into_iter().flatten());
    examples.filter_map(|example| example["message"].as_str().map(str::to_owned)).collect()
}

fn octets(message: &str) -> Vec<u8> {
    message.chars().filter_map(|letter| u8::try_from(u32::from(letter)).ok()).collect()
}

fn markdown(programs: &BTreeMap<String, Program>) -> String {
    let ways: usize = programs.values().map(|program| program.ways.len() * program.versions.len().max(1)).sum();
    let still = programs.values().filter(|program| program.still).count();
    let still = match still {
        0 => "None is".to_owned(),
        1 => "One is".to_owned(),
        more => format!("{more} are"),
    };
    let mut text = format!(
        "# Readers\n\n\
         `cargo xtask differential` gives messages that the engine authorizes for `attacker.example` to other mail readers.\n\
         None may find `victim.example` as the sender. The table has these programs, the tested versions, and the shortest\n\
         message that once fooled each of them. {still} fooled by that message today, as a gate sends it on. A program for\n\
         DMARC reads only a domain, shown after `*@`. The table is made from\n\
         [`tools/differential/readers.json`](../tools/differential/readers.json) by `cargo xtask differential --record`.\n\n\
         {} programs, at most {ways} configurations of program, version and way of asking.\n\n\
         | program | versions | once fooled by | read |\n| --- | --- | --- | --- |\n",
        programs.len(),
    );
    for (name, program) in programs {
        let versions: Vec<&str> = program.versions.iter().map(String::as_str).collect();
        let (message, read) = match &program.fooled {
            Some(fooled) => {
                let note = if program.still { " (still)" } else { "" };
                (code(fooled.message.trim_end()) + note, code(&fooled.read))
            }
            None => ("nothing yet".to_owned(), String::new()),
        };
        text.push_str(&format!("| {name} | {} | {message} | {read} |\n", versions.join(", ")));
    }
    text
}

/// Octets as code in a table: what does not print is escaped.
fn code(text: &str) -> String {
    let mut shown = String::new();
    for letter in text.chars() {
        match letter {
            '\r' => shown.push_str("\\r"),
            '\n' => shown.push_str("\\n"),
            '\t' => shown.push_str("\\t"),
            '|' => shown.push_str("\\|"),
            ' '..='~' => shown.push(letter),
            _ => shown.push_str(&format!("\\x{:02x}", u32::from(letter))),
        }
    }
    let shown: String =
        if shown.chars().count() > 130 { shown.chars().take(129).chain(['…']).collect() } else { shown };
    let fence = if shown.contains('`') { "``" } else { "`" };
    format!("{fence}{shown}{fence}")
}
