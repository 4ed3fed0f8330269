//! The name that was probably meant.

/// The name of `names` closest to `asked`, if it is close enough to be a slip of the keyboard.
pub(super) fn nearest<'a>(asked: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (asked.len() / 3).clamp(1, 4);
    names
        .map(|name| (strsim::damerau_levenshtein(asked, name), name))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= limit)
        .map(|(_, name)| name)
}
