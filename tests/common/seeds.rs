//! The seeds for fuzzing: rows of the tables.

use super::{addresses, attacks, decisions, header, legitimate, rows, table, text};

fn tables() -> [serde_json::Value; 3] {
    [table(attacks::TABLE), table(decisions::TABLE), table(legitimate::TABLE)]
}

/// Every header that is short enough for many mutations.
pub(crate) fn messages() -> Vec<Vec<u8>> {
    let tables = tables();
    tables.iter().flat_map(rows).filter(|row| row["pad"].is_null()).filter_map(header).collect()
}

/// The body of the first field of every message, and those of the standards.
pub(crate) fn bodies() -> Vec<Vec<u8>> {
    let fields = table(addresses::TABLE);
    let of_standards = rows(&fields).iter().map(|row| text(row, "text").as_bytes().to_vec());
    let body = |message: &Vec<u8>| {
        let start = message.iter().position(|octet| *octet == b':')? + 1;
        let end = message.windows(2).position(|pair| pair == b"\r\n")?;
        message.get(start..end).map(<[u8]>::to_vec)
    };
    messages().iter().filter_map(body).chain(of_standards).collect()
}

/// Reverse-paths, and the addresses of the standards.
pub(crate) fn addresses() -> Vec<Vec<u8>> {
    let [attacks, decisions, _] = tables();
    let standards = table(addresses::TABLE);
    let paths = rows(&attacks).iter().chain(rows(&decisions)).map(|row| text(row, "mailFrom"));
    paths.chain(rows(&standards).iter().map(|row| text(row, "text"))).map(|path| path.as_bytes().to_vec()).collect()
}

/// The lists of the policies, and common mistakes.
pub(crate) fn lists() -> Vec<Vec<u8>> {
    const MISTAKES: &[&str] = &[
        "a.com, b.com",
        "a.com b.com",
        "a.com\nb.com",
        "a.com；b.com",
        ";;a.com; ;",
        "@a.com",
        "https://www.a.com/x",
        "www.a.com",
        "info@a.com",
        "\"Info\" <info@a.com>",
        "mailto:info@a.com",
        "A.com;a.COM",
        "bücher.example;xn--bcher-kva.example",
        "a.com.",
        "a..com",
        "-a.com",
        "a_b.com",
        "co.uk",
        "*.co.uk",
        "*.a.com",
        "*",
        "a.*.com",
        "[192.0.2.1]",
        "localhost",
        "раypal.com",
        "a\u{200b}.com",
        "😀.com",
        "info@a.com; sales@a.com, x@b.com",
        "Info <info@a.com>; (x) sales@a.com",
        "a.com; *.a.com; m.a.com",
        "gmail.com",
        "a.com ;b.com;",
    ];
    let [attacks, decisions, legitimate] = tables();
    let of_rows = rows(&attacks).iter().chain(rows(&legitimate)).chain(rows(&decisions)).flat_map(|row| {
        let policy = if row["policy"].is_object() { &row["policy"] } else { row };
        [text(policy, "domains"), text(policy, "senders")]
    });
    of_rows
        .filter(|list| !list.is_empty())
        .chain(MISTAKES.iter().copied())
        .map(|list| list.as_bytes().to_vec())
        .collect()
}
