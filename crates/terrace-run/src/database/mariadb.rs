//! MariaDB and MySQL.

use std::path::PathBuf;

use super::binaries::Binaries;

/// The program that makes a data folder.
pub(crate) fn installer(binaries: &Binaries) -> Option<PathBuf> {
    binaries.beside("mariadb-install-db").or_else(|| binaries.beside("mysql_install_db"))
}
