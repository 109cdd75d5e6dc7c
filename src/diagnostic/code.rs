//! The only table of diagnostics, and the types that are made from it.

use super::Severity;
use super::limits::{
    MAX_ADDRESS_OCTETS, MAX_DOMAIN_OCTETS, MAX_LABEL_OCTETS, MAX_LIST_BYTES, MAX_LOCAL_PART_OCTETS, MAX_NOTE,
    MAX_USERNAME, decimal,
};
use crate::named::named;

/// A parameter of a message, written `{name}` there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Param {
    /// The name, without braces.
    pub name: &'static str,
    /// The kind of its value.
    pub kind: ParamKind,
}

/// The kinds of values in messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    /// Text that a person typed, made safe to show (see [`super::shown`]).
    Text,
    /// One character of it, made safe to show.
    Character,
    /// A constant limit of the engine, in decimal digits.
    Limit(&'static str),
}

/// A value before it is made safe to show.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    Text(&'a str),
    Character(char),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl From<char> for Value<'_> {
    fn from(character: char) -> Self {
        Self::Character(character)
    }
}

/// The Rust type of a kind.
macro_rules! type_of {
    (Text $a:lifetime) => { &$a str };
    (Character $a:lifetime) => { char };
}

macro_rules! codes {
    ($($variant:ident $name:literal $severity:ident $(($($param:ident: $kind:ident),+))? $([$limit:ident: $most:expr])?
        $template:literal $help:literal)*) => {
        /// The codes of diagnostics. Each is a row of the table [`Code::ALL`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Code { $(#[doc = $template] $variant),* }

        /// A row of the table with the values of its parameters, from which a diagnostic is made.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Problem<'a> {
            $(#[doc = $template] $variant $({ $(#[doc = concat!("`{", stringify!($param), "}`.")] $param: type_of!($kind 'a)),+ })?),*
        }

        impl Code {
            /// All codes, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The severity.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity),* }
            }

            /// The message, with `{name}` for each parameter.
            #[must_use]
            pub const fn template(self) -> &'static str {
                match self { $(Self::$variant => $template),* }
            }

            /// What to do about it; empty if the message is enough.
            #[must_use]
            pub const fn help(self) -> &'static str {
                match self { $(Self::$variant => $help),* }
            }

            /// The parameters of its message and help.
            #[must_use]
            pub const fn params(self) -> &'static [Param] {
                match self {
                    $(Self::$variant => &[
                        $($(Param { name: stringify!($param), kind: ParamKind::$kind },)+)?
                        $(Param { name: stringify!($limit), kind: ParamKind::Limit(decimal!($most)) },)?
                    ]),*
                }
            }
        }

        impl<'a> Problem<'a> {
            /// The row.
            #[must_use]
            pub const fn code(self) -> Code {
                match self { $(Self::$variant $({ $($param: _),+ })? => Code::$variant),* }
            }

            /// Its values, in the order of the row; no row has more than two.
            pub(super) fn values(self) -> [Option<Value<'a>>; 2] {
                match self { $(Self::$variant $({ $($param),+ })? => two([$($(Value::from($param)),+)?])),* }
            }
        }
    };
}

named!(Code: "code of a diagnostic");

impl Code {
    /// The message without the values of its parameters: `the domain` for `` `{domain}` ``.
    pub(crate) fn in_general(self) -> String {
        let mut message = self.template().to_owned();
        for param in self.params() {
            let braces = ["{", param.name, "}"].concat();
            let (quoted, words) = (["`", &braces, "`"].concat(), ["the ", param.name].concat());
            message = match param.kind {
                ParamKind::Limit(limit) => message.replace(&braces, limit),
                ParamKind::Text | ParamKind::Character => message.replace(&quoted, &words).replace(&braces, &words),
            };
        }
        message
    }
}

