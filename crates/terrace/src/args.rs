//! What can be typed: the top level. Each command's own arguments stand in its own file.

use clap::{Parser, Subcommand, ValueEnum};

use crate::commands::{
    audit, check, completions, cost, db, deploy, destroy, exec, export, graph, init, logs, open, plan,
    releases, restart, rollback, schema, secret, status, stop, tunnel, up,
};
use crate::printer::Talk;

/// A page, an API and a database from one file: on this machine, and on AWS.
#[derive(Debug, Parser)]
#[command(name = "terrace", version, propagate_version = false, styles = STYLES, max_term_width = 100)]
#[command(after_help = "Start with `terrace init` in a project's folder, then `terrace up`.")]
#[command(subcommand_required = true, arg_required_else_help = true, disable_help_subcommand = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// What every command understands.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Common {
    /// Say errors only
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Everywhere")]
    quiet: bool,
    /// Say more
    #[arg(short, long, global = true, help_heading = "Everywhere")]
    verbose: bool,
    /// Whether to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", help_heading = "Everywhere")]
    color: Color,
}

/// When colours are used.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Color {
    /// Where a terminal reads them, unless NO_COLOR says otherwise
    Auto,
    /// Everywhere
    Always,
    /// Nowhere
    Never,
}

impl Common {
    /// How much is said.
    pub(crate) fn talk(self) -> Talk {
        match (self.quiet, self.verbose) {
            (true, _) => Talk::Quiet,
            (_, true) => Talk::Verbose,
            _ => Talk::Normal,
        }
    }

    /// Whether colours are used.
    pub(crate) fn color(self) -> anstream::ColorChoice {
        match self.color {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        }
    }
}

/// The commands, in the order in which a project meets them.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Init(init::Args),
    Check(check::Args),
    Up(up::Args),
    Audit(audit::Args),
    Cost(cost::Args),
    Graph(graph::Args),
    Export(export::Args),
    Policy(crate::commands::policy::Args),
    Plan(plan::Args),
    Deploy(deploy::Args),
    Releases(releases::Args),
    Rollback(rollback::Args),
    Status(status::Args),
    Logs(logs::Args),
    Open(open::Args),
    Restart(restart::Args),
    Stop(stop::Args),
    Exec(exec::Args),
    Db(db::Args),
    Tunnel(tunnel::Args),
    Secret(secret::Args),
    Destroy(destroy::Args),
    Schema(schema::Args),
    Completions(completions::Args),
}

const STYLES: clap::builder::Styles = clap::builder::Styles::styled()
    .header(crate::style::STRONG)
    .usage(crate::style::STRONG)
    .literal(crate::style::BUSY)
    .error(crate::style::ERROR)
    .valid(crate::style::GOOD)
    .invalid(crate::style::WARNING);
