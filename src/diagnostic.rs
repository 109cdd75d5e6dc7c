//! What the engine has to say about a text, and the one table of every code it uses.

use crate::order::sort_by;
use std::fmt;

/// A half-open range of UTF-8 bytes, on character boundaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The range from `start` up to `end`.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The same range counted from `base` bytes further on.
    #[must_use]
    pub const fn offset(self, base: usize) -> Self {
        Self { start: self.start + base, end: self.end + base }
    }
}

/// How much a diagnostic weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Grammar or length: the text is refused.
    Error,
    /// Rests on data that changes, or on taste: the text is taken.
    Warning,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// The name used outside.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// A field of the form of an SMTP+ user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UserField {
    /// The name the mail program signs in with.
    Username,
    /// Whether the user may send at all.
    Active,
    /// The level of the user.
    Priority,
    /// Free text.
    Note,
    /// The authorized domains.
    Domains,
    /// The authorized senders.
    Senders,
}

impl UserField {
    /// All of them, in the order of the form.
    pub const ALL: &'static [Self] =
        &[Self::Username, Self::Active, Self::Priority, Self::Note, Self::Domains, Self::Senders];

    /// The name used outside.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Username => "username",
            Self::Active => "active",
            Self::Priority => "priority",
            Self::Note => "note",
            Self::Domains => "domains",
            Self::Senders => "senders",
        }
    }
}

/// One replacement in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// What stands there afterwards.
    pub replacement: String,
}

/// A way to mend what a diagnostic complains of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What the fix does, as the words of a button.
    pub title: String,
    /// The edits; they do not overlap.
    pub edits: Vec<Edit>,
    /// Whether it says what was plainly meant and widens nothing.
    pub safe: bool,
}

impl Fix {
    /// A fix of a single edit.
    #[must_use]
    #[inline(never)]
    pub fn replace(title: &str, span: Span, with: &str, safe: bool) -> Self {
        Self { title: title.into(), edits: vec![Edit { span, replacement: with.into() }], safe }
    }

    /// `text` with every edit made.
    #[must_use]
    pub fn apply(&self, text: &str) -> String {
        let mut edits: Vec<&Edit> = self.edits.iter().collect();
        sort_by(&mut edits, |edit| u32::try_from(edit.span.start).unwrap_or(u32::MAX));
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for edit in edits {
            out.push_str(text.get(at..edit.span.start).unwrap_or_default());
            out.push_str(&edit.replacement);
            at = edit.span.end;
        }
        out.push_str(text.get(at..).unwrap_or_default());
        out
    }
}

/// One thing that is wrong or worth knowing, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What it is.
    pub code: Code,
    /// What the message interpolates, already fit to be shown (see [`shown`]).
    pub params: Vec<(&'static str, String)>,
    /// The form's field, where a whole form was looked at.
    pub field: Option<UserField>,
    /// Where in the text.
    pub span: Option<Span>,
    /// How to mend it.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// A diagnostic at a place.
    #[must_use]
    pub fn at(code: Code, span: Span) -> Self {
        Self { code, params: Vec::new(), field: None, span: Some(span), fix: None }
    }

    /// A diagnostic of a field as a whole.
    #[must_use]
    pub fn of(code: Code, field: UserField) -> Self {
        Self { code, params: Vec::new(), field: Some(field), span: None, fix: None }
    }

    /// With a parameter of the message; `value` is made fit to be shown.
    #[must_use]
    #[inline(never)]
    pub fn param(mut self, name: &'static str, value: &str) -> Self {
        self.params.push((name, shown(value)));
        self
    }

    /// With a fix.
    #[must_use]
    #[inline(never)]
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }

    /// How much it weighs.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// The English sentence: lower case, no final period, the text at fault in backticks.
    #[must_use]
    pub fn message(&self) -> String {
        self.interpolate(self.code.template())
    }

    /// What to do about it; empty where the message says enough.
    #[must_use]
    pub fn help(&self) -> String {
        self.interpolate(self.code.help())
    }

    fn interpolate(&self, mut rest: &str) -> String {
        let mut out = String::new();
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let Some((name, tail)) = after.split_once('}') else { break };
            if let Some((_, value)) = self.params.iter().find(|(param, _)| *param == name) {
                out.push_str(value);
            }
            rest = tail;
        }
        out.push_str(rest);
        out
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} [{}]", self.severity().as_str(), self.message(), self.code.as_str())
    }
}

/// How many code points of a person's text are shown back.
pub const SHOWN_CODE_POINTS: usize = 80;

