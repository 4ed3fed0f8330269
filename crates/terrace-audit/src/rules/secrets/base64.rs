//! Text out of base64 (RFC 4648, section 4), for user data that is written that way.

/// The text, if it is one. What is packed (gzip) is none.
pub(super) fn decode(encoded: &str) -> Option<String> {
    let digits: Vec<u32> = encoded
        .chars()
        .filter(|c| !c.is_ascii_whitespace() && *c != '=')
        .map(|c| match c {
            'A'..='Z' => Some(u32::from(c) - u32::from('A')),
            'a'..='z' => Some(u32::from(c) - u32::from('a') + 26),
            '0'..='9' => Some(u32::from(c) - u32::from('0') + 52),
            '+' => Some(62),
            '/' => Some(63),
            _ => None,
        })
        .collect::<Option<_>>()?;
    if digits.len() < 8 || digits.len() % 4 == 1 {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3 + 3);
    for four in digits.chunks(4) {
        let bits = four.iter().fold(0, |bits, digit| bits << 6 | digit) << (6 * (4 - four.len()));
        let [_, one, two, three] = bits.to_be_bytes();
        bytes.extend([one, two, three].into_iter().take(four.len() - 1));
    }
    String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_the_encoder_writes_is_read() {
        for text in ["#!/bin/sh\n", "a longer text, ü", "12345678"] {
            assert_eq!(super::decode(&terrace_aws::base64(text)).as_deref(), Some(text));
        }
        for no in ["", "#!/bin/sh", "AAAA", "////////"] {
            assert_eq!(super::decode(no), None, "{no}");
        }
    }
}
