//! Takes the character sets of `mail-parser` out of the module: 28 KB that no answer needs.
//!
//! Its address reader decodes encoded-words. The engine shows it none whose character set it knows, natively neither
//! (`without_charsets` in src/message/second_reader.rs), so what it would find is dead weight, which no compiler can
//! prove dead.

use anyhow::{Result, bail, ensure};
use mail_parser::decoders::charsets::map::charset_decoder;
use walrus::Module;
use walrus::ir::Value;

use super::rewrite;

/// One name for each table of 256 characters that the address reader links.
const TABLES: [&str; 27] = [
    "iso-8859-2",
    "iso-8859-3",
    "iso-8859-4",
    "iso-8859-5",
    "iso-8859-6",
    "iso-8859-7",
    "iso-8859-8",
    "iso-8859-9",
    "iso-8859-10",
    "iso-8859-13",
    "iso-8859-14",
    "iso-8859-15",
    "iso-8859-16",
    "ibm850",
    "koi8-r",
    "koi8-u",
    "tis-620",
    "cp1250",
    "cp1251",
    "cp1252",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
    "cp1257",
    "cp1258",
    "macintosh",
];

/// Finds no character set any more, empties the decoders, and blanks their tables, which compress to nothing.
pub(super) fn snip(module: &mut Module) -> Result<()> {
    let room = "mail_parser::decoders::charsets::";
    let finder = "mail_parser::decoders::charsets::map::charset_decoder";
    let none = |name: &str| name.starts_with(finder);
    // The niche of a function pointer: `None` is 0.
    let found = rewrite(module, none, |body| {
        body.const_(Value::I32(0));
    });
    ensure!(found == 1, "there are {found} functions `charset_decoder` of mail-parser, not one");
    let decoders = rewrite(
        module,
        |name| name.starts_with(room) && !none(name),
        |body| {
            body.unreachable();
        },
    );
    ensure!(decoders > TABLES.len(), "mail-parser has only {decoders} decoders of character sets");
    for name in TABLES {
        let Some(decode) = charset_decoder(name.as_bytes()) else { bail!("mail-parser does not know {name}") };
        let octets: Vec<u8> = (0..=u8::MAX).collect();
        let table: Vec<u8> = decode(&octets).chars().flat_map(|it| u32::from(it).to_le_bytes()).collect();
        let segments: Vec<_> = module.data.iter().map(|data| data.id()).collect();
        let blanked = segments.into_iter().any(|id| blank(&mut module.data.get_mut(id).value, &table));
        ensure!(blanked, "the table of {name} is not in the module: has mail-parser changed how it keeps it?");
    }
    Ok(())
}

fn blank(data: &mut [u8], table: &[u8]) -> bool {
    let Some(start) = data.windows(table.len()).position(|window| window == table) else { return false };
    data.iter_mut().skip(start).take(table.len()).for_each(|octet| *octet = 0);
    true
}
