//! What a system's database is called, here and deployed alike.

use std::fmt;

use crate::SystemName;

/// Words that PostgreSQL, MySQL or RDS keep for themselves, as far as they could be a system's name; sorted.
const RESERVED: &str = "\
    accessible add admin all alter analyse analyze and any array as asc asensitive asymmetric authorization \
    before between bigint binary blob both by call cascade case cast change char character check collate \
    collation column concurrently condition constraint continue convert create cross cube cursor database \
    databases dec decimal declare default deferrable delayed delete desc describe deterministic distinct div do \
    double drop dual each else elseif empty enclosed end escaped except exists exit explain false fetch float \
    for force foreign freeze from full fulltext function generated get grant group grouping groups having if \
    ignore ilike in index infile initially inner inout insert int integer intersect interval into is isnull \
    iterate join key keys kill lag lateral lead leading leave left like limit linear lines load localtime lock \
    long loop manual master match maxvalue merge mod modifies mysql natural none not notnull null numeric of \
    offset on only optimize option or order out outer outfile over overlaps parallel partition percent placing \
    postgres precision primary procedure public purge qualify range rank read reads real recursive references \
    regexp release rename repeat replace replication require resignal restrict return returning revoke right \
    rlike root row rows schema schemas select sensitive separator set show signal similar smallint some spatial \
    specific sql sqlexception ssl starting stored symmetric sys system table tablesample template0 template1 \
    terminated test then to trailing trigger true undo union unique unlock unsigned update usage use user using \
    values varchar variadic varying verbose virtual when where while window with write xor zerofill";

/// Whether a server keeps a name for itself, as a database's, a user's or a word of its language.
fn is_kept(name: &str) -> bool {
    RESERVED.split_ascii_whitespace().any(|word| word == name)
        || name.starts_with("pg_")
        || name.starts_with("rds")
        || ["information_schema", "performance_schema"].contains(&name)
}

/// The longest name of a user that every engine takes deployed (RDS API, `CreateDBInstance`).
const USER: usize = 16;

/// The name of a database: lower-case letters, digits and `_`, starting with a letter, and no word that an engine
/// keeps for itself, so never to be quoted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DatabaseName(String);

impl DatabaseName {
    /// The name that stands for a system's: the same, unless it is kept.
    pub fn of(system: &SystemName) -> Self {
        let name = system.as_str().replace('-', "_");
        Self(if is_kept(&name) { format!("app_{name}") } else { name })
    }

    /// The name of a user where 16 letters and digits are the most (RDS).
    pub fn short_user(system: &SystemName) -> String {
        let name = system.as_str().replace('-', "");
        let name = if is_kept(&name) { format!("app{name}") } else { name };
        name.chars().take(USER).collect()
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DatabaseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_sorted() {
        assert!(RESERVED.split_ascii_whitespace().is_sorted_by(|a, b| a < b));
        assert!(is_kept("accessible") && is_kept("zerofill") && !is_kept("items"));
    }

    #[test]
    fn names_are_those_that_every_engine_takes() {
        for (system, name, who) in [
            ("items", "items", "items"),
            ("my-shop", "my_shop", "myshop"),
            ("order", "app_order", "apporder"),
            ("rdsadmin", "app_rdsadmin", "apprdsadmin"),
            ("pg-shop", "app_pg_shop", "pgshop"),
            ("performance-schema", "app_performance_schema", "performanceschem"),
            ("a-name-of-20-letters", "a_name_of_20_letters", "anameof20letters"),
        ] {
            let system: SystemName = system.parse().unwrap();
            let found = (DatabaseName::of(&system), DatabaseName::short_user(&system));
            assert_eq!((found.0.as_str(), found.1.as_str()), (name, who));
        }
    }
}
