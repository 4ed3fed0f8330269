//! The kinds of diagnostics that this crate gives. They are part of the public contract: a code keeps its meaning.

use terrace_diag::Code;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal;)+) => {
        $($(#[doc = $doc])+ pub const $name: Code = Code::new($text);)+

        /// Every code with what it means, in the order of their names.
        pub const ALL: &[(Code, &str)] = &[$(($name, concat!($($doc),+))),+];
    };
}

codes! {
    /// Two places contradict each other.
    CONTRADICTION = "manifest::contradiction";
    /// A key or a table is written twice.
    DUPLICATE_KEY = "manifest::duplicate-key";
    /// A value that cannot be, whatever the rest says.
    INVALID_VALUE = "manifest::invalid-value";
    /// The database is migrated by each replica that starts.
    MIGRATES_AT_START = "manifest::migrates-at-start";
    /// Something that has to be written is not.
    MISSING_KEY = "manifest::missing-key";
    /// Blocks of addresses that cannot make a network together.
    NETWORK = "manifest::network";
    /// What is written changes nothing.
    NO_EFFECT = "manifest::no-effect";
    /// A variable seems to hold a secret in plain text.
    PLAIN_SECRET = "manifest::plain-secret";
    /// A port that only root may listen on.
    PRIVILEGED_PORT = "manifest::privileged-port";
    /// A setting has a name that Terrace sets itself.
    RESERVED_NAME = "manifest::reserved-name";
    /// The page's folder would publish what is not a page.
    SERVES_PROJECT = "manifest::serves-project";
    /// Paths of the app hide a part of the page.
    SHADOWED_PAGE = "manifest::shadowed-page";
    /// The text is not TOML.
    SYNTAX = "manifest::syntax";
    /// The file is larger than any manifest.
    TOO_LARGE = "manifest::too-large";
    /// No such environment is written.
    UNKNOWN_ENVIRONMENT = "manifest::unknown-environment";
    /// A key that Terrace does not know.
    UNKNOWN_KEY = "manifest::unknown-key";
    /// A value of another type than expected.
    WRONG_TYPE = "manifest::wrong-type";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_and_differ() {
        let names: Vec<&str> = ALL.iter().map(|(code, _)| code.as_str()).collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(names, sorted);
        assert!(names.iter().all(|name| name.starts_with("manifest::")));
    }
}
