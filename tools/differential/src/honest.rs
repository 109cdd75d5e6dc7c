//! Mail that nobody here wrote, judged by its own From: what is refused is a price, and is listed by reason.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use sendergate::decision::{ReversePath, Submission, Verdict, decide};
use sendergate::policy::{PolicyOptions, SenderPolicy};
use serde_json::{Value, json};

/// No message of a test suite or a mailing list is larger; what is larger is an archive or a program.
const LARGEST: u64 = 8 << 20;
/// Words in a path that say: this was broken on purpose.
const BROKEN: &[&str] = &[
    "broken",
    "malform",
    "invalid",
    "fuzz",
    "bad",
    "defect",
    "torture",
    "error",
    "crash",
    "cve",
    "attack",
    "spoof",
    "corrupt",
    "weird",
    "illegal",
    "nonascii",
    "non-ascii",
    "garbage",
    "oss-fuzz",
    "truncat",
    "evil",
    "exploit",
    "test_email/data/msg_",
    "raw-header",
    "8bit-header",
    "jwz",
    "issue",
    "bug",
    "edge",
    "strange",
    "no_from",
    "missing",
    "empty",
    "rfc2047",
    "phish",
    "recurs",
    "dk_headers",
    "resources/dkim2",
    "/documentation/",
];

#[derive(Default)]
struct Tally {
    messages: usize,
    authorized: usize,
    refused: BTreeMap<&'static str, Vec<(String, String)>>,
}

/// Judges every message below the folders, and says what is refused.
pub(crate) fn judge(folders: &[PathBuf], out: &Path) -> Result<(), String> {
    let mut files = Vec::new();
    for folder in folders {
        walk(folder, &mut files);
    }
    files.sort();
    let mut seen = HashSet::new();
    let (mut programs, mut fixtures, mut without) = (Tally::default(), Tally::default(), 0);
    for file in files {
        let Ok(content) = fs::read(&file) else { continue };
        for message in messages(&content) {
            // The same header section with other line endings, or above another body, is the same mail.
            if !seen.insert(section(message).replace('\r', "").trim_end().to_owned()) {
                continue;
            }
            let path = file.to_string_lossy().into_owned();
            let senders = own_addresses(message);
            if senders.is_empty() {
                without += 1;
                continue;
            }
            let tally = if written_by_a_program(&path, message) { &mut programs } else { &mut fixtures };
            one(tally, &path, message, &senders);
        }
    }
    for (name, tally) in [("what mail programs wrote", &programs), ("what was made for tests", &fixtures)] {
        show(name, tally);
    }
    println!("{without} messages name no sender to judge by");
    let text = json!({ "programs": as_json(&programs), "fixtures": as_json(&fixtures), "withoutSender": without });
    let path = out.join("honest.json");
    fs::write(&path, format!("{text:#}\n")).map_err(|error| format!("{}: {error}", path.display()))?;
    if programs.messages == 0 {
        return Err("no message was found; name folders that hold mail".to_owned());
    }
    println!("all of it: target/differential/honest.json");
    Ok(())
}

fn walk(path: &Path, files: &mut Vec<PathBuf>) {
    let Ok(data) = fs::symlink_metadata(path) else { return };
    if data.is_dir() {
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            walk(&entry.path(), files);
        }
    } else if data.is_file() && data.len() <= LARGEST {
        files.push(path.to_owned());
    }
}

/// The messages in a file: it is one, or a mailbox of them (RFC 4155), or neither.
fn messages(content: &[u8]) -> Vec<&[u8]> {
    if content.starts_with(b"From ") {
        let mut starts = vec![0];
        starts
            .extend(content.windows(7).enumerate().filter(|(_, window)| *window == b"\n\nFrom ").map(|(at, _)| at + 2));
        starts.extend(
            content.windows(9).enumerate().filter(|(_, window)| *window == b"\r\n\r\nFrom ").map(|(at, _)| at + 4),
        );
        starts.sort_unstable();
        starts.push(content.len());
        let after_line = |message: &'_ [u8]| message.iter().position(|&octet| octet == b'\n').map_or(0, |at| at + 1);
        return starts
            .windows(2)
            .filter_map(|pair| content.get(pair[0]..pair[1]))
            .map(|message| &message[after_line(message)..])
            .filter(|message| is_message(message))
            .collect();
    }
    if is_message(content) { vec![content] } else { Vec::new() }
}

/// It starts with fields, and two of them are those of a message.
fn is_message(content: &[u8]) -> bool {
    let mut known = HashSet::new();
    for (line_number, line) in content.split(|&octet| octet == b'\n').take(200).enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        if line[0] == b' ' || line[0] == b'\t' {
            if line_number == 0 {
                return false;
            }
            continue;
        }
        let Some(colon) = line.iter().position(|&octet| octet == b':') else { return false };
        if !line[..colon].iter().all(|octet| octet.is_ascii_graphic()) {
            return false;
        }
        let name = String::from_utf8_lossy(&line[..colon]).to_ascii_lowercase();
        if ["from", "to", "date", "subject", "message-id", "received", "mime-version", "return-path"]
            .contains(&name.as_str())
        {
            known.insert(name);
        }
    }
    known.contains("from") && known.len() >= 3
}

