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
    // Examples out of an RFC, which show what may be written and not what programs write.
    "rfc2822",
    "dkim/test-",
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
    let (mut programs, mut spammers, mut fixtures, mut without) =
        (Tally::default(), Tally::default(), Tally::default(), 0);
    for file in files {
        let Ok(content) = fs::read(&file) else { continue };
        for message in messages(&content) {
            // The same header section with other line endings, or above another body, is the same mail.
            if !seen.insert(section(message).replace('\r', "").trim_end().to_owned()) {
                continue;
            }
            let path = file.to_string_lossy().into_owned();
            let Some(senders) = listable(message) else {
                without += 1;
                continue;
            };
            let tally = match writer(&path, message) {
                Writer::Program => &mut programs,
                Writer::Spammer => &mut spammers,
                Writer::Test => &mut fixtures,
            };
            one(tally, &path, message, &senders);
        }
    }
    show("what mail programs wrote", &programs);
    show("what a folder says is spam", &spammers);
    show("what was made for tests", &fixtures);
    println!("{without} messages name in their From no sender that a list could hold");
    let text = json!({ "programs": as_json(&programs), "spammers": as_json(&spammers), "fixtures": as_json(&fixtures), "withoutSender": without });
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

/// Who wrote a message, as far as it and its path tell.
#[derive(Debug, PartialEq, Eq)]
enum Writer {
    Program,
    Spammer,
    Test,
}

/// A program writes Date and Message-ID, or the message has been on its way; and nothing says that it was broken on
/// purpose. Mail in a folder of spam was sent by programs that hide who sends.
fn writer(path: &str, message: &[u8]) -> Writer {
    let section = section(message).to_ascii_lowercase();
    let has = |name: &str| section.starts_with(&format!("{name}:")) || section.contains(&format!("\n{name}:"));
    let path = path.to_ascii_lowercase();
    // Of a path, what the source package chose: not the folder it was unpacked to.
    let chosen = || path.rsplit('/').take(3);
    if BROKEN.iter().any(|word| chosen().any(|part| part.contains(word)) || word.contains('/') && path.contains(word)) {
        return Writer::Test;
    }
    if chosen().any(|part| part.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == "spam")) {
        return Writer::Spammer;
    }
    if has("date") && (has("message-id") || has("received")) { Writer::Program } else { Writer::Test }
}

fn section(message: &[u8]) -> String {
    let end = message
        .windows(2)
        .position(|two| two == b"\n\n")
        .or_else(|| message.windows(4).position(|four| four == b"\r\n\r\n"));
    String::from_utf8_lossy(&message[..end.unwrap_or(message.len())]).into_owned()
}

/// What the customer would have entered: the senders of a message, where its From names one and a list can hold them all.
fn listable(message: &[u8]) -> Option<Vec<String>> {
    if own_addresses(message, &["from"]).is_empty() {
        return None;
    }
    let senders = own_addresses(message, &["from", "sender", "resent-from", "resent-sender"]);
    senders.iter().all(|sender| policy(sender).is_some()).then_some(senders)
}

/// The addresses in the fields of these names, as a simple reader finds them: those in angle brackets, else every word
/// with an `@`; comments and quoted strings are left out.
fn own_addresses(message: &[u8], names: &[&str]) -> Vec<String> {
    let section = section(message).replace("\r\n", "\n").replace("\n ", " ").replace("\n\t", " ");
    let mut found = Vec::new();
    for line in section.split('\n') {
        let Some((name, body)) = line.split_once(':') else { continue };
        if names.contains(&name.trim().to_ascii_lowercase().as_str()) {
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
    let (Some(policy), Some(first)) = (policy(&senders.join("; ")), senders.first()) else { return };
    let sent = as_sent(message);
    let submission = Submission {
        mail_from: ReversePath::Path(first),
        header: Some(&sent),
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

/// A file has the line ends of its machine, or of two; SMTP carries CR and LF (RFC 5321 section 2.3.8). A CR alone stays.
fn as_sent(message: &[u8]) -> Vec<u8> {
    let mut sent = Vec::with_capacity(message.len() + message.len() / 32);
    for line in message.split_inclusive(|&octet| octet == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(line) => sent.extend([line.strip_suffix(b"\r").unwrap_or(line), b"\r\n"].concat()),
            None => sent.extend(line),
        }
    }
    sent
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
    use super::{Writer, as_sent, listable, messages, writer};

    #[test]
    fn a_mailbox_is_cut_and_its_senders_are_found() {
        let mailbox = b"From jo@a.example Mon\nFrom: \"Jo (b@b.example)\" <jo@a.example>\nTo: x\nDate: y\n\nhello\n\n\
                        From ann@a.example Mon\nFrom: ann@a.example (Ann), Bo <bo@a.example>\nTo: x\nDate: y\n\nhello\n";
        let found: Vec<Vec<String>> = messages(mailbox).into_iter().filter_map(listable).collect();
        assert_eq!(found, [vec!["jo@a.example"], vec!["ann@a.example", "bo@a.example"]]);
        // A From that names nobody, and one that no list can hold.
        assert_eq!(listable(b"From: Jo <>\nSender: jo@a.example\n\n"), None);
        assert_eq!(listable(b"From: jo@192.0.2.1\nSender: jo@a.example\n\n"), None);
        assert!(messages(b"int main(void) {\n").is_empty());
    }

    #[test]
    fn line_ends_become_those_of_smtp_and_a_cr_alone_stays() {
        assert_eq!(as_sent(b"From: a\r\nTo:\n b\rc\n\nx"), b"From: a\r\nTo:\r\n b\rc\r\n\r\nx");
    }

    #[test]
    fn spam_and_what_was_broken_on_purpose_are_no_honest_mail() {
        let whole = b"From: jo@a.example\nTo: x\nDate: y\nMessage-ID: <z@a.example>\n\nhello\n";
        assert_eq!(writer("/x/spamassassin/t/data/nice/001", whole), Writer::Program);
        assert_eq!(writer("/x/data/spam-1/0001.txt", whole), Writer::Spammer);
        assert_eq!(writer("/x/t/broken/1.eml", whole), Writer::Test);
        assert_eq!(writer("/x/t/1.eml", b"From: jo@a.example\nTo: x\nSubject: y\n\nhello\n"), Writer::Test);
    }
}
