//! The texts for the SMTP client and the Alert Center.

use super::{Action, Finding};
use crate::diagnostic::{Reason, shown};
use std::borrow::Cow;
use std::fmt;

/// A reply to the SMTP client (RFC 5321 section 4.2, RFC 3463): printable ASCII, without any text from the message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SmtpReply {
    /// The reply code.
    pub code: u16,
    /// The enhanced status code.
    pub enhanced_code: &'static str,
    /// The rest of the line.
    pub text: Cow<'static, str>,
}

impl SmtpReply {
    pub(crate) fn to(action: Action, reason: Reason) -> Self {
        if action != Action::Block {
            return Self { code: 250, enhanced_code: "2.0.0", text: Cow::Borrowed("accepted") };
        }
        let (code, enhanced_code, what) = if reason == Reason::MalformedHeaderTooLarge {
            (552, "5.3.4", "message refused: ")
        } else if reason == Reason::EngineFault {
            return Self::engine_fault();
        } else if reason.is_malformed() {
            (554, "5.6.0", "message refused: ")
        } else {
            (550, "5.7.1", "sender refused: ")
        };
        Self { code, enhanced_code, text: Cow::Owned([what, reason.text()].concat()) }
    }

    /// The reply if the engine failed: the message is not sent, and the client tries again.
    #[must_use]
    pub fn engine_fault() -> Self {
        Self { code: 451, enhanced_code: "4.3.0", text: Cow::Borrowed(Reason::EngineFault.text()) }
    }
}

impl fmt::Display for SmtpReply {
    /// The line of the reply, without its line end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.code, self.enhanced_code, self.text)
    }
}

/// The alert line in English; `None` for [`Action::Send`]. Text from the message is made safe to show.
pub(super) fn alert(action: Action, reason: Reason, decided_by: Option<&Finding>) -> Option<String> {
    let what = match action {
        Action::Send => return None,
        Action::SendAndAlert => "sent with an alert",
        Action::Block => "blocked",
    };
    let Some(finding) = decided_by else { return Some([what, ": ", reason.text()].concat()) };
    // For a display-name also its field, so that a person finds it.
    let (whose, of) = finding.of.map_or(("", ""), |of| (" of ", of.as_str()));
    let address = finding.address.as_ref().or(finding.candidates.first());
    let address = address.map_or_else(String::new, |address| [" `", &shown(address), "`"].concat());
    Some([what, ": ", finding.identity.as_str(), whose, of, &address, ": ", reason.text()].concat())
}
