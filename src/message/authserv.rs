//! The host that an `Authentication-Results` field names as its author (RFC 8601 section 2.2).

use crate::address::Domain;

/// Whether the field claims to be from `host`. Comments, quotes and case are ignored, and A-labels equal U-labels.
pub(super) fn is_of_host(body: &[u8], host: &str) -> bool {
    let id = String::from_utf8_lossy(&authserv_id(body)).into_owned();
    let (id, host) = (without_last_dot(&id), without_last_dot(host));
    if id.eq_ignore_ascii_case(host) {
        return true;
    }
    matches!((Domain::parse(id), Domain::parse(host)), (Ok(id), Ok(host)) if id == host)
}

fn without_last_dot(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// The text before the version and the first `;`. A comment ends nothing, because some programs remove comments first.
fn authserv_id(body: &[u8]) -> Vec<u8> {
    let mut id = Vec::new();
    let (mut depth, mut is_quoted) = (0_usize, false);
    let mut octets = body.iter().copied();
    while let Some(octet) = octets.next() {
        match octet {
            b'\\' if depth > 0 || is_quoted => {
                let escaped = octets.next();
                if depth == 0 {
                    id.extend(escaped);
                }
            }
            b'(' if !is_quoted => depth += 1,
            b')' if depth > 0 => depth -= 1,
            _ if depth > 0 => {}
            b'"' => is_quoted = !is_quoted,
            b'\r' | b'\n' => {}
            b' ' | b'\t' if !is_quoted && id.is_empty() => {}
            b' ' | b'\t' | b';' | b'/' | b'=' if !is_quoted => break,
            _ => id.push(octet),
        }
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_says_so() {
        for body in [
            " gate.example; spf=pass",
            "gate.example;",
            " GATE.Example ; none",
            " gate.example 1; spf=pass",
            " gate.example/1; spf=pass",
            "\r\n\tgate.example;\r\n\tspf=pass",
            " (a comment) gate.example (another) 1; dkim=pass",
            " (nested (so) \\) deep) gate.example",
            " gate(in the middle).example; spf=pass",
            " \"gate.example\"; spf=pass",
            " \"g\\ate\".example; spf=pass",
            " gate.example.; spf=pass",
            " gate.example",
        ] {
            assert!(is_of_host(body.as_bytes(), "gate.example"), "{body}");
            assert!(is_of_host(body.as_bytes(), "Gate.EXAMPLE."), "{body}");
        }
        for body in [
            "",
            " other.example; spf=pass smtp.mailfrom=gate.example",
            " x.gate.example; none",
            " gate.example.com; none",
            " (gate.example) other.example; none",
            " (gate.example",
            " \"gate.example ; x\"; none",
            " ; gate.example",
        ] {
            assert!(!is_of_host(body.as_bytes(), "gate.example"), "{body}");
        }
        assert!(is_of_host(" BÜCHER.example; none".as_bytes(), "xn--bcher-kva.example"));
        assert!(is_of_host(b" xn--bcher-kva.example; none", "bücher.example"));
        assert!(is_of_host(b" [192.0.2.1]; none", "[192.0.2.1]"));
    }
}
