//! Tests `Domain::parse` with `IdnaTestV2.txt` of Unicode Technical Standard 46, from the `idna` crate. A table names the
//! known differences, and one that is no difference any more fails, too.

use super::{Report, rows, table, text};
use sendergate::address::Domain;
use sendergate::diagnostic::is_invisible;
use serde_json::Value;

pub(crate) const DEPARTURES: &str = include_str!("../data/idna_departures.json");

/// One line of the file: the source, its U-labels if valid, and its A-labels or `None`.
struct Case {
    source: String,
    unicode: Option<String>,
    ascii: Option<String>,
}

/// `\u0061` and `\x{61}`, and `""` for the empty text.
fn unescape(field: &str) -> String {
    if field == "\"\"" {
        return String::new();
    }
    let (mut out, mut rest) = (Vec::new(), field);
    while let Some(at) = rest.find("\\u") {
        out.extend(rest[..at].encode_utf16());
        out.push(u16::from_str_radix(&rest[at + 2..at + 6], 16).expect("four digits"));
        rest = &rest[at + 6..];
    }
    out.extend(rest.encode_utf16());
    // Lone surrogates reach the engine as U+FFFD.
    String::from_utf16_lossy(&out)
}

fn cases(file: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    for line in file.lines() {
        let line = line.split('#').next().unwrap_or_default();
        let fields: Vec<&str> = line.split(';').map(str::trim).collect();
        if fields.len() < 7 {
            continue;
        }
        let source = unescape(fields[0]);
        let or = |field: &str, otherwise: &str| if field.is_empty() { otherwise.to_owned() } else { unescape(field) };
        let failed = |status: &str| !matches!(status, "" | "[]");
        let unicode = or(fields[1], &source);
        let ascii = or(fields[3], &unicode);
        let ascii_status = if fields[4].is_empty() { fields[2] } else { fields[4] };
        cases.push(Case {
            unicode: (!failed(fields[2])).then_some(unicode),
            ascii: (!failed(ascii_status)).then_some(ascii),
            source,
        });
    }
    cases
}

/// Our result for a source: the A-labels, or the code of the error.
fn ours(source: &str) -> Result<Domain, &'static str> {
    Domain::parse(source).map_err(|error| error.code.as_str())
}

fn outcome(source: &str) -> String {
    ours(source).map_or_else(|code| format!("error:{code}"), |domain| domain.as_ascii().to_owned())
}

/// The rules that refuse what the standard accepts, in the order of the table.
fn rule(source: &str, ascii: &str) -> Option<&'static str> {
    if source.contains(['\u{3002}', '\u{ff0e}', '\u{ff61}']) {
        Some("full-width-dot")
    } else if source.chars().any(|c| is_invisible(c) && !matches!(c, '\u{200c}' | '\u{200d}')) {
        Some("invisible-character")
    } else if !ascii.contains('.') {
        Some("single-label")
    } else {
        None
    }
}

/// Every line of the file.
pub(crate) fn run(file: &str) -> Report {
    let table = table(DEPARTURES);
    let mut report = Report::new("IdnaTestV2.txt");
    let mut by_rule = std::collections::BTreeMap::new();
    let named: std::collections::HashMap<&str, &Value> =
        rows(&table).iter().map(|row| (text(row, "source"), row)).collect();
    let mut seen = std::collections::HashSet::new();
    for case in cases(file) {
        report.checked();
        let (source, got) = (case.source.as_str(), ours(&case.source));
        let expected = case.ascii.as_deref();
        if let Some(row) = named.get(source) {
            seen.insert(source.to_owned());
            report.expect(source, expected == row["standard"].as_str(), || "the table misquotes the standard".into());
            report.expect(source, outcome(source) == text(row, "ours"), || format!("is {}", outcome(source)));
            report.expect(source, expected != got.as_ref().ok().map(Domain::as_ascii), || "departs no longer".into());
            continue;
        }
        if let Some(rule) = expected.and_then(|ascii| rule(source, ascii)) {
            *by_rule.entry(rule).or_insert(0u64) += 1;
            let code = text(&table["rules"][rule], "error");
            report.expect(source, got.as_ref().err() == Some(&code), || format!("`{code}` by {rule}, not {got:?}"));
            continue;
        }
        report.expect(source, got.as_ref().ok().map(Domain::as_ascii) == expected, || {
            format!("{source:?}: {expected:?} expected, not {got:?}")
        });
        if let (Ok(domain), Some(unicode)) = (&got, &case.unicode) {
            report.expect(source, domain.to_unicode() == *unicode, || {
                format!("shown as {:?}, not {unicode:?}", domain.to_unicode())
            });
            let again = Domain::parse(domain.as_ascii());
            report.expect(source, again.as_ref() == Ok(domain), || "its A-label form is not a fixed point".into());
        }
    }
    for (source, _) in named.iter().filter(|(source, _)| !seen.contains(**source)) {
        report.fail(source, "is in the table of departures, but not in the file");
    }
    for (name, rule) in table["rules"].as_object().expect("the rules have names") {
        let lines = by_rule.get(name.as_str()).copied();
        report.expect(name, rule["lines"].as_u64() == lines, || format!("{lines:?} lines depart by this rule"));
    }
    report
}

/// Only the known differences, for when the file cannot be read.
pub(crate) fn run_departures() -> Report {
    let table = table(DEPARTURES);
    let mut report = Report::new("idna_departures.json");
    for row in rows(&table) {
        report.checked();
        let source = text(row, "source");
        report.expect(source, outcome(source) == text(row, "ours"), || format!("is {}", outcome(source)));
    }
    report
}
