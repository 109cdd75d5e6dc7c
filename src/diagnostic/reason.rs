//! The only table of reasons.

use crate::named::named;

macro_rules! reasons {
    ($($variant:ident $name:literal $text:literal)*) => {
        /// The reason of a decision or a finding. Each is a row of the table [`Reason::ALL`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Reason { $(#[doc = $text] $variant),* }

        impl Reason {
            /// All reasons, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The meaning, in English.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
        }
    };
}

named!(Reason: "reason");

impl Reason {
    /// Whether the message is malformed, and so refused from every sender.
    #[must_use]
    pub fn is_malformed(self) -> bool {
        self.as_str().starts_with("malformed-")
    }
}

// The table. A name is never changed and never reused.
reasons! {
    ListedDomain "listed-domain" "the domain is in the list of domains"
    ListedSender "listed-sender" "the address is in the list of senders"
    NotListed "not-listed" "neither the domain nor the address is listed"
    NoRestrictions "no-restrictions" "both lists are empty, so every sender may be used"
    NullReversePath "null-reverse-path" "the reverse-path is null, so the other identities decide"
    UserInactive "user-inactive" "the user is switched off"
    NoIdentity "no-identity" "no address was found that could be judged"
    HeaderUnterminated "header-unterminated" "the header section ends without its empty line: write one before the body"
    MalformedNul "malformed-nul" "the message contains a NUL octet: leave it out, or encode that part in base64"
    MalformedBareCr "malformed-bare-cr" "the message contains a CR that no LF follows: end each line in CRLF"
    MalformedLineEndings "malformed-line-endings" "the message mixes LF and CRLF line ends: end each line in CRLF"
    MalformedLine "malformed-line" "a line of the header section is neither a field nor a continuation: write name, colon and value, and begin further lines of the value with a space"
    MalformedBlankLine "malformed-blank-line" "a line of the header section is white space alone: leave it out, or empty where the body begins"
    MalformedHeaderTooLarge "malformed-header-too-large" "the header section is over the limit: leave fields out, or shorten them"
    FromMissing "from-missing" "the message has no From field: write one, with the address of the author"
    FromRepeated "from-repeated" "the message has more than one From field: write one, which may name several authors"
    SenderRepeated "sender-repeated" "the message has more than one Sender field: write one"
    FieldObscured "field-obscured" "a field that some programs would take for an originator field: write its name exactly, the colon right behind it, hide no line break in encoded-words, or leave the field out"
    SourceRoute "source-route" "the address carries a source route: write the address alone"
    EncodedWordAddress "encoded-word-address" "an encoded-word stands where an address is expected, or programs decode it differently: encode names only, each word whole, and write the address as it is"
    Unbalanced "unbalanced" "a quote, comment or bracket is not closed: close it, or leave it out"
    GroupSyntax "group-syntax" "a group stands where mailboxes are expected: write the addresses without it, and a name with a colon or semicolon in double quotes"
    InvalidUtf8 "invalid-utf8" "the address is not valid UTF-8: write it in ASCII or UTF-8"
    StrayText "stray-text" "text that is neither a phrase nor a comment stands around an address: write the name in double quotes, and behind it the address in angle brackets"
    InvalidAddress "invalid-address" "the address does not follow the grammar: write one local-part, one at sign and one domain, without spaces"
    SeveralMailboxes "several-mailboxes" "a field that takes one mailbox has several: leave one"
    NoAddress "no-address" "the field holds no address: write one, or leave the field out"
    EngineFault "engine-fault" "the engine failed, so nothing may leave"
    ReadersDisagree "readers-disagree" "two readers find different addresses in the field: write the name in double quotes, behind it the address in angle brackets, and nothing else"
    QuotedAt "quoted-at" "a quoted local-part holds what some programs take for an address: send as an address that needs no quotes"
    LineBreakInside "line-break-inside" "a line break, or what some programs take for one, stands inside a name or comment: write the name without it"
    MalformedLineSeparator "malformed-line-separator" "the header section holds a control or separator that some programs take for a line end: leave it out"
    EncodedControl "encoded-control" "an encoded-word decodes to a control character: leave it out of the name"
    AtInName "at-in-name" "an at sign stands among the words of a name: write the name in double quotes"
    AtInQuotes "at-in-quotes" "a quoted name with an at sign in it must be short and stand alone before its address: leave out comments, line breaks and other punctuation"
    AtInComment "at-in-comment" "a comment holds an at sign, or ends in different places for different programs: leave the comment out"
    FieldTooLong "field-too-long" "the field is longer than 2000 octets, or a line of it than 998: name fewer senders, or shorter ones"
    SignedLooseName "signed-loose-name" "the name needs double quotes, and a signature forbids to add them: write the name in double quotes before signing"
    RoutingLocalPart "routing-local-part" "a local-part with % or ! may route elsewhere, so the list of senders must name the whole address"
    NoAddressInNames "no-address-in-names" "no address stands in the display-names, and nothing else is checked"
    NotKept "not-kept" "what the answer rests on was not kept"
}
