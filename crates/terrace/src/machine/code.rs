//! The kinds of findings that only the machine can make. They are part of the public contract: a code keeps its
//! meaning.

use terrace_diag::Code;

/// A folder that the manifest names is not there.
pub(crate) const MISSING_FOLDER: Code = Code::new("machine::missing-folder");
/// A file that has to be there before anything is built is not.
pub(crate) const MISSING_FILE: Code = Code::new("machine::missing-file");
/// A program that a command needs is not on this machine.
pub(crate) const MISSING_TOOL: Code = Code::new("machine::missing-tool");
/// A program of the project is not there and nothing makes it.
pub(crate) const MISSING_PROGRAM: Code = Code::new("machine::missing-program");
/// A file is no program.
pub(crate) const NOT_EXECUTABLE: Code = Code::new("machine::not-executable");
/// A build does not make what is run.
pub(crate) const OTHER_BUILD: Code = Code::new("machine::other-build");
/// The page is not there and nothing builds it.
pub(crate) const MISSING_PAGE: Code = Code::new("machine::missing-page");
/// A script that a command names is not in `package.json`.
pub(crate) const MISSING_SCRIPT: Code = Code::new("machine::missing-script");
/// An install that wants a lock file finds none.
pub(crate) const MISSING_LOCK: Code = Code::new("machine::missing-lock");
/// A tool is older than the project asks for.
pub(crate) const OLD_TOOL: Code = Code::new("machine::old-tool");
/// More requests reach a replica at once than it has database connections.
pub(crate) const SMALL_POOL: Code = Code::new("machine::small-pool");
/// No database server is on this machine.
pub(crate) const NO_SERVER: Code = Code::new("machine::no-database-server");
/// The database server on this machine is of another version.
pub(crate) const OTHER_SERVER: Code = Code::new("machine::other-database-version");
/// A service that only runs in a container.
pub(crate) const NO_COMMAND: Code = Code::new("machine::no-command");
