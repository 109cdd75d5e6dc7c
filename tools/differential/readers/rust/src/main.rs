//! What Rust's mail crates find in a message. In: a length of four octets and a message; out: a line of JSON.

use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::{Map, Value, json};

const FIELDS: [&str; 4] = ["From", "Sender", "Resent-From", "Resent-Sender"];

type Configuration = (&'static str, &'static str, &'static str, fn(&[u8]) -> Vec<String>);

/// Programs, their versions in Cargo.lock, and how they are asked.
const CONFIGS: [Configuration; 8] = [
    ("mail-parser", "0.11.9", "from, sender, resent", mail_parser),
    ("mailparse", "0.18.0", "addrparse_header", mailparse_header),
    ("mailparse", "0.18.0", "addrparse of the decoded field", mailparse_decoded),
    ("mail-auth", "0.13.3", "authors", mail_auth),
    ("lettre", "0.11.23", "Mailboxes", lettre),
    ("rfc2047-decoder", "1.1.2", "decoded, then mailparse", rfc2047),
    ("eml-parser", "0.1.6", "from", eml_parser),
    ("melib", "0.9.0", "Envelope", melib),
];

fn mail_parser(octets: &[u8]) -> Vec<String> {
    let Some(message) = mail_parser::MessageParser::default().parse(octets) else { return Vec::new() };
    let mut out = Vec::new();
    for name in FIELDS {
        for value in message.header_values(name) {
            if let Some(addresses) = value.as_address() {
                out.extend(addresses.iter().filter_map(|one| one.address().map(str::to_owned)));
            }
        }
    }
    out
}

fn headers(octets: &[u8]) -> Vec<mailparse::MailHeader<'_>> {
    let parsed = mailparse::parse_headers(octets).map(|(headers, _)| headers).unwrap_or_default();
    parsed.into_iter().filter(|header| FIELDS.iter().any(|name| header.get_key_ref().eq_ignore_ascii_case(name))).collect()
}

fn of_list(list: &mailparse::MailAddrList) -> Vec<String> {
    let mut out = Vec::new();
    for one in list.iter() {
        match one {
            mailparse::MailAddr::Single(single) => out.push(single.addr.clone()),
            mailparse::MailAddr::Group(group) => out.extend(group.addrs.iter().map(|single| single.addr.clone())),
        }
    }
    out
}

fn mailparse_header(octets: &[u8]) -> Vec<String> {
    headers(octets).iter().filter_map(|header| mailparse::addrparse_header(header).ok()).flat_map(|list| of_list(&list)).collect()
}

fn mailparse_decoded(octets: &[u8]) -> Vec<String> {
    headers(octets).iter().filter_map(|header| mailparse::addrparse(&header.get_value()).ok()).flat_map(|list| of_list(&list)).collect()
}

fn mail_auth(octets: &[u8]) -> Vec<String> {
    mail_auth::AuthenticatedMessage::parse(octets).map(|message| message.from).unwrap_or_default()
}

fn raw_bodies(octets: &[u8]) -> Vec<String> {
    headers(octets)
        .iter()
        .map(|header| String::from_utf8_lossy(header.get_value_raw()).replace("\r\n", "").replace('\n', "").trim().to_owned())
        .collect()
}

fn lettre(octets: &[u8]) -> Vec<String> {
    let parse = |body: &String| body.parse::<lettre::message::Mailboxes>().ok();
    raw_bodies(octets).iter().filter_map(parse).flat_map(|list| list.into_iter().map(|one| one.email.to_string())).collect()
}

fn rfc2047(octets: &[u8]) -> Vec<String> {
    let decode = |body: String| rfc2047_decoder::decode(body.into_bytes()).ok();
    let decoded = raw_bodies(octets).into_iter().filter_map(decode);
    decoded.filter_map(|body| mailparse::addrparse(&body).ok()).flat_map(|list| of_list(&list)).collect()
}

fn eml_parser(octets: &[u8]) -> Vec<String> {
    let Ok(eml) = eml_parser::EmlParser::from_string(String::from_utf8_lossy(octets).into_owned()).parse() else {
        return Vec::new();
    };
    match eml.from {
        Some(eml_parser::eml::HeaderFieldValue::SingleEmailAddress(one)) => vec![of_eml(&one)],
        Some(eml_parser::eml::HeaderFieldValue::MultipleEmailAddresses(list)) => list.iter().map(of_eml).collect(),
        _ => Vec::new(),
    }
}

fn of_eml(address: &eml_parser::eml::EmailAddress) -> String {
    match address {
        eml_parser::eml::EmailAddress::AddressOnly { address } => address.clone(),
        eml_parser::eml::EmailAddress::NameAndEmailAddress { address, .. } => address.clone(),
    }
}

fn melib(octets: &[u8]) -> Vec<String> {
    let Ok(envelope) = melib::Envelope::from_bytes(octets, None) else { return Vec::new() };
    envelope.from().iter().map(|one| one.get_email().to_string()).collect()
}

fn answer(octets: &[u8]) -> Value {
    let mut said = Map::new();
    for (program, version, how, read) in CONFIGS {
        // A crate that panics reads nobody.
        let found = catch_unwind(AssertUnwindSafe(|| read(octets))).unwrap_or_default();
        let found: BTreeSet<String> = found.into_iter().filter(|one| one.contains('@')).collect();
        if !found.is_empty() {
            said.insert(format!("{program} {version}: {how}"), json!(found));
        }
    }
    Value::Object(said)
}

fn main() -> io::Result<()> {
    std::panic::set_hook(Box::new(|_| ()));
    let (mut input, mut out) = (io::stdin().lock(), io::stdout().lock());
    let configs: Map<String, Value> = CONFIGS
        .iter()
        .map(|(program, version, how, _)| {
            (format!("{program} {version}: {how}"), json!({ "program": format!("Rust {program}"), "version": version, "how": how }))
        })
        .collect();
    writeln!(out, "{}", json!({ "configs": configs }))?;
    let mut length = [0; 4];
    while input.read_exact(&mut length).is_ok() {
        let mut octets = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap_or(0)];
        input.read_exact(&mut octets)?;
        writeln!(out, "{}", answer(&octets))?;
        out.flush()?;
    }
    Ok(())
}