fn two<const COUNT: usize>(values: [Value<'_>; COUNT]) -> [Option<Value<'_>>; 2] {
    const { assert!(COUNT <= 2, "a row has two values at most") };
    let mut rest = values.into_iter();
    [rest.next(), rest.next()]
}

/// Whether `text` begins with `name` and `}`.
const fn closes(mut text: &[u8], mut name: &[u8]) -> bool {
    loop {
        match (text, name) {
            ([b'}', ..], []) => return true,
            ([one, text_rest @ ..], [other, name_rest @ ..]) if *one == *other => (text, name) = (text_rest, name_rest),
            _ => return false,
        }
    }
}

/// The number of `{name}` in a template; for `None`, of any name.
const fn braces(template: &str, name: Option<&str>) -> usize {
    let mut rest = template.as_bytes();
    let mut count = 0;
    while let [first, tail @ ..] = rest {
        rest = tail;
        let wanted = match name {
            Some(name) => closes(tail, name.as_bytes()),
            None => true,
        };
        if *first == b'{' && wanted {
            count += 1;
        }
    }
    count
}

// A message uses exactly the parameters of its row.
const _: () = {
    let mut codes = Code::ALL;
    while let [code, more @ ..] = codes {
        let (template, help) = (code.template(), code.help());
        let mut params = code.params();
        let mut named = 0;
        while let [param, others @ ..] = params {
            let uses = braces(template, Some(param.name)) + braces(help, Some(param.name));
            assert!(uses > 0, "a row declares a parameter that neither its message nor its help names");
            named += uses;
            params = others;
        }
        assert!(
            named == braces(template, None) + braces(help, None),
            "a row names a parameter that it does not declare"
        );
        codes = more;
    }
};

// The table. A row has name, severity, parameters with their kinds, the limit, message, and help. A name is never
// changed and never reused.
codes! {
    ListTooLong "list-too-long" Error [limit: MAX_LIST_BYTES]
        "the list is longer than {limit} bytes" "split it over several users"
    NoEntry "no-entry" Error
        "the list holds separators but no entry" "write an entry, or leave the field empty to let every sender through"
    EmptyItem "empty-item" Warning
        "nothing stands between two separators" ""
    SeparatorComma "separator-comma" Error (found: Character)
        "entries are separated by `;`, not by `{found}`" ""
    SeparatorSpace "separator-space" Error
        "entries are separated by `;`, not by white space" ""
    SeparatorNewline "separator-newline" Error
        "entries are separated by `;`, not by a line break" ""
    SeparatorFullWidth "separator-full-width" Error (found: Character)
        "entries are separated by `;`, not by `{found}`" ""
    EmptyDomain "empty-domain" Error
        "a domain is missing" ""
    EmptyLabel "empty-label" Error (domain: Text)
        "`{domain}` has two dots in a row, or begins with one" ""
    TrailingDot "trailing-dot" Error (domain: Text)
        "`{domain}` ends in a dot" "write the domain without its last dot"
    SingleLabel "single-label" Error (domain: Text)
        "`{domain}` is a single name, not a domain" "write the whole domain, such as `{domain}.example`"
    LabelTooLong "label-too-long" Error (label: Text) [limit: MAX_LABEL_OCTETS]
        "`{label}` is longer than the {limit} octets a label may have" ""
    DomainTooLong "domain-too-long" Error (domain: Text) [limit: MAX_DOMAIN_OCTETS]
        "`{domain}` is longer than the {limit} octets a domain may have" ""
    LabelHyphen "label-hyphen" Error (label: Text)
        "`{label}` begins or ends with a hyphen, or has two in its third and fourth place" ""
    Underscore "underscore" Error (domain: Text)
        "`{domain}` contains `_`, which no mail domain may have" ""
    DomainCharacter "domain-character" Error (character: Character)
        "`{character}` cannot stand in a domain" ""
    InvalidIdna "invalid-idna" Error (domain: Text)
        "`{domain}` is not a valid internationalized domain" ""
    IpLiteral "ip-literal" Error (domain: Text)
        "`{domain}` is an IP address, not a domain" "authorize a domain or a sender instead"
    AtMissing "at-missing" Error (address: Text)
        "`{address}` has no `@`" "write a whole address, such as `info@yourcompany.example`"
    LocalPartEmpty "local-part-empty" Error (address: Text)
        "nothing stands before the `@` of `{address}`" ""
    LocalPartTooLong "local-part-too-long" Error (address: Text) [limit: MAX_LOCAL_PART_OCTETS]
        "the part before the `@` of `{address}` is longer than the {limit} octets it may have" ""
    LocalPartDot "local-part-dot" Error (address: Text)
        "`{address}` has a dot at an end of the part before the `@`, or two in a row" ""
    LocalPartCharacter "local-part-character" Error (character: Character)
        "`{character}` cannot stand before the `@` of an address" ""
    LocalPartQuote "local-part-quote" Error (address: Text)
        "the quotes before the `@` of `{address}` do not match" ""
    AddressTooLong "address-too-long" Error (address: Text) [limit: MAX_ADDRESS_OCTETS]
        "`{address}` is longer than the {limit} octets an address may have" ""
    InvalidItem "invalid-item" Error (item: Text)
        "`{item}` is no entry" ""
    SpaceInside "space-inside" Error (item: Text)
        "`{item}` has white space in it" ""
    InvisibleCharacter "invisible-character" Error (character: Character)
        "the character {character}, which nobody can see, stands here" ""
    LostCharacter "lost-character" Error
        "a character stands here that was lost on its way" "type it again"
    FullWidthDot "full-width-dot" Error (character: Character)
        "a domain is written with `.`, not with `{character}`" ""
    FullWidthAt "full-width-at" Error (character: Character)
        "an address is written with `@`, not with `{character}`" ""
    UrlScheme "url-scheme" Error (found: Text)
        "`{found}` belongs to a web address" "write the domain alone"
    UrlPath "url-path" Error (found: Text)
        "`{found}` belongs to a web address" "write the domain alone"
    UrlPort "url-port" Error (found: Text)
        "`{found}` is a port, which no domain has" "write the domain alone"
    Mailto "mailto" Error (found: Text)
        "`{found}` belongs to a link" ""
    LeadingAt "leading-at" Error
        "a domain is written without `@` before it" ""
    AddressInDomains "address-in-domains" Error (address: Text)
        "`{address}` is an address, not a domain" "to let this one address through, write it into the list of senders"
    DomainInSenders "domain-in-senders" Error (domain: Text)
        "`{domain}` is a domain, not an address" "to let every address of it through, write it into the list of domains"
    SeveralAt "several-at" Error (address: Text)
        "`{address}` has more than one `@`" ""
    DisplayName "display-name" Error (found: Text)
        "`{found}` has a name beside its address" "write the address alone"
    Wrapped "wrapped" Error (found: Text)
        "`{found}` stands in brackets or quotes" ""
    Comment "comment" Error (found: Text)
        "`{found}` is a comment, which no entry may have" ""
    WildcardAlone "wildcard-alone" Error
        "`*` alone would let every sender through" "name the domains, or leave both lists empty"
    WildcardPlace "wildcard-place" Error
        "`*` may only stand before the first dot of a domain, as in `*.yourCompany.example`" ""
    Www "www" Warning (domain: Text)
        "`{domain}` is the name of a web site" "mail is mostly sent from the domain without `www.`"
    PublicSuffix "public-suffix" Warning (domain: Text)
        "`{domain}` is a public suffix, below which anybody can have a domain" "write the domain below it that is yours"
    Duplicate "duplicate" Warning (entry: Text)
        "`{entry}` is in the list already" ""
    CoveredByWildcard "covered-by-wildcard" Warning (domain: Text, wildcard: Text)
        "`{domain}` is covered by `*.{wildcard}` already" ""
    SenderCovered "sender-covered" Warning (address: Text, entry: Text)
        "`{address}` is covered by the domain `{entry}` already" ""
    MixedScripts "mixed-scripts" Warning (label: Text)
        "`{label}` mixes letters of different scripts" "letters that look alike may not be the letters of the name you mean"
    SymbolInDomain "symbol-in-domain" Warning (label: Text)
        "`{label}` has a symbol in it, which most registries and mail programs refuse" ""
    FreeMail "free-mail" Warning (domain: Text)
        "`{domain}` is a free mail provider, and everybody there could send" "list the single addresses as senders"
    LikelyTypo "likely-typo" Warning (domain: Text, known: Text)
        "`{domain}` looks like a typo for `{known}`" ""
    NearDuplicate "near-duplicate" Warning (domain: Text, other: Text)
        "`{domain}` looks like a typo for `{other}`" "remove the one that is wrong"
    WildcardLocalPart "wildcard-local-part" Error (address: Text)
        "before the `@` of `{address}`, `*` may only stand in `+*`, as in `info+*@yourCompany.example`" "to let every sub-address of `info@` through, write `info+*@`; to let every address through, write the domain into the list of domains; put a name that has a `*` in it in quotes"
    RoutingSubAddresses "routing-sub-addresses" Error (address: Text)
        "`{address}` has `%` or `!` before its `@`: what may route elsewhere is listed address by address" ""
    CoveredBySubAddresses "covered-by-sub-addresses" Warning (address: Text, entry: Text)
        "`{address}` is covered by `{entry}` already" ""
    EveryoneMaySend "everyone-may-send" Warning
        "both lists are empty, so every sender may be used" ""
    UsernameLength "username-length" Error [limit: MAX_USERNAME]
        "a username has 1 to {limit} characters" ""
    UsernameCharacter "username-character" Error (character: Character)
        "`{character}` cannot stand in a username" "use letters, digits and `.` `_` `-` `+` `@`"
    PriorityOutOfRange "priority-out-of-range" Error
        "a priority is a whole number from 1 to 5" ""
    NoteTooLong "note-too-long" Error [limit: MAX_NOTE]
        "the note is longer than {limit} characters" ""
    NoteCharacter "note-character" Error (character: Character)
        "the character {character}, which nobody can see, stands in the note" ""
    MoreProblems "more-problems" Info
        "there are more problems than can be listed" "correct some of these first"
}
