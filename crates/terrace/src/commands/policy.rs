//! `terrace policy`: the role to deploy with, as IAM takes it.

use clap::ValueEnum;
use serde_json::json;
use terrace_aws::deployer::{self, Purpose, Repository, Workflows};
use terrace_aws::{Foundation, ResourceGraph};
use terrace_topology::{AccountId, Topology};

use crate::ci::roles::{self, Role};
use crate::design;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::project::Where;

/// Print the role to deploy with: who may become it, and policies that allow what Terrace asks of AWS and no more
///
/// They follow from the design: what has a name is named, what has none is known by this system's tags. Another environment's
/// role is another one, and neither changes what is the other's. With --github the roles are for a repository's workflows,
/// without a key that could be lost: one that deploys, one that only plans. Somebody who may make roles makes them once, and
/// again when parts are added to the manifest: `--format terraform` and `--format shell` are ready for that.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Where,
    /// The environment to deploy
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// The account [default: the manifest's `account`]
    #[arg(long, value_name = "ID")]
    account: Option<AccountId>,
    /// For the workflows of this repository on GitHub: OWNER/NAME, or OWNER@NUMBER/NAME@NUMBER
    #[arg(long, value_name = "REPOSITORY")]
    github: Option<Repository>,
    /// Without an environment: the branch that is deployed
    #[arg(long, value_name = "NAME", default_value = "main", requires = "github")]
    branch: String,
    /// For whoever applies what `terrace export` has written
    #[arg(long, conflicts_with = "github")]
    exported: bool,
    /// As what
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    format: Format,
}

/// What is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Roles, policies, and what is wider than the system with the reason, as JSON
    Json,
    /// A file for Terraform that makes the roles
    Terraform,
    /// A script for sh with the AWS command line that makes the roles, or brings them up to date
    Shell,
}

pub(crate) fn run(args: Args, printer: Printer) -> Result<Exit, Failure> {
    let project = args.place.find()?;
    let topology = design::without_warnings(&project, args.env.as_deref(), printer)?.topology;
    let foundation = if args.exported { Foundation::Within } else { Foundation::Apart };
    // What AWS refuses has been said: the same system is looked at on the other foundation.
    let graph = terrace_aws::lower_on(&topology, foundation)
        .map_err(|_| Failure::new("AWS would not have this system").help("`terrace check` says why"))?
        .graph;
    let account = account(&topology, args.account.as_ref())?;
    let roles = roles_of(&topology, &graph, &account, &args);
    let partition = deployer::partition(&topology);
    match args.format {
        Format::Terraform => printer.data(roles::terraform(&topology, &roles, args.github.as_ref()))?,
        Format::Shell => printer.data(roles::shell(&roles, partition, &account, args.github.as_ref()))?,
        Format::Json => {
            let wide: Vec<_> = deployer::wide(&graph)
                .into_iter()
                .map(|one| json!({ "resource": one.resource, "actions": one.actions, "why": one.why }))
                .collect();
            let roles: Vec<_> = roles.iter().map(Role::json).collect();
            printer.json(&json!({ "account": account.as_str(), "roles": roles, "wide": wide }))?;
        }
    }
    if let Some(repository) = args.github.as_ref().filter(|repository| !repository.has_numbers()) {
        printer.say(format!(
            "{} is trusted by its name. To trust it by numbers, which nobody else can ever have:\n  \
             --github \"$(gh api repos/{repository} --jq '\"\\(.owner.login)@\\(.owner.id)/\\(.name)@\\(.id)\"')\"",
            repository.name()
        ));
    }
    Ok(Exit::Success)
}

fn account(topology: &Topology, given: Option<&AccountId>) -> Result<AccountId, Failure> {
    match (given, &topology.account) {
        (Some(given), Some(written)) if given != written => {
            Err(Failure::input(format!("the manifest says account {written}, and --account {given}"))
                .help("leave --account out, or change `account` in the manifest"))
        }
        (Some(account), _) | (None, Some(account)) => Ok(account.clone()),
        (None, None) => Err(Failure::input("for which account is not said")
            .help("add `--account 123456789012`, or write `account = \"123456789012\"` at the top of the manifest")
            .help("`aws sts get-caller-identity` tells the one that you are in")),
    }
}

fn roles_of(topology: &Topology, graph: &ResourceGraph, account: &AccountId, args: &Args) -> Vec<Role> {
    let partition = deployer::partition(topology);
    let role = |purpose, trust| Role {
        name: deployer::role(topology, purpose),
        label: purpose.word(),
        trust,
        policies: deployer::policies(topology, graph, account, purpose),
    };
    let Some(repository) = &args.github else {
        return vec![role(Purpose::Deploy, deployer::trusting_account(account, partition))];
    };
    let workflows = match &topology.environment {
        Some(environment) => Workflows::Environment(environment.to_string()),
        None => Workflows::Branch(args.branch.clone()),
    };
    let trusting = |workflows| deployer::trusting(account, partition, repository, workflows);
    vec![role(Purpose::Deploy, trusting(&workflows)), role(Purpose::Plan, trusting(&Workflows::PullRequests))]
}
