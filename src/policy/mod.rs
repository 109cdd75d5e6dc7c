//! The compiled policy of one SMTP+ user. One table holds its entries, and the bytes of an address are looked up in it.

mod near_miss;
mod table;

pub use near_miss::{How, NearMiss};

use crate::address::{
    AddrSpec, FoundAddress, Identities, KEY_OCTETS, SHORT_OCTETS, fold_plain, fold_short_address, read_reverse_path,
};
use crate::diagnostic::{Diagnostic, Reason, Severity, UserField};
#[cfg(feature = "wasm")]
pub(crate) use crate::index::seed;
use crate::list::{DomainKind, Lints, ListKind, SenderKind, parse_domain_list, parse_sender_list};
use crate::named::named;
use crate::priority::Level;
use std::fmt;
use table::{EntryKind, Table};

/// What happens to a message whose sender is not authorized.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum OnUnauthorized {
    /// It is sent, and an alert is raised.
    Alert,
    /// It is not sent, and an alert is raised.
    #[default]
    Block,
}

impl OnUnauthorized {
    /// Both kinds.
    pub const ALL: &'static [Self] = &[Self::Alert, Self::Block];

    /// The name in JSON and in messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Block => "block",
        }
    }
}

named!(OnUnauthorized: "way to treat an unauthorized sender");

/// The input for a policy. Later releases add fields, so end a literal with `..PolicyOptions::default()`.
#[derive(Clone, Copy, Debug)]
pub struct PolicyOptions<'a> {
    /// The authorized domains, `;`-separated.
    pub domains: &'a str,
    /// The authorized senders, `;`-separated.
    pub senders: &'a str,
    /// Whether the user is active. An inactive user sends nothing.
    pub active: bool,
    /// The user's level.
    pub priority: Level,
    /// The highest level that a message of the user can have.
    pub max_priority: Level,
    /// What happens to a message whose sender is not authorized.
    pub on_unauthorized: OnUnauthorized,
    /// Which identities must be authorized.
    pub identities: Identities,
}

impl Default for PolicyOptions<'_> {
    fn default() -> Self {
        Self {
            domains: "",
            senders: "",
            active: true,
            priority: Level::NORMAL,
            max_priority: Level::VERY_HIGH,
            on_unauthorized: OnUnauthorized::Block,
            identities: Identities::USUAL,
        }
    }
}

/// The errors of a policy that does not parse: those of both lists, each with its field.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PolicyError {
    /// The errors.
    pub diagnostics: Vec<Diagnostic>,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the policy does not parse")?;
        self.diagnostics.iter().try_for_each(|diagnostic| write!(f, "\n{diagnostic}"))
    }
}

impl std::error::Error for PolicyError {}

/// An entry of a list, in canonical form.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Rule {
    /// Which list.
    pub list: ListKind,
    /// The entry.
    pub entry: String,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.entry)
    }
}

/// The answer of a policy for one address.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Judgement {
    /// Whether the user may send as this address.
    pub authorized: bool,
    /// The reason.
    pub reason: Reason,
    /// The entry that authorized it.
    pub rule: Option<Rule>,
    /// The entry that it nearly matched, if it is not authorized.
    pub near_miss: Option<NearMiss>,
}

impl Judgement {
    const REFUSED: Self = Self { authorized: false, reason: Reason::NotListed, rule: None, near_miss: None };
}

/// A compiled policy. Compile one per user and keep it for many questions.
///
/// A domain entry covers every address at exactly its domain. `*.x` covers the addresses at every subdomain of x.
/// `info+*@x` covers every sub-address of `info@x` (RFC 5233), with any text after the `+`, even none. None of these
/// covers a local-part that routes ([`LocalPart::routes`](crate::address::LocalPart::routes)); only a sender entry with
/// the whole address does.
///
/// ```
/// use sendergate::policy::{PolicyOptions, SenderPolicy};
/// let policy = SenderPolicy::new(&PolicyOptions {
///     domains: "a.example; *.b.example",
///     senders: "info@c.example; news+*@c.example",
///     ..PolicyOptions::default()
/// }).unwrap();
/// assert!(policy.authorizes("anyone@A.example"));
/// assert!(!policy.authorizes("anyone@www.a.example"));
/// assert!(policy.authorizes("anyone@www.b.example"));
/// assert!(policy.authorizes("Info@c.example"));
/// assert!(policy.authorizes("news+spring@c.example") && !policy.authorizes("news@c.example"));
/// assert!(!policy.authorizes("info%elsewhere.example@a.example"));
/// ```
#[derive(Clone, Debug)]
pub struct SenderPolicy {
    table: Table,
    active: bool,
    priority: Level,
    max_priority: Level,
    on_unauthorized: OnUnauthorized,
    identities: Identities,
}

impl SenderPolicy {
    /// Compiles a policy.
    ///
    /// # Errors
    /// All errors of both lists, if one does not parse.
    pub fn new(options: &PolicyOptions<'_>) -> Result<Self, PolicyError> {
        let domains = parse_domain_list(options.domains, Lints::Errors);
        let senders = parse_sender_list(options.senders, Lints::Errors);
        let mut diagnostics = Vec::new();
        for (field, mut list) in [(UserField::Domains, domains.diagnostics), (UserField::Senders, senders.diagnostics)]
        {
            list.retain_mut(|diagnostic| {
                diagnostic.field = Some(field);
                diagnostic.severity() == Severity::Error
            });
            diagnostics.append(&mut list);
        }
        if !diagnostics.is_empty() {
            return Err(PolicyError { diagnostics });
        }
        let entries = domains.entries.len() + senders.entries.len();
        let mut table = Table::with_capacity(entries, domains.canonical.len() + senders.canonical.len());
        for entry in &domains.entries {
            let kind = match entry.kind {
                DomainKind::Domain => EntryKind::Domain,
                DomainKind::Subdomains => EntryKind::Subdomains,
            };
            table.insert(kind, "", entry.domain.as_ascii(), None);
        }
        for entry in &senders.entries {
            let kind = match entry.kind {
                SenderKind::Address => EntryKind::Sender,
                SenderKind::SubAddresses => EntryKind::SubAddresses,
            };
            let (key, written) = (entry.key(), entry.written());
            table.insert(kind, key, entry.address.domain().as_ascii(), (key != written).then_some(written));
        }
        Ok(Self {
            table,
            active: options.active,
            priority: options.priority,
            max_priority: options.max_priority,
            on_unauthorized: options.on_unauthorized,
            identities: options.identities,
        })
    }

