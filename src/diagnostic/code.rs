//! The one table of diagnostics, and what a row of it gives.

use super::Severity;

macro_rules! codes {
    ($($variant:ident $name:literal $severity:ident $template:literal $help:literal)*) => {
        /// Every diagnostic of a text: one row each in the table of [`Code::ALL`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Code { $(#[doc = $template] $variant),* }

        impl Code {
            /// All of them, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// How much it weighs.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity),* }
            }

            /// The message, with `{name}` where a parameter stands.
            #[must_use]
            pub const fn template(self) -> &'static str {
                match self { $(Self::$variant => $template),* }
            }

            /// What to do about it; empty where the message says enough.
            #[must_use]
            pub const fn help(self) -> &'static str {
                match self { $(Self::$variant => $help),* }
            }
        }
    };
}

// The one table of diagnostics. Name, severity, message, help. A row is never renamed and never reused.
codes! {
    ListTooLong "list-too-long" Error
        "the list is longer than {limit} bytes" "split it over several users"
    NoEntry "no-entry" Error
        "the list holds separators but no entry" "write an entry, or leave the field empty to let every sender through"
    EmptyItem "empty-item" Warning
        "nothing stands between two separators" ""
    SeparatorComma "separator-comma" Error
        "entries are separated by `;`, not by `{found}`" ""
    SeparatorSpace "separator-space" Error
        "entries are separated by `;`, not by white space" ""
    SeparatorNewline "separator-newline" Error
        "entries are separated by `;`, not by a line break" ""
    SeparatorFullWidth "separator-full-width" Error
        "entries are separated by `;`, not by `{found}`" ""
    EmptyDomain "empty-domain" Error
        "a domain is missing" ""
    EmptyLabel "empty-label" Error
        "`{domain}` has two dots in a row, or begins with one" ""
    TrailingDot "trailing-dot" Error
        "`{domain}` ends in a dot" "write the domain without its last dot"
    SingleLabel "single-label" Error
        "`{domain}` is a single name, not a domain" "write the whole domain, such as `{domain}.example`"
    LabelTooLong "label-too-long" Error
        "`{label}` is longer than the 63 octets a label may have" ""
    DomainTooLong "domain-too-long" Error
        "`{domain}` is longer than the 253 octets a domain may have" ""
    LabelHyphen "label-hyphen" Error
        "`{label}` begins or ends with a hyphen, or has two in its third and fourth place" ""
    Underscore "underscore" Error
        "`{domain}` contains `_`, which no mail domain may have" ""
    DomainCharacter "domain-character" Error
        "`{character}` cannot stand in a domain" ""
    InvalidIdna "invalid-idna" Error
        "`{domain}` is not a valid internationalized domain" ""
    IpLiteral "ip-literal" Error
        "`{domain}` is an IP address, not a domain" "authorize a domain or a sender instead"
    AtMissing "at-missing" Error
        "`{address}` has no `@`" "write a whole address, such as `info@yourcompany.example`"
    LocalPartEmpty "local-part-empty" Error
        "nothing stands before the `@` of `{address}`" ""
    LocalPartTooLong "local-part-too-long" Error
        "the part before the `@` of `{address}` is longer than the 64 octets it may have" ""
    LocalPartDot "local-part-dot" Error
        "`{address}` has a dot at an end of the part before the `@`, or two in a row" ""
    LocalPartCharacter "local-part-character" Error
        "`{character}` cannot stand before the `@` of an address" ""
    LocalPartQuote "local-part-quote" Error
        "the quotes before the `@` of `{address}` do not match" ""
    AddressTooLong "address-too-long" Error
        "`{address}` is longer than the 254 octets an address may have" ""
    InvalidItem "invalid-item" Error
        "`{item}` is no entry" ""
    SpaceInside "space-inside" Error
        "`{item}` has white space in it" ""
    InvisibleCharacter "invisible-character" Error
        "the character {character}, which nobody can see, stands here" ""
    LostCharacter "lost-character" Error
        "a character stands here that was lost on its way" "type it again"
    FullWidthDot "full-width-dot" Error
        "a domain is written with `.`, not with `{character}`" ""
    FullWidthAt "full-width-at" Error
        "an address is written with `@`, not with `{character}`" ""
    UrlScheme "url-scheme" Error
        "`{found}` belongs to a web address" "write the domain alone"
    UrlPath "url-path" Error
        "`{found}` belongs to a web address" "write the domain alone"
    UrlPort "url-port" Error
        "`{found}` is a port, which no domain has" "write the domain alone"
    Mailto "mailto" Error
        "`{found}` belongs to a link" ""
    LeadingAt "leading-at" Error
        "a domain is written without `@` before it" ""
    AddressInDomains "address-in-domains" Error
        "`{address}` is an address, not a domain" "to let this one address through, write it into the list of senders"
    DomainInSenders "domain-in-senders" Error
        "`{domain}` is a domain, not an address" "to let every address of it through, write it into the list of domains"
    SeveralAt "several-at" Error
        "`{address}` has more than one `@`" ""
    DisplayName "display-name" Error
        "`{found}` has a name beside its address" "write the address alone"
    Wrapped "wrapped" Error
        "`{found}` stands in brackets or quotes" ""
    Comment "comment" Error
        "`{found}` is a comment, which no entry may have" ""
    WildcardAlone "wildcard-alone" Error
        "`*` alone would let every sender through" "name the domains, or leave both lists empty"
    WildcardPlace "wildcard-place" Error
        "`*` may only stand before the first dot of a domain, as in `*.yourCompany.example`" ""
    Www "www" Warning
        "`{domain}` is the name of a web site" "mail is mostly sent from the domain without `www.`"
    PublicSuffix "public-suffix" Warning
        "`{domain}` is a public suffix, below which anybody can have a domain" "write the domain below it that is yours"
    Duplicate "duplicate" Warning
        "`{entry}` is in the list already" ""
    CoveredByWildcard "covered-by-wildcard" Warning
        "`{domain}` is covered by `*.{wildcard}` already" ""
    SenderCovered "sender-covered" Warning
        "`{address}` is covered by the domain `{entry}` already" ""
    MixedScripts "mixed-scripts" Warning
        "`{label}` mixes letters of different scripts" "letters that look alike may not be the letters of the name you mean"
    SymbolInDomain "symbol-in-domain" Warning
        "`{label}` has a symbol in it, which most registries and mail programs refuse" ""
    FreeMail "free-mail" Warning
        "`{domain}` is a free mail provider, and everybody there could send" "list the single addresses as senders"
    LikelyTypo "likely-typo" Warning
        "`{domain}` looks like a slip for `{known}`" ""
    NearDuplicate "near-duplicate" Warning
        "`{domain}` differs from `{other}` as a slip of the hand does" "remove the one that is wrong"
    WildcardLocalPart "wildcard-local-part" Warning
        "the `*` of `{address}` means a mailbox of that name, not every address" "to let every address through, write the domain into the list of domains"
    EveryoneMaySend "everyone-may-send" Warning
        "both lists are empty, so every sender may be used" ""
    UsernameLength "username-length" Error
        "a username has 1 to {limit} characters" ""
    UsernameCharacter "username-character" Error
        "`{character}` cannot stand in a username" "use letters, digits and `.` `_` `-` `+` `@`"
    PriorityOutOfRange "priority-out-of-range" Error
        "a priority is a whole number from 1 to 5" ""
    NoteTooLong "note-too-long" Error
        "the note is longer than {limit} characters" ""
    NoteCharacter "note-character" Error
        "the character {character}, which nobody can see, stands in the note" ""
    MoreProblems "more-problems" Info
        "there are more problems than can be listed" "mend some of these first"
}
