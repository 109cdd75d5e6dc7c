//! A mail transaction (RFC 5321 section 3.3) with its envelope as received.

use super::Session;
use super::message::Incoming;
use crate::answer::Envelope;
use crate::parameter::MailParameters;
use crate::reply::Reply;
use sendergate::address::read_reverse_path;

/// From MAIL to the end of the message.
#[derive(Debug)]
pub(super) struct Transaction {
    pub(super) from: String,
    pub(super) to: Vec<String>,
    pub(super) utf8: bool,
    pub(super) priority: Option<i8>,
    /// The size of the envelope in JSON, as the gate receives it.
    octets: usize,
    /// The message, once it has begun.
    pub(super) incoming: Option<Incoming>,
}

const EMPTY_ENVELOPE: usize = r#"{"from":,"to":[]}"#.len();

impl Transaction {
    /// # Errors
    /// 553 for a non-ASCII address without SMTPUTF8.
    pub(super) fn begin(path: Vec<u8>, parameters: &MailParameters) -> Result<Self, Reply> {
        let from = text(path, parameters.utf8)?;
        let octets = EMPTY_ENVELOPE + json_octets(&from);
        let (utf8, priority) = (parameters.utf8, parameters.priority);
        Ok(Self { from, to: Vec::new(), utf8, priority, octets, incoming: None })
    }

    /// # Errors
    /// 553 for a text that is no address or that two servers could read differently.
    pub(super) fn add(&mut self, path: Vec<u8>, most: usize, most_octets: usize) -> Result<(), Reply> {
        let recipient = text(path, self.utf8)?;
        // The rules for a recipient are those for a reverse-path.
        if let Err(problem) = read_reverse_path(&recipient) {
            return Err(Reply::with(553, "5.1.3", format!("not a recipient: {problem}")));
        }
        let octets = self.octets + json_octets(&recipient) + usize::from(!self.to.is_empty());
        if self.to.len() >= most || octets > most_octets {
            return Err(Reply::new(452, "4.5.3", "too many recipients; send the message to the others again"));
        }
        self.octets = octets;
        self.to.push(recipient);
        Ok(())
    }

    /// Whether its message is being sent to the gate.
    pub(super) fn is_open(&self) -> bool {
        self.incoming.as_ref().is_some_and(Incoming::is_open)
    }
}

/// A path as text. It may be any text.
fn text(path: Vec<u8>, utf8: bool) -> Result<String, Reply> {
    if !utf8 && !path.is_ascii() {
        return Err(Reply::new(553, "5.6.7", "an address beyond ASCII needs SMTPUTF8 in MAIL"));
    }
    String::from_utf8(path).map_err(|_| Reply::new(553, "5.6.7", "the address is not in UTF-8"))
}

fn json_octets(text: &str) -> usize {
    serde_json::to_string(text).map_or(usize::MAX / 4, |json| json.len())
}

impl Session {
    /// The envelope for the gate. At MAIL it has no recipients yet.
    pub(super) fn envelope(&self, transaction: &Transaction) -> Option<Box<Envelope>> {
        Some(Box::new(Envelope {
            user: self.user.clone()?,
            client: self.client,
            helo: self.helo.as_deref().and_then(speakable),
            with: match (transaction.utf8, self.secure) {
                (false, false) => "ESMTPA",
                (false, true) => "ESMTPSA",
                (true, false) => "UTF8SMTPA",
                (true, true) => "UTF8SMTPSA",
            },
            from: transaction.from.clone(),
            to: transaction.to.clone(),
            priority: transaction.priority,
        }))
    }
}

/// The name, if `Sendergate-Helo` can hold it. The door accepts any name (RFC 5321 section 4.1.4).
fn speakable(helo: &[u8]) -> Option<String> {
    let plain = helo.len() <= 255 && helo.iter().all(|octet| octet.is_ascii_graphic() && !b"()<>;\\".contains(octet));
    String::from_utf8(helo.to_vec()).ok().filter(|_| plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_is_counted_as_json() {
        let mut transaction = Transaction::begin(b"a\"b@c.example".to_vec(), &MailParameters::default()).unwrap();
        for recipient in ["x@y.example", "\"p q\"@y.example"] {
            transaction.add(recipient.as_bytes().to_vec(), 10, 1_000).unwrap();
        }
        let json = serde_json::json!({ "from": transaction.from, "to": transaction.to }).to_string();
        assert_eq!(transaction.octets, json.len());
        assert_eq!(transaction.add(b"z@y.example".to_vec(), 2, 1_000).map_err(|reply| reply.code), Err(452));
        assert_eq!(transaction.add(b"z@y.example".to_vec(), 10, json.len() + 13).map_err(|reply| reply.code), Err(452));
        assert_eq!(transaction.add(b"z@y.example".to_vec(), 10, json.len() + 14), Ok(()));
    }
}
