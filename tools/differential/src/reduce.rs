//! Makes a message as small as it can be and still do what it did.

/// More tries than this are not worth what they take away.
const TRIES: usize = 1_200;

/// The smallest message found from which nothing more can be taken, such that `holds` still says yes.
pub(crate) fn reduce(message: &[u8], holds: &mut dyn FnMut(&[u8]) -> bool) -> Vec<u8> {
    let mut tries = TRIES;
    let mut current = without_lines(message.to_vec(), &mut tries, holds);
    loop {
        let before = current.len();
        let mut size = (current.len() / 2).max(1);
        loop {
            current = without_chunks(current, size, &mut tries, holds);
            if size == 1 {
                break;
            }
            size /= 2;
        }
        if current.len() == before || tries == 0 {
            break;
        }
    }
    simpler(current, &mut tries, holds)
}

fn attempt(candidate: &[u8], tries: &mut usize, holds: &mut dyn FnMut(&[u8]) -> bool) -> bool {
    if *tries == 0 {
        return false;
    }
    *tries -= 1;
    holds(candidate)
}

fn without_lines(mut current: Vec<u8>, tries: &mut usize, holds: &mut dyn FnMut(&[u8]) -> bool) -> Vec<u8> {
    let mut at = 0;
    loop {
        let lines: Vec<&[u8]> = current.split_inclusive(|&octet| octet == b'\n').collect();
        if at >= lines.len() {
            return current;
        }
        let candidate = [&lines[..at], &lines[at + 1..]].concat().concat();
        if attempt(&candidate, tries, holds) {
            current = candidate;
        } else {
            at += 1;
        }
    }
}

fn without_chunks(
    mut current: Vec<u8>,
    size: usize,
    tries: &mut usize,
    holds: &mut dyn FnMut(&[u8]) -> bool,
) -> Vec<u8> {
    let mut at = 0;
    while at < current.len() {
        let end = (at + size).min(current.len());
        let candidate = [&current[..at], &current[end..]].concat();
        if attempt(&candidate, tries, holds) {
            current = candidate;
        } else {
            at = end;
        }
    }
    current
}

/// Letters become `a`, so that messages that differ in a name alone become one.
fn simpler(mut current: Vec<u8>, tries: &mut usize, holds: &mut dyn FnMut(&[u8]) -> bool) -> Vec<u8> {
    for at in 0..current.len() {
        if current[at].is_ascii_alphanumeric() && current[at] != b'a' {
            let mut candidate = current.clone();
            candidate[at] = b'a';
            if attempt(&candidate, tries, holds) {
                current = candidate;
            }
        }
    }
    current
}

#[cfg(test)]
mod tests {
    use super::reduce;

    #[test]
    fn what_is_left_is_what_matters() {
        let message = b"Subject: hello\r\nFrom: Jo <x@attacker.example>\r\nTo: you\r\n";
        let holds = |octets: &[u8]| octets.windows(2).any(|two| two == b"<x") && octets.contains(&b'>');
        assert_eq!(reduce(message, &mut |octets| holds(octets)), b"<x>");
    }
}
