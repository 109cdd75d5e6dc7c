//! Where a message ends: DATA (RFC 5321 section 4.1.1.4) and BDAT (RFC 3030).
//!
//! The end of data is CRLF `.` CRLF and nothing else. Servers that accepted other endings let one message hide another.

/// An octet or line end that no message may contain (RFC 5321 section 2.3.8, RFC 5322 section 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyFault {
    /// A CR that no LF follows.
    BareCr,
    /// An LF that no CR precedes.
    BareLf,
    /// A NUL.
    Nul,
}

impl BodyFault {
    /// For a reply.
    pub const fn text(self) -> &'static str {
        match self {
            Self::BareCr => "the message holds a CR that no LF follows",
            Self::BareLf => "the message holds an LF that no CR precedes; end each line with CRLF",
            Self::Nul => "the message holds a NUL",
        }
    }
}

/// The position of the reader within a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    LineStart,
    Inside,
    /// After a CR within a line.
    Cr,
    /// After a dot at the start of a line.
    Dot,
    /// After a CR that follows such a dot.
    DotCr,
}

/// Removes the leading dots and finds the end of DATA.
#[derive(Debug)]
pub struct DataReader(Place);

impl Default for DataReader {
    fn default() -> Self {
        Self(Place::LineStart)
    }
}

impl DataReader {
    /// Moves octets from `input` to `message` until it has `most`. Returns whether the message has ended; octets after the end stay in `input`.
    ///
    /// # Errors
    /// The first fault. The octets after it stay in `input`.
    pub fn take(&mut self, input: &mut &[u8], message: &mut Vec<u8>, most: usize) -> Result<bool, BodyFault> {
        while message.len() < most {
            if self.0 == Place::Inside {
                let room = most - message.len();
                let run = memchr::memchr3(b'\r', b'\n', 0, input).unwrap_or(input.len()).min(room);
                let (octets, rest) = input.split_at(run);
                message.extend_from_slice(octets);
                *input = rest;
                if run == room {
                    break;
                }
            }
            let Some((&octet, rest)) = input.split_first() else { break };
            *input = rest;
            self.0 = match (self.0, octet) {
                (_, 0) => return Err(BodyFault::Nul),
                (Place::DotCr, b'\n') => {
                    *self = Self::default();
                    return Ok(true);
                }
                (Place::Cr, b'\n') => {
                    message.extend_from_slice(b"\r\n");
                    Place::LineStart
                }
                (Place::Cr | Place::DotCr, _) => return Err(BodyFault::BareCr),
                (_, b'\n') => return Err(BodyFault::BareLf),
                (Place::LineStart, b'.') => Place::Dot,
                (Place::Dot, b'\r') => Place::DotCr,
                (_, b'\r') => Place::Cr,
                (_, octet) => {
                    message.push(octet);
                    Place::Inside
                }
            };
        }
        Ok(false)
    }
}

/// Checks the line ends of a message that arrives in chunks.
#[derive(Debug, Default)]
pub struct ChunkReader {
    cr: bool,
}

impl ChunkReader {
    /// # Errors
    /// The first fault in `octets`, which may depend on the end of the previous chunk.
    pub fn check(&mut self, octets: &[u8]) -> Result<(), BodyFault> {
        let mut rest = octets;
        if self.cr && !rest.is_empty() {
            rest = rest.strip_prefix(b"\n").ok_or(BodyFault::BareCr)?;
            self.cr = false;
        }
        while let Some(at) = memchr::memchr3(b'\r', b'\n', 0, rest) {
            let behind = rest.split_at(at).1;
            rest = match behind {
                [b'\r', b'\n', rest @ ..] => rest,
                [b'\r'] => {
                    self.cr = true;
                    return Ok(());
                }
                [b'\r', ..] => return Err(BodyFault::BareCr),
                [b'\n', ..] => return Err(BodyFault::BareLf),
                _ => return Err(BodyFault::Nul),
            };
        }
        Ok(())
    }

    /// # Errors
    /// The message ends in a CR.
    pub const fn end(&self) -> Result<(), BodyFault> {
        if self.cr { Err(BodyFault::BareCr) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The message, and what is left behind its end.
    fn read(input: &[u8], cut: usize, most: usize) -> Result<(Vec<u8>, Option<Vec<u8>>), BodyFault> {
        let (mut reader, mut message) = (DataReader::default(), Vec::new());
        let (first, second) = input.split_at(cut);
        for (mut piece, behind) in [(first, second), (second, b"".as_slice())] {
            while !piece.is_empty() {
                let mut window = Vec::new();
                let ended = reader.take(&mut piece, &mut window, most)?;
                message.append(&mut window);
                if ended {
                    return Ok((message, Some([piece, behind].concat())));
                }
            }
        }
        Ok((message, None))
    }

    #[test]
    fn every_end_at_every_cut_through_every_window() {
        type Row<'a> = (&'a [u8], Result<(&'a [u8], Option<&'a [u8]>), BodyFault>);
        let rows: &[Row<'_>] = &[
            (b".\r\n", Ok((b"", Some(b"")))),
            (b"a\r\n.\r\nQUIT\r\n", Ok((b"a\r\n", Some(b"QUIT\r\n")))),
            (b"..a\r\n.b\r\n...\r\n.\r\n", Ok((b".a\r\nb\r\n..\r\n", Some(b"")))),
            (b"a.\r\n.\r\n", Ok((b"a.\r\n", Some(b"")))),
            (b"\r\n.\r\n.\r\n", Ok((b"\r\n", Some(b".\r\n")))),
            (b"a\r\n.", Ok((b"a\r\n", None))),
            (b"a\r\n.\n", Err(BodyFault::BareLf)),
            (b"a\n.\n", Err(BodyFault::BareLf)),
            (b"a\n.\r\n", Err(BodyFault::BareLf)),
            (b"a\r.\r\n", Err(BodyFault::BareCr)),
            (b"a\r\n.\r.\r\n", Err(BodyFault::BareCr)),
            (b"a\r\n.\r\r\n", Err(BodyFault::BareCr)),
            (b"a\r\r\n.\r\n", Err(BodyFault::BareCr)),
            (b"a\r\n.\0\r\n", Err(BodyFault::Nul)),
            (b"\0", Err(BodyFault::Nul)),
        ];
        for (input, expected) in rows {
            for cut in 0..=input.len() {
                for most in [1, 2, 3, 100] {
                    let found = read(input, cut, most);
                    let found = found
                        .as_ref()
                        .map(|(message, rest)| (message.as_slice(), rest.as_deref()))
                        .map_err(|fault| *fault);
                    assert_eq!(found, *expected, "{:?} cut at {cut}, {most}", String::from_utf8_lossy(input));
                }
            }
        }
    }

    #[test]
    fn chunks_at_every_cut() {
        let rows: &[(&[u8], Result<(), BodyFault>)] = &[
            (b"a\r\n.\r\nb", Ok(())),
            (b"", Ok(())),
            (b"a\nb", Err(BodyFault::BareLf)),
            (b"a\rb", Err(BodyFault::BareCr)),
            (b"a\r", Err(BodyFault::BareCr)),
            (b"a\r\r\n", Err(BodyFault::BareCr)),
            (b"a\0\r\n", Err(BodyFault::Nul)),
        ];
        for (input, expected) in rows {
            for cut in 0..=input.len() {
                let mut reader = ChunkReader::default();
                let (first, second) = input.split_at(cut);
                let found = reader.check(first).and_then(|()| reader.check(second)).and_then(|()| reader.end());
                assert_eq!(found, *expected, "{:?} cut at {cut}", String::from_utf8_lossy(input));
            }
        }
    }
}
