//! `terrace audit`: who can reach what, and who may read what; proved, or with a witness.

use std::collections::BTreeMap;
use std::path::PathBuf;

use terrace_audit::Settings;
use terrace_audit::report::{self, Accepted, Outcome, Report};
use terrace_audit::tiers::Tier;

use crate::audit::certificate;
use crate::audit::paint::Colours;
use crate::audit::settings::{self, AuditFile};
use crate::audit::source::{self, Design, Given};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;

/// Prove who can reach what, and who may read what
///
/// Without a path it is this project's manifest: what `terrace export` would write. A path may be any project's
/// folder of Terraform, a plan or state as JSON (`terraform show -json`), or a CloudFormation template. Every property
/// ends proved, violated with a witness and the smallest fix, or depending on what is named.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "What a person knows better goes into terrace-audit.toml beside the design: [tiers], [[accept]], [variables].\n\
                        Exit codes: 0 proved, 1 violated, 2 depends, 64 wrong input, 69 could not be done."
)]
pub(crate) struct Args {
    /// A manifest or project, a folder of Terraform, a plan or state as JSON, a CloudFormation template
    #[arg(value_hint = clap::ValueHint::AnyPath, conflicts_with = "live")]
    path: Option<PathBuf>,
    /// Read the account that the AWS credentials are for
    #[arg(long, help_heading = "A live account")]
    live: bool,
    /// The region to read, and that of a template's stack
    #[arg(long, value_name = "REGION", help_heading = "A live account")]
    region: Option<String>,
    /// The profile of the AWS configuration
    #[arg(long, value_name = "NAME", requires = "live", help_heading = "A live account")]
    profile: Option<String>,
    /// Another address of AWS, such as an emulator's
    #[arg(long, value_name = "URL", requires = "live", help_heading = "A live account")]
    endpoint_url: Option<String>,
    /// Only this VPC and what stands in it; may be given often
    #[arg(long, value_name = "ID", requires = "live", help_heading = "A live account")]
    vpc: Vec<String>,
    /// Print the policy that reading an account needs, as JSON
    #[arg(long, help_heading = "A live account", exclusive = true)]
    policy: bool,
    /// The environment of the manifest
    #[arg(long, value_name = "NAME", help_heading = "What is not told")]
    env: Option<String>,
    /// The value of a variable or parameter; may be given often
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair, help_heading = "What is not told")]
    var: Vec<(String, String)>,
    /// A file of variables (`prod.tfvars`); may be given often
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, help_heading = "What is not told")]
    var_file: Vec<PathBuf>,
    /// The workspace of Terraform
    #[arg(long, value_name = "NAME", help_heading = "What is not told")]
    workspace: Option<String>,
    /// Which tier a resource is: edge, web, app, data, admin or support; may be given often
    #[arg(long, value_name = "RESOURCE=TIER", value_parser = pair, help_heading = "What a person knows better")]
    tier: Vec<(String, String)>,
    /// A file of tiers, accepted findings and variables [default: terrace-audit.toml beside the design]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, help_heading = "What a person knows better")]
    settings: Option<PathBuf>,
    /// Whether FROM can reach TO (on PORT), and why or why not: tiers, resources, `internet`, addresses
    #[arg(long, num_args = 2..=3, value_names = ["FROM", "TO", "PORT"])]
    explain: Option<Vec<String>>,
    /// Print the report as JSON
    #[arg(long, conflicts_with = "sarif")]
    json: bool,
    /// Print the report as SARIF, which code hosts show beside the lines
    #[arg(long)]
    sarif: bool,
    /// Print everything: rules, what was cleared, what was not read, what was assumed
    #[arg(long)]
    all: bool,
    /// Write what is proved of the network so that another program can check it
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    certificate: Option<PathBuf>,
    /// Check such a file: every claim in it is tried, packet by packet, without what proved it
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, exclusive = true)]
    check: Option<PathBuf>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("NAME=VALUE was expected")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

pub(crate) fn run(args: Args, printer: Printer) -> Result<Exit, Failure> {
    audit(args, printer).map_err(|failure| match failure {
        Failure::Told(exit) => Failure::Told(exit.of_audit()),
        failure => {
            let exit = failure.code().of_audit();
            failure.exit(exit)
        }
    })
}

