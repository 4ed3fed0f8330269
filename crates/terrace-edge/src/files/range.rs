//! Which part of a file is asked for (RFC 9110, section 14). Several parts at once, which hardly anyone asks for
//! and which cost the server most, are answered with the whole, as section 14.2 allows.

/// What `Range` comes to for a file of some length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it: no range, several, or one that cannot be read.
    Whole,
    /// From the first to the last byte, both included.
    Bytes { first: u64, last: u64 },
    /// Nothing of it: 416.
    Outside,
}

/// Reads a `Range` field.
pub(super) fn part(range: &[u8], length: u64) -> Part {
    let Ok(text) = std::str::from_utf8(range) else { return Part::Whole };
    let Some((unit, set)) = text.split_once('=') else { return Part::Whole };
    if !unit.trim().eq_ignore_ascii_case("bytes") || set.contains(',') {
        return Part::Whole;
    }
    let Some((first, last)) = set.trim().split_once('-') else { return Part::Whole };
    match (number(first), number(last)) {
        (Some(first), Some(last)) if first > last => Part::Whole,
        (Some(first), _) if first >= length && is_number_or_empty(last) => Part::Outside,
        (Some(first), Some(last)) => Part::Bytes { first, last: last.min(length.saturating_sub(1)) },
        (Some(first), None) if last.is_empty() => Part::Bytes { first, last: length.saturating_sub(1) },
        (None, Some(0)) if first.is_empty() => Part::Outside,
        (None, Some(_)) if first.is_empty() && length == 0 => Part::Outside,
        (None, Some(suffix)) if first.is_empty() => {
            Part::Bytes { first: length.saturating_sub(suffix), last: length.saturating_sub(1) }
        }
        _ => Part::Whole,
    }
}

fn number(digits: &str) -> Option<u64> {
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // A number too large for us lies beyond any file.
    Some(digits.parse().unwrap_or(u64::MAX))
}

fn is_number_or_empty(digits: &str) -> bool {
    digits.is_empty() || number(digits).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_written() {
        for (range, expected) in [
            ("bytes=0-0", Part::Bytes { first: 0, last: 0 }),
            ("bytes=0-", Part::Bytes { first: 0, last: 9 }),
            ("bytes=5-99", Part::Bytes { first: 5, last: 9 }),
            ("bytes=-3", Part::Bytes { first: 7, last: 9 }),
            ("bytes=-99", Part::Bytes { first: 0, last: 9 }),
            ("Bytes=9-", Part::Bytes { first: 9, last: 9 }),
            ("bytes=10-", Part::Outside),
            ("bytes=99999999999999999999999-", Part::Outside),
            ("bytes=-0", Part::Outside),
            ("bytes=5-4", Part::Whole),
            ("bytes=0-1,3-4", Part::Whole),
            ("bytes=a-b", Part::Whole),
            ("bytes=-", Part::Whole),
            ("bytes=+1-2", Part::Whole),
            ("lines=0-1", Part::Whole),
            ("bytes", Part::Whole),
        ] {
            assert_eq!(part(range.as_bytes(), 10), expected, "{range}");
        }
        assert_eq!(part(b"bytes=0-", 0), Part::Outside);
        assert_eq!(part(b"bytes=-1", 0), Part::Outside);
    }
}
