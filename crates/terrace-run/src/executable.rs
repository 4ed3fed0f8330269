//! The program that plays Terrace's own parts: with `__edge` an edge process, with `__leash` a leash, with `__boot`
//! what starts an application with its settings.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// A program whose hidden subcommands `__edge`, `__leash` and `__boot` are the parts that [`up`](crate::up) starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Executable(PathBuf);

impl Executable {
    /// The subcommand that runs [`terrace_edge::run_inherited`].
    pub const EDGE: &'static str = "__edge";
    /// The subcommand that runs [`terrace_boot::main`].
    pub const BOOT: &'static str = "__boot";
    /// The subcommand that runs [`leash::main`](crate::leash::main).
    pub const LEASH: &'static str = "__leash";

    /// This very program, even where a newer build has taken its place on disk.
    pub fn current() -> Self {
        Self(PathBuf::from("/proc/self/exe"))
    }

    /// Another program that has the same subcommands.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl AsRef<OsStr> for Executable {
    fn as_ref(&self) -> &OsStr {
        self.0.as_os_str()
    }
}
