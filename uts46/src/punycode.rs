//! Punycode (RFC 3492).

/// A label of more than this many characters is no label, in whatever form.
const MAX_CHARACTERS: usize = 63;

/// RFC 3492 section 6.1.
fn adapt(delta: u32, count: u32, is_first: bool) -> u32 {
    let mut delta = if is_first { delta / 700 } else { delta / 2 };
    delta += delta / count.max(1);
    let mut k = 0;
    while delta > 455 {
        delta /= 35;
        k += 36;
    }
    k + 36 * delta / (delta + 38)
}

/// The threshold of a digit at place `k`.
fn threshold(k: u32, bias: u32) -> u32 {
    k.saturating_sub(bias).clamp(1, 26)
}

/// Appends what a label without its `xn--` stands for.
pub(crate) fn decode(input: &[char], out: &mut Vec<char>) -> Option<()> {
    let start = out.len();
    // A delimiter with nothing before it is no delimiter, and so no digit either.
    let delimiter = input.iter().rposition(|character| *character == '-').filter(|at| *at > 0);
    let (basic, rest) = delimiter.map_or((&[] as &[char], input), |at| {
        (input.get(..at).unwrap_or_default(), input.get(at + 1..).unwrap_or_default())
    });
    if !basic.iter().all(char::is_ascii) {
        return None;
    }
    out.extend_from_slice(basic);
    let (mut code_point, mut place, mut bias) = (128_u32, 0_u32, 72);
    let mut digits = rest.iter();
    while !digits.as_slice().is_empty() {
        let (before, mut weight, mut k) = (place, 1_u32, 36);
        loop {
            let digit = match *digits.next()? {
                letter @ 'a'..='z' => u32::from(letter) - u32::from('a'),
                figure @ '0'..='9' => u32::from(figure) - u32::from('0') + 26,
                _ => return None,
            };
            place = place.checked_add(digit.checked_mul(weight)?)?;
            let threshold = threshold(k, bias);
            if digit < threshold {
                break;
            }
            weight = weight.checked_mul(36 - threshold)?;
            k += 36;
        }
        let count = (out.len() - start) as u32 + 1;
        bias = adapt(place - before, count, before == 0);
        code_point = code_point.checked_add(place / count)?;
        place %= count;
        out.insert(start + place as usize, char::from_u32(code_point)?);
        place += 1;
    }
    Some(())
}

/// Appends a label, as an A-label if it needs to be one. A label that is too long either way stays as it is.
pub(crate) fn push_label(label: &[char], out: &mut String) {
    if label.len() > MAX_CHARACTERS || label.iter().all(char::is_ascii) {
        out.extend(label);
        return;
    }
    out.push_str("xn--");
    let basic: u32 =
        label.iter().filter(|character| character.is_ascii()).map(|character| out.push(*character)).map(|()| 1).sum();
    if basic > 0 {
        out.push('-');
    }
    let (mut code_point, mut delta, mut bias, mut done) = (128, 0_u32, 72, basic);
    // No overflow: 63 characters at most, each below 2^21.
    while let Some(next) = label.iter().map(|character| u32::from(*character)).filter(|next| *next >= code_point).min()
    {
        delta += (next - code_point) * (done + 1);
        code_point = next;
        for character in label {
            if u32::from(*character) < code_point {
                delta += 1;
            } else if u32::from(*character) == code_point {
                push_number(delta, bias, out);
                bias = adapt(delta, done + 1, done == basic);
                delta = 0;
                done += 1;
            }
        }
        delta += 1;
        code_point += 1;
    }
}

fn push_number(mut number: u32, bias: u32, out: &mut String) {
    let digit = |value: u32| char::from_digit((value + 10) % 36, 36).unwrap_or_default();
    let mut k = 36;
    loop {
        let threshold = threshold(k, bias);
        if number < threshold {
            break;
        }
        out.push(digit(threshold + (number - threshold) % (36 - threshold)));
        number = (number - threshold) / (36 - threshold);
        k += 36;
    }
    out.push(digit(number));
}