/// A program writes Date and Message-ID, or the message has been on its way; and nothing says that it was broken on purpose.
fn written_by_a_program(path: &str, message: &[u8]) -> bool {
    let section = section(message).to_ascii_lowercase();
    let has = |name: &str| section.starts_with(&format!("{name}:")) || section.contains(&format!("\n{name}:"));
    let path = path.to_ascii_lowercase();
    // Of a path, what the source package chose: not the folder it was unpacked to.
    let named = BROKEN.iter().any(|word| {
        path.rsplit('/').take(3).any(|part| part.contains(word)) || word.contains('/') && path.contains(word)
    });
    !named && has("date") && (has("message-id") || has("received"))
}

fn section(message: &[u8]) -> String {
    let end = message
        .windows(2)
        .position(|two| two == b"\n\n")
        .or_else(|| message.windows(4).position(|four| four == b"\r\n\r\n"));
    String::from_utf8_lossy(&message[..end.unwrap_or(message.len())]).into_owned()
}

/// The addresses in the originator fields, as a simple reader finds them: those in angle brackets, else every word with
/// an `@`; comments and quoted strings are left out.
fn own_addresses(message: &[u8]) -> Vec<String> {
    let section = section(message).replace("\r\n", "\n").replace("\n ", " ").replace("\n\t", " ");
    let mut found = Vec::new();
    for line in section.split('\n') {
        let Some((name, body)) = line.split_once(':') else { continue };
        if ["from", "sender", "resent-from", "resent-sender"].contains(&name.trim().to_ascii_lowercase().as_str()) {
            let text = without_names(body);
            for part in text.split(',') {
                match part.split_once('<') {
                    Some((_, rest)) => found.extend(rest.split('>').next().map(str::to_owned)),
                    None => found.extend(part.split([' ', '\t', ';', ':']).map(str::to_owned)),
                }
            }
        }
    }
    found.retain(|address| {
        address.trim().split_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
    });
    found.iter().map(|address| address.trim().to_owned()).collect()
}

fn without_names(body: &str) -> String {
    let (mut out, mut depth, mut quoted, mut escaped) = (String::new(), 0, false, false);
    for letter in body.chars() {
        let was_escaped = std::mem::take(&mut escaped);
        match letter {
            '\\' if !was_escaped && (quoted || depth > 0) => escaped = true,
            '"' if !was_escaped && depth == 0 => quoted = !quoted,
            '(' if !was_escaped && !quoted => depth += 1,
            ')' if !was_escaped && !quoted && depth > 0 => depth -= 1,
            _ if !quoted && depth == 0 => out.push(letter),
            _ => {}
        }
    }
    out
}

fn one(tally: &mut Tally, path: &str, message: &[u8], senders: &[String]) {
    // What no list can hold is no sender that a customer could have entered.
    let listed: Vec<&str> = senders.iter().map(String::as_str).filter(|sender| policy(sender).is_some()).collect();
    let Some(policy) = policy(&listed.join("; ")).filter(|_| !listed.is_empty()) else { return };
    let submission = Submission {
        mail_from: ReversePath::Path(listed[0]),
        header: Some(message),
        header_complete: true,
        ..Submission::default()
    };
    let decision = decide(&policy, &submission);
    tally.messages += 1;
    if decision.verdict == Verdict::Authorized {
        tally.authorized += 1;
    } else {
        let originators: String = section(message)
            .lines()
            .filter(|line| {
                let line = line.to_ascii_lowercase();
                ["from", "sender", "resent-"].iter().any(|name| line.starts_with(name))
            })
            .take(3)
            .collect::<Vec<_>>()
            .join(" | ");
        tally.refused.entry(decision.reason.as_str()).or_default().push((path.to_owned(), originators));
    }
}

fn policy(senders: &str) -> Option<SenderPolicy> {
    SenderPolicy::new(&PolicyOptions { senders, ..PolicyOptions::default() }).ok()
}

fn refused(tally: &Tally) -> usize {
    tally.refused.values().map(Vec::len).sum()
}

#[allow(clippy::cast_precision_loss)]
fn show(name: &str, tally: &Tally) {
    let share = refused(tally) as f64 * 100.0 / tally.messages.max(1) as f64;
    println!(
        "{name}: {} messages, {} authorized, {} refused ({share:.3} %)",
        tally.messages,
        tally.authorized,
        refused(tally)
    );
    for (reason, examples) in &tally.refused {
        println!("  {:>5}  {reason}", examples.len());
        for (path, originators) in examples.iter().take(6) {
            println!("         {path}: {}", originators.chars().take(140).collect::<String>());
        }
    }
}

fn as_json(tally: &Tally) -> Value {
    let refused: BTreeMap<&str, Vec<Value>> = tally
        .refused
        .iter()
        .map(|(reason, examples)| {
            (*reason, examples.iter().map(|(path, from)| json!({ "file": path, "originators": from })).collect())
        })
        .collect();
    json!({ "messages": tally.messages, "authorized": tally.authorized, "refused": refused })
}

#[cfg(test)]
mod tests {
    use super::{messages, own_addresses};

    #[test]
    fn a_mailbox_is_cut_and_its_senders_are_found() {
        let mailbox = b"From jo@a.example Mon\nFrom: \"Jo (b@b.example)\" <jo@a.example>\nTo: x\nDate: y\n\nhello\n\n\
                        From ann@a.example Mon\nFrom: ann@a.example (Ann), Bo <bo@a.example>\nTo: x\nDate: y\n\nhello\n";
        let found: Vec<Vec<String>> = messages(mailbox).into_iter().map(own_addresses).collect();
        assert_eq!(found, [vec!["jo@a.example"], vec!["ann@a.example", "bo@a.example"]]);
        assert!(messages(b"int main(void) {\n").is_empty());
    }
}
