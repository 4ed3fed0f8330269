//! What a file's name says about it: its media type, whether it compresses, how long it may be kept.

use http::HeaderValue;
use percent_encoding::{AsciiSet, CONTROLS};

/// What must be escaped in the path of a `Location`.
pub(super) const IN_PATH: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'<').add(b'>').add(b'?').add(b'`').add(b'\\');

/// Folders that build tools fill with hashed names.
const BUILD_FOLDERS: [&str; 9] =
    ["assets", "static", "_next", "_app", "_astro", "_nuxt", "build", "chunks", "media"];

/// What a name says about a file.
#[derive(Clone, Debug)]
pub(super) struct Kind {
    pub(super) content_type: HeaderValue,
    pub(super) compressible: bool,
    pub(super) cache_control: HeaderValue,
}

impl Kind {
    /// Judges a path below the folder.
    pub(super) fn of(name: &str) -> Self {
        let guess = mime_guess::from_path(name).first();
        let essence = guess.as_ref().map_or("application/octet-stream", |mime| mime.essence_str());
        // Text is UTF-8, as build tools write it; without the word a browser may guess another encoding.
        let is_text = essence.starts_with("text/")
            || matches!(essence, "application/javascript" | "application/json" | "application/manifest+json");
        let content_type = match (essence, is_text) {
            ("application/javascript", _) => Ok(HeaderValue::from_static("text/javascript; charset=utf-8")),
            (essence, true) => HeaderValue::try_from(format!("{essence}; charset=utf-8")),
            (essence, false) => HeaderValue::try_from(essence),
        };
        let compressible = is_text
            || essence.ends_with("+xml")
            || essence.ends_with("+json")
            || matches!(
                essence,
                "application/xml"
                    | "application/wasm"
                    | "application/rtf"
                    | "application/vnd.ms-fontobject"
                    | "font/ttf"
                    | "font/otf"
                    | "image/bmp"
                    | "image/x-icon"
                    | "image/vnd.microsoft.icon"
            );
        let cache_control = if essence != "text/html" && has_hash(name) {
            HeaderValue::from_static("public, max-age=31536000, immutable")
        } else {
            HeaderValue::from_static("no-cache")
        };
        Self {
            content_type: content_type
                .unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream")),
            compressible,
            cache_control,
        }
    }
}

/// Whether the last segment looks like the name of a file.
pub(super) fn has_known_extension(path: &str) -> bool {
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    name.rsplit_once('.').is_some_and(|(stem, extension)| {
        !stem.is_empty() && (extension == "map" || mime_guess::from_ext(extension).first().is_some())
    })
}

/// Whether a name carries a hash of its content: `index-BhX3f9a1.js`, `main.8f3b2c1d.css`, `a.3e1f0a9c2b.chunk.js`.
fn has_hash(name: &str) -> bool {
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
    let in_build_folder = folder.split('/').any(|part| BUILD_FOLDERS.contains(&part));
    let Some((stem, _)) = file.rsplit_once('.') else { return false };
    let stem = [".chunk", ".min", ".module", ".bundle", ".js", ".css"]
        .iter()
        .fold(stem, |stem, suffix| stem.strip_suffix(suffix).unwrap_or(stem));
    let last_part = stem.rsplit_once(['-', '.']).map(|(_, part)| part);
    if last_part.is_some_and(is_hexadecimal_hash) {
        return true;
    }
    // Base64url digits may themselves contain a hyphen, so the last eight are taken as they are.
    let tail = stem.len().checked_sub(8).and_then(|at| Some((stem.get(..at)?, stem.get(at..)?)));
    in_build_folder && tail.is_some_and(|(before, hash)| before.ends_with(['-', '.']) && is_base64_hash(hash))
}

fn is_hexadecimal_hash(part: &str) -> bool {
    (8..=64).contains(&part.len())
        && part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        && part.bytes().any(|b| b.is_ascii_digit())
        && part.bytes().any(|b| b.is_ascii_lowercase())
}

/// Eight characters that are no word: with a digit, or with a capital elsewhere than at the start.
fn is_base64_hash(part: &str) -> bool {
    part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        && part.bytes().any(|b| b.is_ascii_alphabetic())
        && (part.bytes().any(|b| b.is_ascii_digit()) || part.bytes().skip(1).any(|b| b.is_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashed_names_are_known() {
        for name in [
            "assets/index-BhX3f9a1.js",
            "assets/index-B-X3f9a1.css",
            "assets/index-DqWvXzKp.js",
            "static/js/main.8f3b2c1d.js",
            "static/js/787.a1b2c3d4.chunk.js",
            "main.8f3b2c1d9e.css",
            "_next/static/chunks/page-0a1b2c3d4e5f.js",
        ] {
            assert!(has_hash(name), "{name}");
        }
        for name in [
            "index.html",
            "service-worker.js",
            "assets/apple-touch-icon.png",
            "bootstrap-datepicker.js",
            "photo-20240101.jpg",
            "assets/my-template.js",
            "favicon.ico",
            "lesson-chapter12.js",
        ] {
            assert!(!has_hash(name), "{name}");
        }
    }

    #[test]
    fn types_have_their_charset() {
        let content_type = |name| Kind::of(name).content_type.to_str().unwrap().to_owned();
        assert_eq!(content_type("a.html"), "text/html; charset=utf-8");
        assert_eq!(content_type("a.js"), "text/javascript; charset=utf-8");
        assert_eq!(content_type("a.mjs"), "text/javascript; charset=utf-8");
        assert_eq!(content_type("a.json"), "application/json; charset=utf-8");
        assert_eq!(content_type("a.svg"), "image/svg+xml");
        assert_eq!(content_type("a.woff2"), "font/woff2");
        assert_eq!(content_type("a.wasm"), "application/wasm");
        assert_eq!(content_type("LICENSE"), "application/octet-stream");
    }

    #[test]
    fn words_with_a_dot_are_no_files() {
        assert!(has_known_extension("/assets/x.js") && has_known_extension("/a.map"));
        assert!(!has_known_extension("/users/jane.doe") && !has_known_extension("/v1.0"));
        assert!(!has_known_extension("/about") && !has_known_extension("/a.js/b"));
    }
}
