//! The ICANN part of the Public Suffix List, unpacked at first use.
//!
//! The list changes, so diagnostics that depend on it are warnings.

use crate::index::{Index, Seed, hash};
use std::sync::OnceLock;

/// The version of the compiled-in Public Suffix List (MPL 2.0, <https://publicsuffix.org>).
pub const PUBLIC_SUFFIXES_VERSION: &str = env!("SENDERGATE_SUFFIXES_VERSION");

/// Written by `build.rs`, which describes the format.
static TABLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/public_suffixes.bin"));

const RULE: u8 = 1;
const WILDCARD: u8 = 2;
const EXCEPTION: u8 = 4;
const CHILDREN: u8 = 8;
const END: u8 = 31;
/// The flags are between the shared prefix and the rest of a label. They are smaller than any byte of a label.
const FLAGS: std::ops::Range<u8> = 32..45;

/// A label at its place in the tree.
#[derive(Clone, Copy)]
struct Node {
    start: u32,
    parent: u16,
    length: u8,
    flags: u8,
}

struct Suffixes {
    labels: Vec<u8>,
    /// Node 0 is the root.
    nodes: Vec<Node>,
    /// Indices of `nodes`, by parent and label.
    index: Index,
}

/// More than the number of labels, so that the table has free slots. A test checks that.
const MOST_NODES: usize = 1 << 14;

fn hash_of(parent: u16, label: &[u8]) -> u64 {
    hash(parent.into(), Seed::known().sum(label))
}

impl Suffixes {
    fn get() -> &'static Self {
        static SUFFIXES: OnceLock<Suffixes> = OnceLock::new();
        SUFFIXES.get_or_init(|| Self::unfold(TABLE))
    }

    fn unfold(table: &[u8]) -> Self {
        let root = Node { start: 0, parent: 0, length: 0, flags: CHILDREN };
        let mut suffixes = Self { labels: Vec::new(), nodes: vec![root], index: Index::with_capacity(MOST_NODES / 2) };
        let mut parents = vec![0_u16];
        let mut list = 0;
        let mut rest = table;
        // The label as it was written. The next one shares a prefix with it.
        let mut written = Vec::new();
        while let Some((&first, tail)) = rest.split_first() {
            rest = tail;
            if first == END {
                list += 1;
                written.clear();
                continue;
            }
            let mut flags = RULE;
            if let Some((&byte, tail)) = rest.split_first()
                && FLAGS.contains(&byte)
            {
                flags = byte - FLAGS.start;
                rest = tail;
            }
            written.truncate(first.into());
            let end = rest.iter().position(|&byte| byte < FLAGS.start).unwrap_or(rest.len());
            let (own, tail) = rest.split_at_checked(end).unwrap_or_default();
            written.extend_from_slice(own);
            rest = tail;
            let start = suffixes.labels.len();
            match str::from_utf8(&written).ok().filter(|label| !label.is_ascii()) {
                Some(label) => {
                    suffixes.labels.extend_from_slice(b"xn--");
                    suffixes.labels.extend(idna::punycode::encode_str(label).unwrap_or_default().bytes());
                }
                None => suffixes.labels.extend_from_slice(&written),
            }
            let label = suffixes.labels.get(start..).unwrap_or_default();
            let parent = parents.get(list).copied().unwrap_or(0);
            let id = u16::try_from(suffixes.nodes.len()).unwrap_or(0);
            let length = u8::try_from(label.len()).unwrap_or(u8::MAX);
            suffixes.index.insert(hash_of(parent, label), id.into());
            suffixes.nodes.push(Node { start: u32::try_from(start).unwrap_or(0), parent, length, flags });
            if flags & CHILDREN != 0 {
                parents.push(id);
            }
        }
        suffixes
    }

    fn label(&self, node: &Node) -> &[u8] {
        let start = node.start as usize;
        self.labels.get(start..start + usize::from(node.length)).unwrap_or_default()
    }

    /// The child of `parent` with this label.
    fn child(&self, parent: u16, label: &[u8]) -> Option<(u16, u8)> {
        self.index.find(hash_of(parent, label), |at| {
            let node = self.nodes.get(at).filter(|node| node.parent == parent && self.label(node) == label)?;
            Some((at as u16, node.flags))
        })
    }
}

