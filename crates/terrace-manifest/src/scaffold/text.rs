//! Small looks into source texts, without understanding them.

/// The folder of a path; empty for the project's own.
pub(super) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The last part of a path.
pub(super) fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A path within a folder.
pub(super) fn within(folder: &str, path: &str) -> String {
    if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") }
}

/// Whether a path lies in a folder, at any depth; everything lies in the project's own.
pub(super) fn lies_in(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// A path as seen from a folder that it lies in.
pub(super) fn from_folder<'p>(path: &'p str, folder: &str) -> &'p str {
    path.strip_prefix(folder).map_or(path, |rest| rest.trim_start_matches('/'))
}

/// How a folder is called in a manifest.
pub(super) fn as_root(folder: &str) -> &str {
    if folder.is_empty() { "." } else { folder }
}

/// The string that follows a word, as in `outDir: 'build'`.
pub(super) fn string_after<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(word)?;
    let rest = rest.trim_start().trim_start_matches(['"', '\'']).trim_start();
    let rest = rest.strip_prefix([':', '='])?.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    rest.get(1..)?.split(quote).next()
}

/// The words of a text that begin with a slash and stand in quotes.
pub(super) fn quoted_paths(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| {
        let mut rest = line;
        std::iter::from_fn(move || {
            loop {
                let at = rest.find(['"', '\'', '`'])?;
                let quote = rest.get(at..)?.chars().next()?;
                let inner = rest.get(at + 1..)?;
                let end = inner.find(quote)?;
                let word = inner.get(..end)?;
                rest = inner.get(end + 1..)?;
                if word.starts_with('/') && word.len() < 200 && !word.contains(char::is_whitespace) {
                    return Some(word);
                }
            }
        })
    })
}

/// The first number of two to five digits that follows a word on its line.
pub(super) fn number_after(text: &str, word: &str) -> Option<u16> {
    text.lines().find_map(|line| {
        let (_, rest) = line.split_once(word)?;
        rest.split(|c: char| !c.is_ascii_digit())
            .find(|digits| (2..=5).contains(&digits.len()))
            .and_then(|digits| digits.parse().ok())
            .filter(|port| *port >= 1024)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_looked_into() {
        assert_eq!(string_after("build: { outDir: '../out' }", "outDir"), Some("../out"));
        assert_eq!(string_after("\"outputPath\": \"dist/shop\"", "outputPath"), Some("dist/shop"));
        assert_eq!(string_after("outDir: path.join('x')", "outDir"), None);
        let found: Vec<&str> =
            quoted_paths("get(\"/health\", it's('/a b'), `/api/x`)\nroute('/y')").collect();
        assert_eq!(found, ["/health", "/y"]);
        assert_eq!(number_after("x\nlet port = env ?? 3000;", "port"), Some(3000));
        assert_eq!(number_after("port = 80", "port"), None);
    }
}
