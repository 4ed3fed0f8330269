//! A path in an image.

use std::fmt;
use std::str::FromStr;

/// An absolute path below `/`, in its only form: no `.`, no `..`, no double slash, none at the end.
///
/// Names that begin with `.wh.` are what layers delete with (image-spec, `layer.md#whiteouts`) and are refused.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImagePath(String);

/// Why a text is no path of an image.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the path `{path}` cannot be in an image: {why}")]
pub struct PathError {
    path: String,
    why: &'static str,
}

/// The longest path and name that Linux takes (`PATH_MAX`, `NAME_MAX`).
const LONGEST: usize = 4095;
const LONGEST_NAME: usize = 255;

impl ImagePath {
    /// A path, unless the text is none.
    pub fn new(text: &str) -> Result<Self, PathError> {
        let wrong =
            |why| Err(PathError { path: text.chars().take(200).flat_map(char::escape_debug).collect(), why });
        let Some(rest) = text.strip_prefix('/') else {
            return wrong("it must begin with `/`");
        };
        if rest.is_empty() {
            return wrong("it is the root itself, which every image has");
        }
        if text.len() > LONGEST {
            return wrong("Linux takes no more than 4095 bytes");
        }
        for name in rest.split('/') {
            match name {
                "" => return wrong("it has an empty name: write one `/` between names and none at the end"),
                "." | ".." => return wrong("write the path without `.` and `..`"),
                _ if name.len() > LONGEST_NAME => return wrong("Linux takes no name of more than 255 bytes"),
                _ if name.starts_with(".wh.") => {
                    return wrong("names that begin with `.wh.` delete files of other layers");
                }
                _ if name.chars().any(char::is_control) => return wrong("it has a control character in it"),
                _ => {}
            }
        }
        Ok(Self(text.to_owned()))
    }

    /// The path that has this name in it.
    pub fn join(&self, rest: &str) -> Result<Self, PathError> {
        Self::new(&format!("{self}/{rest}"))
    }

    /// With its slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Without its slash, as archives write it.
    pub(crate) fn relative(&self) -> &str {
        self.0.strip_prefix('/').unwrap_or(&self.0)
    }

    /// The directories that it is in, the outermost first, without the root.
    pub fn parents(&self) -> impl Iterator<Item = Self> + '_ {
        self.0
            .match_indices('/')
            .skip(1)
            .filter_map(|(at, _)| self.0.get(..at))
            .map(|text| Self(text.to_owned()))
    }
}

impl fmt::Display for ImagePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ImagePath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_path_is_refused_with_the_reason() {
        let why = |text: &str| ImagePath::new(text).unwrap_err().to_string();
        insta::assert_snapshot!(
            ["", "app", "/", "//", "/app/", "/a//b", "/a/../b", "/./a", "/a/.wh.b", "/a\0b"].map(why).join("\n"),
            @r"
        the path `` cannot be in an image: it must begin with `/`
        the path `app` cannot be in an image: it must begin with `/`
        the path `/` cannot be in an image: it is the root itself, which every image has
        the path `//` cannot be in an image: it has an empty name: write one `/` between names and none at the end
        the path `/app/` cannot be in an image: it has an empty name: write one `/` between names and none at the end
        the path `/a//b` cannot be in an image: it has an empty name: write one `/` between names and none at the end
        the path `/a/../b` cannot be in an image: write the path without `.` and `..`
        the path `/./a` cannot be in an image: write the path without `.` and `..`
        the path `/a/.wh.b` cannot be in an image: names that begin with `.wh.` delete files of other layers
        the path `/a\0b` cannot be in an image: it has a control character in it
        "
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_what_it_takes_stays_below_the_root(text in "(/|[a-c.]|\\PC){0,30}") {
            if let Ok(path) = ImagePath::new(&text) {
                prop_assert_eq!(path.as_str(), text.as_str());
                prop_assert!(!path.relative().starts_with('/'));
                prop_assert!(path.as_str().split('/').all(|name| name != ".."));
                prop_assert!(path.parents().all(|parent| ImagePath::new(parent.as_str()).is_ok()));
            }
        }

        #[test]
        fn its_parents_are_its_beginnings(names in prop::collection::vec("[a-z]{1,5}", 1..6)) {
            let path = ImagePath::new(&format!("/{}", names.join("/"))).unwrap();
            let parents: Vec<String> = path.parents().map(|parent| parent.to_string()).collect();
            let expected: Vec<String> = (1..names.len()).map(|n| format!("/{}", names[..n].join("/"))).collect();
            prop_assert_eq!(parents, expected);
        }
    }
}
