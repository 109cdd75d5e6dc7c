//! The form of an SMTP+ user.

use crate::diagnostic::{Diagnostic, Fix, Problem, Severity, Span, UserField};
pub use crate::diagnostic::{MAX_NOTE, MAX_USERNAME};
use crate::list::{Lints, mark_covered_senders, parse_domain_list, parse_sender_list};
use crate::priority::Level;

/// The present content of the form. Later releases add fields, so end a literal with `..UserDraft::default()`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UserDraft<'a> {
    /// The name, if there is one.
    pub username: Option<&'a str>,
    /// Whether the user is active; default yes.
    pub active: Option<bool>,
    /// The level; default 3. Any number, so that 2.5 and 9 get a diagnostic.
    pub priority: Option<f64>,
    /// Free text; default empty.
    pub note: Option<&'a str>,
    /// The authorized domains as typed; default empty.
    pub domains: Option<&'a str>,
    /// The authorized senders as typed; default empty.
    pub senders: Option<&'a str>,
}

/// A user with checked, canonical fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    username: Option<String>,
    active: bool,
    priority: Level,
    note: String,
    domains: String,
    senders: String,
}

impl User {
    /// The name, if the draft had one.
    #[must_use]
    pub fn username(&self) -> Option<&str> {
        self.username.as_deref()
    }

    /// Whether the user is active.
    #[must_use]
    pub const fn active(&self) -> bool {
        self.active
    }

    /// The level.
    #[must_use]
    pub const fn priority(&self) -> Level {
        self.priority
    }

    /// Free text.
    #[must_use]
    pub fn note(&self) -> &str {
        &self.note
    }

    /// The authorized domains, canonical.
    #[must_use]
    pub fn domains(&self) -> &str {
        &self.domains
    }

    /// The authorized senders, canonical.
    #[must_use]
    pub fn senders(&self) -> &str {
        &self.senders
    }
}

/// The result for a draft: the user, if there is no error, and all diagnostics with their fields.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserValidation {
    /// Present if there is no error.
    pub user: Option<User>,
    /// The diagnostics, in the order of the form's fields.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks every field of a draft, and the fields against one another.
///
/// ```
/// use sendergate::user::{UserDraft, validate_user};
///
/// let draft = UserDraft { domains: Some("A.example"), senders: Some("info@b.example"), ..UserDraft::default() };
/// let user = validate_user(&draft).user.unwrap();
/// assert_eq!((user.domains(), user.active()), ("a.example", true));
///
/// let draft = UserDraft { priority: Some(2.5), ..draft };
/// assert_eq!(validate_user(&draft).diagnostics[0].code.as_str(), "priority-out-of-range");
/// ```
#[must_use]
pub fn validate_user(draft: &UserDraft<'_>) -> UserValidation {
    let mut diagnostics = Vec::new();
    if let Some(username) = draft.username {
        check_username(username, &mut diagnostics);
    }
    let priority = draft.priority.map_or(Some(Level::NORMAL), level);
    if priority.is_none() {
        diagnostics.push(Diagnostic::of(Problem::PriorityOutOfRange, UserField::Priority));
    }
    let note = draft.note.unwrap_or_default();
    check_note(note, &mut diagnostics);

    let (domains_text, senders_text) = (draft.domains.unwrap_or_default(), draft.senders.unwrap_or_default());
    let domains = parse_domain_list(domains_text, Lints::All);
    let mut senders = parse_sender_list(senders_text, Lints::All);
    mark_covered_senders(senders_text, &domains.entries, &mut senders);
    let everyone = domains_text.trim().is_empty() && senders_text.trim().is_empty();
    add(&mut diagnostics, domains.diagnostics, UserField::Domains);
    if everyone {
        diagnostics.push(Diagnostic::of(Problem::EveryoneMaySend, UserField::Domains));
    }
    add(&mut diagnostics, senders.diagnostics, UserField::Senders);

    let clean = diagnostics.iter().all(|diagnostic| diagnostic.severity() != Severity::Error);
    let user = priority.filter(|_| clean).map(|priority| User {
        username: draft.username.map(str::to_owned),
        active: draft.active.unwrap_or(true),
        priority,
        note: note.to_owned(),
        domains: domains.canonical,
        senders: senders.canonical,
    });
    UserValidation { user, diagnostics }
}

/// Adds the diagnostics of a field.
fn add(diagnostics: &mut Vec<Diagnostic>, mut of_field: Vec<Diagnostic>, field: UserField) {
    for diagnostic in &mut of_field {
        diagnostic.field = Some(field);
    }
    diagnostics.append(&mut of_field);
}

/// Checks a name for SMTP AUTH PLAIN, which separates its fields by NUL (RFC 4616), and HTTP Basic, which separates
/// name and password by a colon (RFC 7617).
fn check_username(username: &str, diagnostics: &mut Vec<Diagnostic>) {
    let limit = username.char_indices().nth(MAX_USERNAME).map(|(limit, _)| limit);
    if username.is_empty() || limit.is_some() {
        let span = Span::new(limit.unwrap_or(0), username.len());
        diagnostics.push(Diagnostic::at(Problem::UsernameLength, span).in_field(UserField::Username));
    }
    for (start, character) in username.char_indices().take(MAX_USERNAME) {
        if !character.is_ascii_alphanumeric() && !matches!(character, '.' | '_' | '-' | '+' | '@') {
            let span = Span::new(start, start + character.len_utf8());
            diagnostics
                .push(Diagnostic::at(Problem::UsernameCharacter { character }, span).in_field(UserField::Username));
        }
    }
}

fn check_note(note: &str, diagnostics: &mut Vec<Diagnostic>) {
    // Only up to the limit: the rest must be removed anyway.
    for (start, character) in note.char_indices().take(MAX_NOTE) {
        if character.is_control() && !matches!(character, '\n' | '\t') {
            let span = Span::new(start, start + character.len_utf8());
            let found = Diagnostic::at(Problem::NoteCharacter { character }, span).in_field(UserField::Note);
            diagnostics.push(found.fix(Fix::replace("remove it", span, "", true)));
        }
    }
    if let Some((limit, _)) = note.char_indices().nth(MAX_NOTE) {
        let span = Span::new(limit, note.len());
        diagnostics.push(Diagnostic::at(Problem::NoteTooLong, span).in_field(UserField::Note));
    }
}

/// The level of a whole number from 1 to 5.
fn level(value: f64) -> Option<Level> {
    (1..=5_u8).find(|&level| f64::from(level) == value).and_then(Level::new)
}
