//! Builds the compact tables that the engine carries: public suffixes and script runs.
//!
//! Both formats compress well, but are not made for look-ups. The module that reads a table unpacks it at first use.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::{env, fs};
use unicode_script::{Script, UnicodeScript};

const SUFFIXES: &str = "data/public_suffix_list.icann.dat";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={SUFFIXES}");
    println!("cargo::rustc-check-cfg=cfg(adapter_knows_nfc)");
    // Set by `idna-adapter/build.rs`. The crate of that name on crates.io has only what `idna` needs.
    if env::var_os("DEP_SENDERGATE_UNICODE_NFC").is_some() {
        println!("cargo::rustc-cfg=adapter_knows_nfc");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let list = fs::read_to_string(SUFFIXES).unwrap_or_else(|error| fail(&format!("{SUFFIXES}: {error}")));
    write(&out.join("public_suffixes.bin"), &suffix_table(&list));
    let version = list.lines().find_map(|line| line.strip_prefix("// VERSION: "));
    let version = version.unwrap_or_else(|| fail(&format!("{SUFFIXES} has no VERSION line")));
    println!("cargo::rustc-env=SENDERGATE_SUFFIXES_VERSION={}", version.trim());
    write(&out.join("scripts.bin"), &script_table());
}

fn write(path: &Path, bytes: &[u8]) {
    if let Err(error) = fs::write(path, bytes) {
        fail(&format!("{}: {error}", path.display()));
    }
}

/// Ends the build with a message, without a panic's backtrace.
fn fail(message: &str) -> ! {
    println!("cargo::error={message}");
    std::process::exit(1);
}

// ── Public suffixes ─────────────────────────────────────────────────────────

/// A label and its children.
#[derive(Default)]
struct Node {
    flags: u8,
    children: BTreeMap<String, Node>,
}

/// The label ends a rule.
const RULE: u8 = 1;
/// There is a rule `*.` below the label.
const WILDCARD: u8 = 2;
/// A rule `!` exempts the label from the wildcard.
const EXCEPTION: u8 = 4;
/// The label has children. Their list follows in order.
const CHILDREN: u8 = 8;
/// Ends a list of siblings. Smaller bytes are lengths of shared prefixes, larger ones up to `-` are flags.
const END: u8 = 31;
/// Longer shared prefixes make the compressed module larger.
const MOST_SHARED: usize = 8;

/// The rules as a tree of labels: lists of siblings, level by level.
///
/// U-labels stay U-labels, which are shorter (RFC 5890). A label is written as the number of bytes that it shares with the sibling before it, `32 + flags` unless the only
/// flag is `RULE`, and the rest of its bytes. The lists are in the order of their parent labels.
fn suffix_table(list: &str) -> Vec<u8> {
    let mut root = Node::default();
    for rule in list.lines().filter_map(|line| line.split_whitespace().next()).filter(|word| !word.starts_with("//")) {
        let (flag, name) = match (rule.strip_prefix('!'), rule.strip_prefix("*.")) {
            (Some(name), _) => (EXCEPTION, name),
            (None, Some(name)) => (WILDCARD, name),
            (None, None) => (RULE, rule),
        };
        let mut node = &mut root;
        for label in name.rsplit('.') {
            if label.contains('*') {
                fail(&format!("{SUFFIXES}: `{rule}` has a wildcard that is not its first label"));
            }
            node = node.children.entry(label.to_owned()).or_default();
        }
        node.flags |= flag;
    }
    // The default rule `*` says the same: a domain's last label is always a public suffix.
    root.children.retain(|_, node| node.flags != RULE || !node.children.is_empty());
    let mut table = Vec::new();
    let mut lists = VecDeque::from([&root]);
    while let Some(parent) = lists.pop_front() {
        let mut before = "";
        for (label, node) in &parent.children {
            let shared = label.bytes().zip(before.bytes()).take_while(|(a, b)| a == b).count().min(MOST_SHARED);
            table.push(u8::try_from(shared).unwrap_or(0));
            let flags = node.flags | if node.children.is_empty() { 0 } else { CHILDREN };
            if flags != RULE {
                table.push(32 + flags);
            }
            table.extend(label.bytes().skip(shared));
            before = label;
            if !node.children.is_empty() {
                lists.push_back(node);
            }
        }
        table.push(END);
    }
    table
}

// ── Scripts ─────────────────────────────────────────────────────────────────

/// The scripts that may occur with others. They have the numbers from 1, in this order. See `src/list/lint/script.rs`.
const COMBINING: [Script; 6] =
    [Script::Latin, Script::Han, Script::Hiragana, Script::Katakana, Script::Hangul, Script::Bopomofo];

/// The runs of code points with one script, from U+0080 on: the number of code points, and the number of the script. 0
/// is "every script" (Common, Inherited).
///
/// A length is one byte below 128, else two or three bytes of seven bits, the last one without its high bit. Characters
/// that cannot be in a label continue the run before or after them.
fn script_table() -> Vec<u8> {
    let mut numbers: Vec<Script> = COMBINING.to_vec();
    let mut runs: Vec<(u32, u8)> = Vec::new();
    for code_point in 0x80..=0x0010_FFFF_u32 {
        let Some(character) = char::from_u32(code_point) else { continue };
        let script = character.script();
        if script == Script::Unknown || script == Script::Common && !character.is_alphanumeric() {
            continue;
        }
        let number = if matches!(script, Script::Common | Script::Inherited) {
            0
        } else {
            let known = numbers.iter().position(|&other| other == script).unwrap_or_else(|| {
                numbers.push(script);
                numbers.len() - 1
            });
            u8::try_from(known + 1).unwrap_or_else(|_| fail("more than 255 scripts"))
        };
        if runs.last().is_none_or(|&(_, last)| last != number) {
            runs.push((code_point, number));
        }
    }
    let mut lengths = Vec::new();
    let mut scripts = Vec::new();
    let mut start = 0x80;
    let mut current = 0;
    for &(next, number) in &runs {
        if next > start {
            push_length(&mut lengths, next - start);
            scripts.push(current);
        }
        (start, current) = (next, number);
    }
    push_length(&mut lengths, 0x0011_0000 - start);
    scripts.push(current);
    let mut table = u16::try_from(scripts.len()).unwrap_or_else(|_| fail("too many runs")).to_le_bytes().to_vec();
    table.extend(scripts);
    table.extend(lengths);
    table
}

fn push_length(out: &mut Vec<u8>, mut length: u32) {
    while length > 127 {
        out.push((length & 127) as u8 | 128);
        length >>= 7;
    }
    out.push(length as u8);
}