/// The start of the public suffix of a canonical domain, in bytes.
fn suffix_start(ascii: &str) -> usize {
    let suffixes = Suffixes::get();
    let bytes = ascii.as_bytes();
    let (mut parent, mut parent_flags) = (0, CHILDREN);
    // The end of the current label, the start of the label after it, and the start of the suffix found so far.
    let (mut end, mut below, mut suffix) = (bytes.len(), bytes.len(), bytes.len());
    for at in (0..=bytes.len()).rev() {
        if at.checked_sub(1).and_then(|before| bytes.get(before)).is_some_and(|octet| *octet != b'.') {
            continue;
        }
        let found = suffixes.child(parent, bytes.get(at..end).unwrap_or_default());
        let flags = found.map_or(0, |(_, flags)| flags);
        if flags & EXCEPTION != 0 {
            return below;
        }
        // The default rule is `*`: the last label of every domain is a suffix.
        if flags & RULE != 0 || parent_flags & WILDCARD != 0 || end == bytes.len() {
            suffix = at;
        }
        let Some((id, flags)) = found.filter(|(_, flags)| flags & (CHILDREN | WILDCARD) != 0) else { break };
        (parent, parent_flags) = (id, flags);
        below = at;
        end = at.saturating_sub(1);
        if at == 0 {
            break;
        }
    }
    suffix
}

/// Whether a domain in lower-case A-label form is a public suffix such as `co.uk`, below which anybody can have a
/// domain.
///
/// ```
/// use sendergate::list::is_public_suffix;
/// assert!(is_public_suffix("co.uk"));
/// assert!(!is_public_suffix("example.co.uk"));
/// ```
#[must_use]
pub fn is_public_suffix(ascii: &str) -> bool {
    suffix_start(ascii) == 0
}

/// The public suffix of a domain with the label before it, or `None` if there is no such label.
///
/// ```
/// use sendergate::list::registrable_part;
/// assert_eq!(registrable_part("mail.example.co.uk"), Some("example.co.uk"));
/// assert_eq!(registrable_part("co.uk"), None);
/// ```
#[must_use]
pub fn registrable_part(ascii: &str) -> Option<&str> {
    let before = ascii.get(..suffix_start(ascii).checked_sub(1)?)?;
    ascii.get(before.rfind('.').map_or(0, |dot| dot + 1)..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Domain;

    /// Compares every rule of the file with the table, and the A-labels with IDNA.
    #[test]
    fn every_rule_is_in_the_table() {
        let list = include_str!("../../data/public_suffix_list.icann.dat");
        let rules: Vec<&str> = list.lines().filter(|line| !line.is_empty() && !line.starts_with("//")).collect();
        assert!(rules.len() > 6_000);
        assert!(Suffixes::get().nodes.len() < MOST_NODES / 8 * 5);
        let ascii = |name: &str| {
            let domain = Domain::parse(&format!("q.{name}")).unwrap_or_else(|_| panic!("{name}"));
            domain.as_ascii().trim_start_matches("q.").to_owned()
        };
        for rule in rules {
            if let Some(name) = rule.strip_prefix('!') {
                let name = ascii(name);
                assert!(!is_public_suffix(&name), "{rule}");
                assert_eq!(registrable_part(&format!("x.{name}")), Some(&*name), "{rule}");
            } else if let Some(name) = rule.strip_prefix("*.") {
                let name = ascii(name);
                assert!(is_public_suffix(&format!("anything.{name}")), "{rule}");
                let below = format!("y.anything.{name}");
                assert_eq!(registrable_part(&format!("x.{below}")), Some(&*below), "{rule}");
            } else {
                let name = ascii(rule);
                assert!(is_public_suffix(&name), "{rule}");
            }
        }
    }

    #[test]
    fn registrable_parts() {
        for (domain, part) in [
            ("example.com", Some("example.com")),
            ("a.b.example.com", Some("example.com")),
            ("com", None),
            ("co.uk", None),
            ("a.co.uk", Some("a.co.uk")),
            ("a.example", Some("a.example")),
            ("b.a.example", Some("a.example")),
            ("example", None),
            ("ck", None),
            ("a.ck", None),
            ("b.a.ck", Some("b.a.ck")),
            ("www.ck", Some("www.ck")),
            ("x.www.ck", Some("www.ck")),
            ("kobe.jp", Some("kobe.jp")),
            ("c.kobe.jp", None),
            ("x.c.kobe.jp", Some("x.c.kobe.jp")),
            ("city.kobe.jp", Some("city.kobe.jp")),
            ("x.city.kobe.jp", Some("city.kobe.jp")),
            ("ide.kyoto.jp", None),
            ("x.ide.kyoto.jp", Some("x.ide.kyoto.jp")),
            ("xn--55qx5d.cn", None),
            ("a.xn--55qx5d.cn", Some("a.xn--55qx5d.cn")),
            ("", None),
        ] {
            assert_eq!(registrable_part(domain), part, "{domain}");
        }
        // These are no domains, so any answer is right.
        let _ = [".", "..", "a.", ".a", "-"].map(registrable_part);
        assert!(PUBLIC_SUFFIXES_VERSION.starts_with("20"));
    }
}
