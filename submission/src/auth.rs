//! SASL (RFC 4954): PLAIN (RFC 4616), and LOGIN for the programs that know nothing else.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use crate::reply::Reply;

/// Accepts missing padding, because some programs leave it out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent),
);

/// A user's name and password.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The SMTP+ user.
    pub user: String,
    /// The password as received.
    pub password: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:…", self.user)
    }
}

/// The state of a login.
#[derive(Debug)]
pub(crate) enum Exchange {
    Plain,
    LoginName,
    LoginPassword { name: Vec<u8> },
}

/// The next step of a login.
#[derive(Debug)]
pub(crate) enum Next {
    /// Send this challenge and continue.
    Challenge(&'static str, Exchange),
    Ask(Credentials),
    Fail(Reply),
}

/// For a wrong password and an unknown name alike.
pub(crate) const WRONG: Reply = Reply::new(535, "5.7.8", "user name and password are not those of an SMTP+ user");

const NAME: &str = "VXNlcm5hbWU6";
const PASSWORD: &str = "UGFzc3dvcmQ6";

impl Exchange {
    /// `AUTH mechanism initial`.
    pub(crate) fn begin(mechanism: &[u8], initial: Option<&[u8]>) -> Next {
        let (exchange, challenge) = if mechanism.eq_ignore_ascii_case(b"PLAIN") {
            (Self::Plain, "")
        } else if mechanism.eq_ignore_ascii_case(b"LOGIN") {
            (Self::LoginName, NAME)
        } else {
            return Next::Fail(Reply::new(504, "5.5.4", "the mechanisms are PLAIN and LOGIN"));
        };
        match initial {
            None => Next::Challenge(challenge, exchange),
            // An initial response that is empty (RFC 4954 section 4).
            Some(b"=") => exchange.take(b""),
            Some(initial) => exchange.take(initial),
        }
    }

    /// A line of the client.
    pub(crate) fn take(self, line: &[u8]) -> Next {
        if line == b"*" {
            return Next::Fail(Reply::new(501, "5.7.0", "the login was cancelled"));
        }
        let Ok(octets) = BASE64.decode(line) else {
            return Next::Fail(Reply::new(501, "5.5.2", "this is not in base64"));
        };
        match self {
            Self::Plain => plain(&octets),
            Self::LoginName => Next::Challenge(PASSWORD, Self::LoginPassword { name: octets }),
            Self::LoginPassword { name } => asked(name, octets),
        }
    }
}

/// `authzid NUL authcid NUL password`. A user cannot act as another one.
fn plain(octets: &[u8]) -> Next {
    let parts: Vec<&[u8]> = octets.split(|octet| *octet == 0).collect();
    match parts.as_slice() {
        [acts_as, name, password] if acts_as.is_empty() || acts_as == name => asked(name.to_vec(), password.to_vec()),
        [_, _, _] => Next::Fail(WRONG),
        _ => Next::Fail(Reply::new(501, "5.5.2", "PLAIN is a NUL, the name, a NUL and the password")),
    }
}

/// Refuses a name with a colon, which HTTP Basic would divide differently (RFC 7617).
fn asked(name: Vec<u8>, password: Vec<u8>) -> Next {
    match (String::from_utf8(name), String::from_utf8(password)) {
        (Ok(user), Ok(password)) if !user.is_empty() && !user.contains(|c: char| c == ':' || c.is_control()) => {
            Next::Ask(Credentials { user, password })
        }
        _ => Next::Fail(WRONG),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(mechanism: &str, initial: Option<&[u8]>) -> String {
        let initial = initial.map(|octets| BASE64.encode(octets));
        match Exchange::begin(mechanism.as_bytes(), initial.as_ref().map(String::as_bytes)) {
            Next::Challenge(challenge, _) => challenge.to_owned(),
            Next::Ask(Credentials { user, password }) => format!("{user} {password}"),
            Next::Fail(reply) => reply.code.to_string(),
        }
    }

    #[test]
    fn responses() {
        assert_eq!(begun("PLAIN", Some(b"\0s1\0secret")), "s1 secret");
        assert_eq!(begun("plain", Some(b"s1\0s1\0secret")), "s1 secret");
        assert_eq!(begun("PLAIN", Some(b"s2\0s1\0secret")), "535");
        assert_eq!(begun("PLAIN", Some(b"\0s1:x\0secret")), "535");
        assert_eq!(begun("PLAIN", Some(b"\0s1\nx\0secret")), "535");
        assert_eq!(begun("PLAIN", Some(b"\0\0secret")), "535");
        assert_eq!(begun("PLAIN", Some(b"\0s1\0\xff")), "535");
        assert_eq!(begun("PLAIN", Some(b"s1\0secret")), "501");
        assert_eq!(begun("PLAIN", Some(b"\0s1\0sec\0ret")), "501");
        assert_eq!(begun("PLAIN", None), "");
        assert_eq!(begun("LOGIN", None), NAME);
        assert_eq!(begun("LOGIN", Some(b"s1")), PASSWORD);
        assert_eq!(begun("CRAM-MD5", None), "504");
        assert!(matches!(Exchange::Plain.take(b"*"), Next::Fail(Reply { code: 501, .. })));
        assert!(matches!(Exchange::Plain.take(b"AHM?"), Next::Fail(Reply { code: 501, .. })));
        assert!(matches!(Exchange::begin(b"PLAIN", Some(b"AHMxAHg")), Next::Ask(_)));
    }
}