    /// Whether the user may send as this address. [`decide`](crate::decision::decide) gives the same answer for it as a
    /// reverse-path.
    #[must_use]
    pub fn authorizes(&self, address: &str) -> bool {
        self.authorizes_bytes(address.as_bytes())
    }

    /// The same for any bytes. An address that is not UTF-8 is not authorized.
    #[must_use]
    pub fn authorizes_bytes(&self, address: &[u8]) -> bool {
        if !self.active {
            return false;
        }
        let mut short = [0; SHORT_OCTETS];
        if let Some(at) = fold_short_address(address, &mut short) {
            let is_listed = |key| self.table.find_unrouted(key, at).is_some();
            return self.table.is_empty() || short.get(..address.len()).is_some_and(is_listed);
        }
        self.authorizes_long(address)
    }

    fn authorizes_long(&self, address: &[u8]) -> bool {
        let mut buffer = [0; KEY_OCTETS];
        match fold_plain(address, &mut buffer) {
            Some((at, length)) => {
                let is_listed = |key| self.table.find(key, at).is_some();
                self.table.is_empty() || buffer.get(..length).is_some_and(is_listed)
            }
            None => self.authorizes_slowly(address),
        }
    }

    #[cold]
    fn authorizes_slowly(&self, address: &[u8]) -> bool {
        let Ok(address) = str::from_utf8(address) else { return false };
        let Ok(FoundAddress { spec, .. }) = read_reverse_path(address) else { return false };
        self.table.is_empty() || spec.is_some_and(|spec| self.entry_for(&spec).is_some())
    }

    fn entry_for(&self, spec: &AddrSpec) -> Option<table::Entry> {
        self.table.find(spec.key().as_bytes(), spec.local_part().key().len())
    }

    /// Judges a parsed address. `None` stands for an address that no entry can match.
    #[must_use]
    pub fn judge(&self, address: Option<&AddrSpec>) -> Judgement {
        if self.table.is_empty() {
            return Judgement { authorized: true, reason: Reason::NoRestrictions, rule: None, near_miss: None };
        }
        let Some(spec) = address else { return Judgement::REFUSED };
        match self.entry_for(spec) {
            Some(entry) => self.listed(entry),
            None => self.unlisted(spec),
        }
    }

    /// The fast path of [`Self::judge`] for a short, plain address; `None` for any other.
    #[inline(never)]
    pub(crate) fn judge_short(&self, address: &[u8]) -> Option<Judgement> {
        let mut short = [0; SHORT_OCTETS];
        let at = fold_short_address(address, &mut short)?;
        Some(match self.table.find_unrouted(short.get(..address.len())?, at) {
            _ if self.table.is_empty() => self.judge(None),
            Some(entry) => self.listed(entry),
            None => self.unlisted(&AddrSpec::parse(str::from_utf8(address).ok()?).ok()?),
        })
    }

    fn listed(&self, entry: table::Entry) -> Judgement {
        let reason = match entry.kind {
            EntryKind::Domain | EntryKind::Subdomains => Reason::ListedDomain,
            EntryKind::Sender | EntryKind::SubAddresses => Reason::ListedSender,
        };
        Judgement { authorized: true, reason, rule: Some(self.table.rule(entry)), near_miss: None }
    }

    #[cold]
    fn unlisted(&self, spec: &AddrSpec) -> Judgement {
        let local_part = spec.local_part();
        if local_part.routes() && self.table.find_unrouted(spec.key().as_bytes(), local_part.key().len()).is_some() {
            return Judgement { reason: Reason::RoutingLocalPart, ..Judgement::REFUSED };
        }
        Judgement { near_miss: near_miss::find(&self.table, spec), ..Judgement::REFUSED }
    }

    /// Whether both lists are empty, so that every sender is authorized.
    #[must_use]
    pub fn is_unrestricted(&self) -> bool {
        self.table.is_empty()
    }

    /// The number of entries in both lists.
    #[must_use]
    pub fn size(&self) -> usize {
        self.table.len()
    }

    /// The approximate memory, in bytes.
    #[must_use]
    pub fn memory(&self) -> usize {
        size_of::<Self>() + self.table.memory()
    }

    /// Whether the user is active. An inactive user sends nothing.
    #[must_use]
    pub const fn active(&self) -> bool {
        self.active
    }

    /// The user's level.
    #[must_use]
    pub const fn priority(&self) -> Level {
        self.priority
    }

    /// The highest level that a message of the user can have.
    #[must_use]
    pub const fn max_priority(&self) -> Level {
        self.max_priority
    }

    /// What happens to a message whose sender is not authorized.
    #[must_use]
    pub const fn on_unauthorized(&self) -> OnUnauthorized {
        self.on_unauthorized
    }

    /// Which identities must be authorized.
    #[must_use]
    pub const fn identities(&self) -> Identities {
        self.identities
    }
}
