//! Versions of database servers: what a program says about itself, and which of several is closest to what was asked.

use terrace_topology::EngineVersion;

/// Who made a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Maker {
    /// The PostgreSQL project.
    Postgresql,
    /// Oracle's MySQL.
    Mysql,
    /// MariaDB, which stands in for MySQL.
    Mariadb,
}

impl Maker {
    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Postgresql => "PostgreSQL",
            Self::Mysql => "MySQL",
            Self::Mariadb => "MariaDB",
        }
    }

    /// Its part of a data folder's name.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Postgresql => "postgres",
            Self::Mysql => "mysql",
            Self::Mariadb => "mariadb",
        }
    }

    /// The numbers of a version that say whether two servers can use the same data folder.
    pub(crate) fn series(self, version: &EngineVersion) -> String {
        let numbers = match self {
            Self::Postgresql if version.major() >= 10 => 1,
            Self::Postgresql | Self::Mysql | Self::Mariadb => 2,
        };
        let words: Vec<String> = version.numbers().iter().take(numbers).map(u16::to_string).collect();
        words.join(".")
    }
}

/// The maker and version in what a server says to `--version`.
///
/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, `mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for …`,
/// `/usr/sbin/mysqld  Ver 8.0.39-0ubuntu0.22.04.1 for Linux on x86_64 ((Ubuntu))`.
pub(crate) fn told(text: &str) -> Option<(Maker, EngineVersion)> {
    let line = text.lines().find(|line| line.contains("(PostgreSQL)") || line.contains(" Ver "))?;
    let (maker, rest) = match (line.split_once("(PostgreSQL)"), line.split_once(" Ver ")) {
        (Some((_, rest)), _) => (Maker::Postgresql, rest),
        (None, Some((_, rest))) if rest.contains("MariaDB") => (Maker::Mariadb, rest),
        (None, Some((_, rest))) => (Maker::Mysql, rest),
        (None, None) => return None,
    };
    leading(rest.trim_start()).map(|version| (maker, version))
}

/// The version that a text begins with: `16` of `16beta1`, `16.14.0` of `16.14.0-beta.17`.
pub(crate) fn leading(text: &str) -> Option<EngineVersion> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    text.get(..end)?.trim_end_matches('.').parse().ok()
}

/// How good a version is for what was asked; the best orders last.
///
/// One that is what was asked for, the newest of those; else the nearest above, since a newer server understands what
/// an older one did; else the nearest below.
pub(crate) fn suitability(asked: &EngineVersion, found: &EngineVersion) -> impl Ord + use<> {
    let far = found.major().abs_diff(asked.major());
    let class = if asked.is_met_by(found) {
        4_u8
    } else if found.major() == asked.major() {
        3
    } else if found > asked {
        2
    } else {
        1
    };
    (class, std::cmp::Reverse(far), found.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> EngineVersion {
        text.parse().unwrap()
    }

    #[test]
    fn servers_say_what_they_are() {
        let cases = [
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", Maker::Postgresql, "15.18", "15"),
            ("postgres (PostgreSQL) 18beta1", Maker::Postgresql, "18", "18"),
            ("postgres (PostgreSQL) 9.6.24", Maker::Postgresql, "9.6.24", "9.6"),
            (
                "mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu",
                Maker::Mariadb,
                "10.11.19",
                "10.11",
            ),
            ("/usr/sbin/mysqld  Ver 8.0.39-0ubuntu0.22.04.1 for Linux", Maker::Mysql, "8.0.39", "8.0"),
            ("mysqld: [Warning] x\nmysqld  Ver 8.4.2 for macos14", Maker::Mysql, "8.4.2", "8.4"),
        ];
        for (text, maker, number, series) in cases {
            assert_eq!(told(text), Some((maker, version(number))), "{text}");
            assert_eq!(maker.series(&version(number)), series, "{text}");
        }
        assert_eq!(told("bash: postgres: not found"), None);
    }

    #[test]
    fn the_closest_version_is_chosen() {
        let cases = [
            ("16", &["15.18", "16.2", "16.14", "17.1"][..], "16.14"),
            ("16.4", &["16.2", "16.14", "17.1"], "16.14"),
            ("16.4", &["16.2", "16.4", "16.14"], "16.4"),
            ("16", &["15.18", "17.1", "18.4"], "17.1"),
            ("16", &["13.1", "15.18"], "15.18"),
            ("8.0", &["10.11.19", "8.4.1"], "8.4.1"),
        ];
        for (asked, found, best) in cases {
            let chosen = found.iter().max_by_key(|f| suitability(&version(asked), &version(f)));
            assert_eq!(chosen, Some(&best), "{asked} of {found:?}");
        }
    }
}
