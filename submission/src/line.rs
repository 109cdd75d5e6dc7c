//! Command lines (RFC 5321 section 2.3.8): CRLF ends them, and nothing else does.

/// Why a line cannot be a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineFault {
    BareCr,
    BareLf,
    Nul,
    TooLong,
}

impl LineFault {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::BareCr => "the command holds a CR that no LF follows",
            Self::BareLf => "the command ends in LF alone; end it with CRLF",
            Self::Nul => "the command holds a NUL",
            Self::TooLong => "the command is too long",
        }
    }

    /// Whether another program could read two commands in it.
    pub(crate) const fn could_hide_a_command(self) -> bool {
        !matches!(self, Self::TooLong)
    }
}

/// The number of octets that a line may have, with CRLF.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LineLimits {
    pub(crate) command: usize,
    /// For AUTH and its responses, which may be long (RFC 4954 section 4).
    pub(crate) auth: usize,
}

/// Collects one line.
#[derive(Debug, Default)]
pub(crate) struct LineReader {
    octets: Vec<u8>,
    fault: Option<LineFault>,
    /// The last octet was a CR.
    cr: bool,
}

impl LineReader {
    /// Takes octets up to the end of a line. Returns the line when it is complete.
    pub(crate) fn take(
        &mut self,
        input: &mut &[u8],
        limits: LineLimits,
        auth: bool,
    ) -> Option<Result<Vec<u8>, LineFault>> {
        while let Some((&octet, rest)) = input.split_first() {
            *input = rest;
            let ended = octet == b'\n';
            if ended && !self.cr {
                self.fault.get_or_insert(LineFault::BareLf);
            } else if !ended {
                if self.cr {
                    self.fault.get_or_insert(LineFault::BareCr);
                }
                self.cr = octet == b'\r';
                if !self.cr {
                    self.keep(octet, limits, auth);
                }
            }
            if ended {
                let line = std::mem::take(self);
                return Some(line.fault.map_or(Ok(line.octets), Err));
            }
        }
        None
    }

    fn keep(&mut self, octet: u8, limits: LineLimits, auth: bool) {
        if octet == 0 {
            self.fault.get_or_insert(LineFault::Nul);
        }
        let auth = auth || self.octets.get(..5).is_some_and(|verb| verb.eq_ignore_ascii_case(b"AUTH "));
        let limit = if auth { limits.auth } else { limits.command };
        if self.octets.len() + 2 < limit {
            self.octets.push(octet);
        } else {
            self.fault.get_or_insert(LineFault::TooLong);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: LineLimits = LineLimits { command: 12, auth: 20 };

    fn lines(mut input: &[u8]) -> Vec<Result<String, LineFault>> {
        let mut reader = LineReader::default();
        std::iter::from_fn(|| reader.take(&mut input, LIMITS, false))
            .map(|line| line.map(|octets| String::from_utf8(octets).unwrap()))
            .collect()
    }

    #[test]
    fn ends_and_faults() {
        assert_eq!(lines(b"NOOP\r\n\r\nQUI"), [Ok("NOOP".to_owned()), Ok(String::new())]);
        assert_eq!(lines(b"NOOP\nNOOP\r\n"), [Err(LineFault::BareLf), Ok("NOOP".to_owned())]);
        assert_eq!(lines(b"NO\rOP\r\nA\r\r\n"), [Err(LineFault::BareCr), Err(LineFault::BareCr)]);
        assert_eq!(lines(b"NO\0OP\r\n"), [Err(LineFault::Nul)]);
        assert_eq!(lines(b"NOOP 67890\r\n"), [Ok("NOOP 67890".to_owned())]);
        assert_eq!(lines(b"NOOP 678901\r\nA\r\n"), [Err(LineFault::TooLong), Ok("A".to_owned())]);
        assert_eq!(lines(b"auth 6789012345678\r\n"), [Ok("auth 6789012345678".to_owned())]);
        assert_eq!(lines(b"auth 67890123456789\r\n"), [Err(LineFault::TooLong)]);
    }
}
