//! `terrace exec`: a shell, or one command, where a service runs.

use crate::aws::AwsFlags;
use crate::exec::far::{Far, Wish};
use crate::exec::report::Wanted;
use crate::exec::{near, terminal};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::project::FileFlag;
use terrace_tunnel::client::Target;

/// Run a command where a service runs, or a shell
///
/// It finds a running task or machine on AWS and opens a session of AWS Systems Manager in it: no port is opened, no plugin
/// has to be installed. In a task the command has the settings and secrets that the application has. The exit code is the
/// command's; networks that go and come are resumed without losing a byte.
///
/// Without a terminal (in a pipe, in CI) a command is needed, and nothing is typed into it.
///
/// With `--local` the command runs on this machine, in the folder and with the environment of the service as `terrace up` runs it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The service [default: the only one]
    #[arg(value_name = "PARTY")]
    party: Option<String>,
    #[command(flatten)]
    file: FileFlag,
    /// The environment
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// Beside what `terrace up` runs here
    #[arg(long, conflicts_with_all = ["region", "profile", "endpoint_url", "target", "task", "policy", "bare"])]
    local: bool,
    /// This task, or the one whose id begins so [default: a healthy one, the newest]
    #[arg(long, value_name = "ID", conflicts_with = "target", help_heading = "On AWS")]
    task: Option<String>,
    #[command(flatten)]
    aws: AwsFlags,
    /// This container or machine: `ecs:CLUSTER_TASK_RUNTIME`, `i-…`, `mi-…`
    #[arg(long, value_name = "TARGET", help_heading = "On AWS")]
    target: Option<Target>,
    /// Without the settings and secrets of the application
    #[arg(long, help_heading = "On AWS")]
    bare: bool,
    /// Print the least policy that a person needs for this, as JSON
    #[arg(long, help_heading = "On AWS")]
    policy: bool,
    /// The command: `terrace exec app -- ls -l /tmp` [default: bash, or sh]
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

pub(crate) fn run(args: Args, printer: Printer) -> Result<Exit, Failure> {
    let project = args.file.find()?;
    let (environment, party) = (args.env.as_deref(), args.party.as_deref());
    if args.local {
        return near::run(&project, environment, party, &args.command, printer);
    }
    let interactive = terminal::is_there();
    if !interactive && args.command.is_empty() && !args.policy {
        return Err(Failure::input("there is no terminal for a shell")
            .help("give a command after `--`: `terrace exec app -- env`"));
    }
    let wanted = Wanted { command: &args.command, interactive, settings: !args.bare };
    let target = args.target.as_ref();
    let wish = Wish { environment, party, task: args.task, aws: &args.aws, target };
    let far = Far::of(&project, &wish, printer)?;
    let runtime = crate::run::runtime()?;
    if args.policy {
        printer.data(runtime.block_on(far.policy()))?;
        return Ok(Exit::Success);
    }
    let outcome = runtime.block_on(far.run(&wanted, printer));
    // A key that is waited for must not keep the terminal.
    runtime.shutdown_background();
    outcome
}
