//! Writes the rows of the tables as the seeds of each target: `cargo run --example seeds`, in this folder.

#[path = "../../tests/common/mod.rs"]
mod common;

#[path = "../../submission/tests/common/checks.rs"]
mod checks;
#[path = "../../submission/tests/common/dialogue.rs"]
mod dialogue;

use common::seeds;

fn main() -> std::io::Result<()> {
    let decide: Vec<Vec<u8>> = seeds::messages()
        .into_iter()
        .map(|message| [b"attacker.example;a.example\ninfo@c.example\ninfo@a.example\n".as_slice(), &message].concat())
        .collect();
    let session = dialogue::dialogues().iter().map(|dialogue| [b"\0".as_slice(), &dialogue.seed()].concat()).collect();
    for (target, seeds) in [
        ("lists", seeds::lists()),
        ("fixes", seeds::lists().into_iter().map(|list| [b"\0".as_slice(), &list].concat()).collect()),
        ("addresses", seeds::addresses()),
        ("mailboxes", seeds::bodies()),
        ("header", seeds::messages()),
        ("decide", decide.clone()),
        ("kept", decide),
        ("session", session),
    ] {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
        std::fs::create_dir_all(&folder)?;
        for (index, seed) in seeds.iter().enumerate() {
            std::fs::write(folder.join(format!("row-{index:04}")), seed)?;
        }
        println!("{target}: {} seeds", seeds.len());
    }
    Ok(())
}
