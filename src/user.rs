//! The form of an SMTP+ user.

use crate::diagnostic::Diagnostic;
use crate::priority::Level;

/// Whatever the form holds right now.
#[derive(Clone, Debug, Default)]
pub struct UserDraft<'a> {
    /// The name, where there is one.
    pub username: Option<&'a str>,
    /// Whether the user may send; default yes.
    pub active: Option<bool>,
    /// The level; default 3. A number as it came, so that 2.5 and 9 can be answered.
    pub priority: Option<f64>,
    /// Free text; default empty.
    pub note: Option<&'a str>,
    /// The authorized domains as typed; default empty.
    pub domains: Option<&'a str>,
    /// The authorized senders as typed; default empty.
    pub senders: Option<&'a str>,
}

/// A user whose every field has been checked and is canonical.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    username: Option<String>,
    active: bool,
    priority: Level,
    note: String,
    domains: String,
    senders: String,
}

/// What is said of a draft: the user, where no diagnostic is an error, and every diagnostic with its field.
#[derive(Clone, Debug)]
pub struct UserValidation {
    /// Present where there is no error.
    pub user: Option<User>,
    /// In the order of the form's fields.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks every field of a draft, and what holds across fields.
#[must_use]
pub fn validate_user(draft: &UserDraft<'_>) -> UserValidation {
    let _ = draft;
    todo!()
}
