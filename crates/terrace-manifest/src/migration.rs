//! Migrations in the command that starts the app: each replica would run them, at any time that one starts.

use terrace_diag::{Diagnostic, Diagnostics};

use crate::code;
use crate::manifest::Settings;
use crate::print::quoted;
use crate::refuse::shown;

/// Commands that migrate, by the words that they cannot do without.
const MIGRATES: &[&str] = &[
    "alembic upgrade",
    "artisan migrate",
    "db:migrate",
    "diesel migration run",
    "drizzle-kit migrate",
    "flask db upgrade",
    "flyway migrate",
    "knex migrate:latest",
    "manage.py migrate",
    "migration:run",
    "prisma db push",
    "prisma migrate",
    "sqlx migrate run",
];

/// Reports an app that migrates whenever it starts.
pub(crate) fn report(settings: &Settings, diagnostics: &mut Diagnostics) {
    let Some(run) = &settings.app.run else { return };
    let steps = run.value().as_str().split("&&").flat_map(|step| step.split([';', '\n'])).map(str::trim);
    let mut steps = steps.filter(|step| !step.is_empty());
    let Some(step) = steps.find(|step| MIGRATES.iter().any(|words| step.contains(words))) else { return };
    let found = Diagnostic::warning(
        code::MIGRATES_AT_START,
        "`app.run` migrates the database whenever a replica starts",
    )
    .at(run.span(), "also long after a release, and several at once");
    diagnostics.push(match &settings.data.migrate {
        Some(migrate) => found
            .with(migrate.span(), "and once for each release here")
            .help(format!("take `{}` out of `run`", shown(step))),
        None => found.help(format!(
            "move it: `migrate = {}` in `[data]` runs it once for each release, before it serves",
            shown(&quoted(step))
        )),
    });
}
