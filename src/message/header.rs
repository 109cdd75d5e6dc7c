//! Splits the header section into fields, by bytes, so that duplicates and near-fields are seen.

/// At most this many bytes of a message are looked at.
pub const MAX_HEADER_BYTES: usize = 256 * 1024;

/// Why a header section is refused in both modes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// A NUL octet.
    Nul,
    /// A CR that no LF follows.
    BareCr,
    /// LF and CRLF line ends in one section.
    LineEndings,
    /// A line that is neither a field nor a continuation.
    Line,
    /// A line of white space alone.
    BlankLine,
    /// No end within [`MAX_HEADER_BYTES`].
    TooLarge,
}

/// One field, as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// What stands before the colon, white space before the colon included.
    pub name: &'a [u8],
    /// What stands after the colon, folding included, without the last line end.
    pub body: &'a [u8],
}

/// A header section that was split.
#[derive(Clone, Debug)]
pub struct HeaderSection<'a> {
    /// The fields, in order.
    pub fields: Vec<Field<'a>>,
    /// The first thing that makes it malformed.
    pub malformed: Option<Malformed>,
    /// Whether its closing empty line was there, or the caller said that there is none to come.
    pub terminated: bool,
}

/// Splits `bytes`, a message or a prefix of one. `complete` says that the message ends where `bytes` ends.
#[must_use]
pub fn split_header(bytes: &[u8], complete: bool) -> HeaderSection<'_> {
    let _ = (bytes, complete);
    todo!()
}
