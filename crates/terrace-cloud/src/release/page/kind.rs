//! What a file's name says about it: its media type, how long it may be kept, when its turn is.
//!
//! The same judgement as the edge's, which serves the page where there are machines: types by `mime_guess`, text in UTF-8,
//! names with a hash by the patterns of today's build tools.

/// Never another content under this name.
pub(crate) const FOREVER: &str = "public, max-age=31536000, immutable";
/// Not under a name of its own, and not what names all others.
pub(crate) const SHORT: &str = "public, max-age=60";
/// Asked for anew each time.
pub(crate) const NEVER: &str = "no-cache";

/// Folders that build tools fill with hashed names.
const BUILD_FOLDERS: [&str; 9] =
    ["assets", "static", "_next", "_app", "_astro", "_nuxt", "build", "chunks", "media"];

/// When a file's turn is: what others name comes before them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Turn {
    /// Its name has a hash of its content, so that it can stand beside its former self.
    Hashed,
    /// It replaces its former self.
    Other,
    /// It replaces its former self, and names others.
    Html,
}

impl Turn {
    /// Of a file of a page, as it was judged when it was released.
    pub(crate) fn of(media_type: &str, cache: &str) -> Self {
        if is_html(media_type) {
            Self::Html
        } else if cache == FOREVER {
            Self::Hashed
        } else {
            Self::Other
        }
    }
}

fn is_html(media_type: &str) -> bool {
    media_type.split(';').next() == Some("text/html")
}

/// The media type and the cache rule of a path below the page's folder.
pub(crate) fn judged(path: &str) -> (String, &'static str) {
    let guess = mime_guess::from_path(path).first();
    let essence = guess.as_ref().map_or("application/octet-stream", |mime| mime.essence_str());
    let is_text = essence.starts_with("text/")
        || matches!(essence, "application/javascript" | "application/json" | "application/manifest+json");
    let media_type = match (essence, is_text) {
        ("application/javascript", _) => "text/javascript; charset=utf-8".to_owned(),
        (essence, true) => format!("{essence}; charset=utf-8"),
        (essence, false) => essence.to_owned(),
    };
    let cache = if is_html(&media_type) {
        NEVER
    } else if has_hash(path) {
        FOREVER
    } else {
        SHORT
    };
    (media_type, cache)
}

/// Whether a name carries a hash of its content: `index-BhX3f9a1.js`, `main.8f3b2c1d.css`, `a.3e1f0a9c2b.chunk.js`.
fn has_hash(path: &str) -> bool {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let in_build_folder = folder.split('/').any(|part| BUILD_FOLDERS.contains(&part));
    let Some((stem, _)) = file.rsplit_once('.') else { return false };
    let stem = [".chunk", ".min", ".module", ".bundle", ".js", ".css"]
        .iter()
        .fold(stem, |stem, suffix| stem.strip_suffix(suffix).unwrap_or(stem));
    if stem.rsplit_once(['-', '.']).is_some_and(|(_, last)| is_hexadecimal(last)) {
        return true;
    }
    // Base64url digits may themselves be a hyphen, so the last eight are taken as they are.
    let tail = stem.len().checked_sub(8).and_then(|at| stem.split_at_checked(at));
    in_build_folder && tail.is_some_and(|(before, last)| before.ends_with(['-', '.']) && is_base64(last))
}

fn is_hexadecimal(part: &str) -> bool {
    let digit = |byte: u8| byte.is_ascii_digit();
    let letter = |byte: u8| (b'a'..=b'f').contains(&byte);
    (8..=64).contains(&part.len())
        && part.bytes().all(|byte| digit(byte) || letter(byte))
        && part.bytes().any(digit)
        && part.bytes().any(letter)
}

/// Eight characters that are no word: with a digit, or with a capital elsewhere than at the start.
fn is_base64(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
        && part.bytes().any(|byte| byte.is_ascii_alphabetic())
        && (part.bytes().any(|byte| byte.is_ascii_digit())
            || part.bytes().skip(1).any(|byte| byte.is_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_type_and_cache() {
        for (path, media_type, cache) in [
            ("index.html", "text/html; charset=utf-8", NEVER),
            ("index-8f3b2c1d.html", "text/html; charset=utf-8", NEVER),
            ("assets/index-BhX3f9a1.js", "text/javascript; charset=utf-8", FOREVER),
            ("assets/index-B-X3f9a1.css", "text/css; charset=utf-8", FOREVER),
            ("assets/index-DqWvXzKp.js", "text/javascript; charset=utf-8", FOREVER),
            ("static/js/787.a1b2c3d4.chunk.js", "text/javascript; charset=utf-8", FOREVER),
            ("main.8f3b2c1d9e.mjs", "text/javascript; charset=utf-8", FOREVER),
            ("assets/logo-8f3b2c1d.woff2", "font/woff2", FOREVER),
            ("service-worker.js", "text/javascript; charset=utf-8", SHORT),
            ("manifest.json", "application/json; charset=utf-8", SHORT),
            ("assets/apple-touch-icon.png", "image/png", SHORT),
            ("assets/my-template.js", "text/javascript; charset=utf-8", SHORT),
            ("photo-20240101.jpg", "image/jpeg", SHORT),
            ("logo.svg", "image/svg+xml", SHORT),
            ("a.wasm", "application/wasm", SHORT),
            ("assets/ä-éüöäß.js", "text/javascript; charset=utf-8", SHORT),
            (".well-known/security.txt", "text/plain; charset=utf-8", SHORT),
            ("LICENSE", "application/octet-stream", SHORT),
        ] {
            assert_eq!(judged(path), (media_type.to_owned(), cache), "{path}");
        }
    }
}