/// `text` as it may stand in a message: cut after 80 code points, and what cannot be seen spelled out.
#[must_use]
pub fn shown(text: &str) -> String {
    if text.len() <= SHOWN_CODE_POINTS && text.bytes().all(|octet| matches!(octet, b' '..=b'~') && octet != b'`') {
        return text.to_owned();
    }
    let mut out = String::new();
    for (count, character) in text.chars().enumerate() {
        if count == SHOWN_CODE_POINTS {
            out.push('…');
            break;
        }
        if is_invisible(character) || character == '`' {
            push_code_point(character, &mut out);
        } else {
            out.push(character);
        }
    }
    out
}

/// Appends `U+200B`, without the machinery that formats numbers.
fn push_code_point(character: char, out: &mut String) {
    let code_point = u32::from(character);
    out.push_str("U+");
    for place in (0..6).rev() {
        if place < 4 || code_point >> (4 * place) > 0 {
            let digit = char::from_digit(code_point >> (4 * place) & 15, 16).unwrap_or_default();
            out.push(digit.to_ascii_uppercase());
        }
    }
}

/// Whether a character leaves no mark of its own: controls, bidi controls, joiners, fillers, lone surrogates.
#[must_use]
pub const fn is_invisible(character: char) -> bool {
    matches!(character,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}'
        | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffd}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

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

macro_rules! reasons {
    ($($variant:ident $name:literal $text:literal)*) => {
        /// Why a decision or a finding is what it is: one row each in the table of [`Reason::ALL`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Reason { $(#[doc = $text] $variant),* }

        impl Reason {
            /// All of them, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// What it means, in English.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
        }
    };
}

impl Reason {
    /// Whether the message itself is refused, whoever sends it.
    #[must_use]
    pub fn is_malformed(self) -> bool {
        self.as_str().starts_with("malformed-")
    }
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

// The one table of reasons. A row is never renamed and never reused.
reasons! {
    ListedDomain "listed-domain" "the domain is in the list of domains"
    ListedSender "listed-sender" "the address is in the list of senders"
    NotListed "not-listed" "neither the domain nor the address is listed"
    NoRestrictions "no-restrictions" "both lists are empty, so every sender may be used"
    NullReversePath "null-reverse-path" "the reverse-path is null, so the other identities decide"
    UserInactive "user-inactive" "the user is switched off"
    NoIdentity "no-identity" "no address was found that could be judged"
    HeaderUnterminated "header-unterminated" "the header section ends without its empty line"
    MalformedNul "malformed-nul" "the message contains a NUL octet"
    MalformedBareCr "malformed-bare-cr" "the message contains a CR that no LF follows"
    MalformedLineEndings "malformed-line-endings" "the message mixes LF and CRLF line ends"
    MalformedLine "malformed-line" "a line of the header section is neither a field nor a continuation"
    MalformedBlankLine "malformed-blank-line" "a line of the header section is white space alone"
    MalformedHeaderTooLarge "malformed-header-too-large" "the header section is over the limit"
    FromMissing "from-missing" "the message has no From field"
    FromRepeated "from-repeated" "the message has more than one From field"
    SenderRepeated "sender-repeated" "the message has more than one Sender field"
    FieldObscured "field-obscured" "a field name that some programs would take for an originator field"
    SourceRoute "source-route" "the address carries a source route"
    EncodedWordAddress "encoded-word-address" "an encoded-word stands where an address is expected"
    Unbalanced "unbalanced" "a quote, comment or bracket is not closed"
    GroupSyntax "group-syntax" "a group stands where mailboxes are expected"
    InvalidUtf8 "invalid-utf8" "the address is not valid UTF-8"
    StrayText "stray-text" "text that is neither a phrase nor a comment stands around an address"
    InvalidAddress "invalid-address" "the address does not follow the grammar"
    SeveralMailboxes "several-mailboxes" "a field that takes one mailbox has several"
    NoAddress "no-address" "the field holds no address"
    EngineFault "engine-fault" "the engine failed, so nothing may leave"
    ReadersDisagree "readers-disagree" "two readers find different addresses in the field"
    QuotedAt "quoted-at" "a quoted local-part holds what some programs take for an address"
    LineBreakInside "line-break-inside" "a line break, or what some programs take for one, stands inside a name or comment"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_points_are_written_as_unicode_writes_them() {
        for character in ['\0', '`', '\u{ad}', '\u{200b}', '\u{feff}', '\u{1d173}', '\u{e0001}', '\u{10ffff}'] {
            let mut written = String::new();
            push_code_point(character, &mut written);
            assert_eq!(written, format!("U+{:04X}", u32::from(character)));
        }
    }
}