fn audit(args: Args, printer: Printer) -> Result<Exit, Failure> {
    if args.policy {
        printer.data(terrace_live::policy())?;
        return Ok(Exit::Success);
    }
    if let Some(path) = &args.check {
        return certificate::checked(path, printer);
    }
    let file = settings::read(args.settings.as_deref(), &source::home(args.path.as_deref()))?;
    let design = read(&args, &file, printer)?;
    if design.source.resources == 0 {
        return Err(Failure::input(format!("there is no AWS resource in {}", design.source.name))
            .help("give the folder whose files say what is built, with its variables set"));
    }
    let settings = merged(&args, &file, design.accepted)?;
    if let Some(asked) = &args.explain {
        return explain(&design.inventory, &settings, asked, args.json, printer);
    }
    let mut report = terrace_audit::audit(&design.inventory, &settings, design.source);
    report.assumed.extend(design.assumed);
    if let Some(stranger) = report.strangers.first() {
        return Err(Failure::input(format!("`{stranger}` is no resource that has a tier"))
            .help("`terrace audit --json` lists those that have one, in `tiers`"));
    }
    if let Some(path) = &args.certificate {
        certificate::written(&design.inventory, &settings, &report.source, path)?;
    }
    print(&report, &args, printer)?;
    Ok(match report.outcome() {
        Outcome::Violated => Exit::Violated,
        Outcome::Depends => Exit::Depends,
        Outcome::Proved | Outcome::Accepted | Outcome::Nothing => Exit::Success,
    })
}

fn read(args: &Args, file: &AuditFile, printer: Printer) -> Result<Design, Failure> {
    if args.live {
        return live(args, printer);
    }
    let given = Given {
        values: args.var.iter().cloned().collect::<BTreeMap<_, _>>(),
        environment: args.env.clone(),
        workspace: args.workspace.clone(),
        region: args.region.clone(),
        files: args.var_file.clone(),
    };
    source::read(args.path.as_deref(), &given, file, printer)
}

fn live(args: &Args, printer: Printer) -> Result<Design, Failure> {
    let settings = terrace_live::Settings {
        region: args.region.clone(),
        profile: args.profile.clone(),
        endpoint: args.endpoint_url.clone(),
        vpcs: args.vpc.clone(),
    };
    printer.say("reading the account by calls that change nothing");
    let runtime = crate::run::runtime()?;
    let inventory = runtime.block_on(terrace_live::account(&settings)).map_err(|error| {
        Failure::of(&error).help("`terrace audit --policy` prints the permissions that reading needs")
    })?;
    Ok(source::live(inventory, args.vpc.as_slice()))
}

/// What the file and the command line say together; the command line comes first.
fn merged(args: &Args, file: &AuditFile, accepted: Accepted) -> Result<Settings, Failure> {
    let said = file.tiers.iter().chain(args.tier.iter().map(|(name, tier)| (name, tier)));
    let mut tiers = BTreeMap::new();
    for (name, word) in said {
        let tier: Tier = word.parse().map_err(Failure::input)?;
        tiers.insert(name.clone(), tier);
    }
    Ok(Settings { tiers, accepted: file.accepted(accepted, [])? })
}

fn print(report: &Report, args: &Args, printer: Printer) -> Result<(), Failure> {
    if args.json {
        printer.json(&report::json(report))
    } else if args.sarif {
        printer.json(&report::sarif(report, env!("CARGO_PKG_VERSION")))
    } else {
        printer.data(report::text(report, &Colours, args.all))
    }
}

fn explain(
    inventory: &terrace_aws::inventory::Inventory,
    settings: &Settings,
    asked: &[String],
    json: bool,
    printer: Printer,
) -> Result<Exit, Failure> {
    let [from, to, port @ ..] = asked else { return Err(Failure::input("two names were expected")) };
    let port = match port {
        [] => None,
        [port, ..] => Some(port.parse().map_err(|_| {
            Failure::input(format!("`{port}` is no port")).help("a port is a number from 1 to 65535")
        })?),
    };
    let answer = terrace_audit::explain(inventory, settings, from, to, port).map_err(|stranger| {
        let failure = Failure::input(stranger.to_string());
        stranger.near().iter().fold(failure, |failure, name| failure.help(format!("there is `{name}`")))
    })?;
    if json {
        printer.json(&answer.json())?;
    } else {
        printer.data(answer.text(&Colours))?;
    }
    Ok(match answer.outcome() {
        Outcome::Violated => Exit::Violated,
        Outcome::Depends => Exit::Depends,
        Outcome::Proved | Outcome::Accepted | Outcome::Nothing => Exit::Success,
    })
}
