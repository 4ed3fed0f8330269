//! What cannot become an image, and what to do.

use crate::path::{ImagePath, PathError};
use crate::platform::Architecture;

/// What was wrong with what came in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// A path.
    #[error(transparent)]
    Path(#[from] PathError),
    /// Bytes that Linux does not execute.
    #[error(
        "this is no executable for Linux: {found}; build for Linux, with `--target {}-unknown-linux-musl` (Rust) or \
         `GOOS=linux GOARCH={asked} CGO_ENABLED=0` (Go), and name the file that the build leaves",
        asked.rust()
    )]
    NoExecutable {
        /// What it is instead.
        found: String,
        /// For which machine it was to be.
        asked: Architecture,
    },
    /// An executable for other machines.
    #[error(
        "this executable is for {found}, the image is to be for {asked}; build with `--target {}-unknown-linux-musl` (Rust) or \
         `GOARCH={asked}` (Go), or ask for the other architecture",
        asked.rust()
    )]
    OtherMachine {
        /// For which it is.
        found: String,
        /// For which it was to be.
        asked: Architecture,
    },
    /// An executable that needs files that no image of ours has.
    #[error(
        "this executable is not static: it needs {needs}, which the image does not have; build with \
         `--target {}-unknown-linux-musl` (Rust; `rustup target add` it first) or `CGO_ENABLED=0` (Go), or use a Dockerfile",
        asked.rust()
    )]
    NotStatic {
        /// The loader and the libraries that it asks for.
        needs: String,
        /// For which machine it is.
        asked: Architecture,
    },
    /// A path that has two nodes.
    #[error("`{path}` is given twice; a path has one file")]
    Twice {
        /// The path.
        path: ImagePath,
    },
    /// A path below a file or a link.
    #[error("`{path}` lies below `{above}`, which is no directory")]
    BelowFile {
        /// The path.
        path: ImagePath,
        /// What it lies below.
        above: ImagePath,
    },
    /// A link to nowhere.
    #[error("the link `{path}` needs a target of 1 to 4095 bytes without control characters")]
    Link {
        /// The link.
        path: ImagePath,
    },
    /// Permissions that no file of an image has.
    #[error("{bits:o} are no permissions: expected 0 to 1777 (octal), without set-user and set-group")]
    Mode {
        /// The bits.
        bits: u32,
    },
    /// A time that archives cannot hold.
    #[error(
        "{seconds} s is no time for an image: expected seconds since 1970, at most {latest} (SOURCE_DATE_EPOCH)"
    )]
    Timestamp {
        /// The time.
        seconds: u64,
        /// The latest.
        latest: u64,
    },
    /// A label whose key is none.
    #[error(
        "`{key}` cannot be a label's key: expected visible characters such as `com.example.team`; the time of creation is given \
         apart"
    )]
    Label {
        /// The key.
        key: String,
    },
    /// A variable whose name is none.
    #[error(
        "`{name}` cannot be a variable of the environment: a name is not empty and has no `=`; nothing has a zero byte in it"
    )]
    Variable {
        /// The name.
        name: String,
    },
    /// Certificates that are none.
    #[error(
        "these are no CA certificates: {why}; expected PEM, such as /etc/ssl/certs/ca-certificates.crt of Debian"
    )]
    Certificates {
        /// Why.
        why: &'static str,
    },
    /// Time zones that are none.
    #[error(
        "`{name}` is no part of a zoneinfo tree: {why}; expected files such as /usr/share/zoneinfo/Europe/Berlin of Debian's tzdata"
    )]
    TimeZones {
        /// The name in the tree.
        name: String,
        /// Why.
        why: &'static str,
    },
    /// A command that is not in the image.
    #[error("the image would start `{command}`, which is none of its programs; expected one of: {programs}")]
    Entrypoint {
        /// What would be started.
        command: String,
        /// What is there.
        programs: String,
    },
    /// A user that is root, or a number that means none.
    #[error(
        "an image runs as a user of its own, from 1 to 4294967294, with a name of small letters; {found} is none"
    )]
    User {
        /// What was given.
        found: String,
    },
    /// A working directory that is not in the image.
    #[error("the working directory `{path}` is a file of the image; expected a directory")]
    WorkingDirectory {
        /// The path.
        path: ImagePath,
    },
    /// Two images for one architecture.
    #[error("an index names one image for each architecture; {0} is there twice")]
    SameArchitecture(Architecture),
    /// No image.
    #[error("an index names at least one image")]
    NoImage,
    /// A text that cannot be in an argument.
    #[error("an argument of the command has a zero byte in it, which no program can be given")]
    Argument,
    /// A path that an archive does not take.
    #[error("`{path}` cannot be in an archive: {why}; expected a shorter or plainer path")]
    Archive {
        /// The path.
        path: ImagePath,
        /// Why.
        why: String,
    },
    /// An archive that is no image layout, or a damaged one.
    #[error(
        "this is no image layout: {why}; save the image once more, with Docker 25 or later, podman or buildah"
    )]
    Layout {
        /// Why.
        why: String,
    },
    /// A layout without an image for these machines.
    #[error(
        "there is no image for linux/{asked} in it, only for {found}; build with `--platform linux/{asked}`"
    )]
    OtherPlatforms {
        /// For which there are.
        found: String,
        /// For which one was asked.
        asked: Architecture,
    },
    /// A part that cannot be written, which no input leads to.
    #[error("a part of the image cannot be written: {why}; this is a mistake in Terrace, please report it")]
    Unwritten {
        /// Why.
        why: String,
    },
}
