//! An account that was opened for a system, and the system as it is deployed there.

use serde_json::Value as Json;
use terrace_account::{Account, Identity, Patience};
use terrace_cloud::deployed::{AccountId, Names};
use terrace_cloud::foundation::{Applied, Foundation, Place, System};
use terrace_cloud::release::record::Book;

use super::{AwsFlags, names, told};
use crate::design::{self, Designed};
use crate::failure::Failure;
use crate::printer::Printer;
use crate::project::Project;

/// An account that was opened for a system.
pub(crate) struct Session {
    /// The project.
    pub(crate) project: Project,
    /// Which of its environments.
    pub(crate) environment: Option<String>,
    /// What its manifest means, and what is built of it.
    pub(crate) designed: Designed,
    /// Who is asked.
    pub(crate) account: Account,
    /// Who asks.
    pub(crate) who: Identity,
    /// Where.
    pub(crate) place: Place,
    /// Whose records are meant in the foundation.
    pub(crate) system: System,
}

/// A system as it is deployed.
pub(crate) struct Deployed {
    /// The bucket of states and releases.
    pub(crate) foundation: Foundation,
    /// What was applied last.
    pub(crate) applied: Applied,
    /// What it is called on AWS.
    pub(crate) names: Names,
    /// Its releases.
    pub(crate) book: Book,
}

impl Session {
    /// Reads the manifest, opens the account, and sees that it is the one that is meant.
    pub(crate) async fn open(
        project: Project,
        environment: Option<&str>,
        flags: &AwsFlags,
        printer: Printer,
    ) -> Result<Self, Failure> {
        let designed = design::deployed(&project, environment, printer)?;
        let settings = flags.settings(designed.topology.region.as_str());
        let opened = Account::open(&settings).await;
        let (account, who) = opened.map_err(|error| Failure::of(&error))?;
        Self::of(project, environment, designed, account.with(Patience::enduring()), who)
    }

    /// Of an account that is open.
    pub(crate) fn of(
        project: Project,
        environment: Option<&str>,
        designed: Designed,
        account: Account,
        who: Identity,
    ) -> Result<Self, Failure> {
        let named = designed.topology.account.as_ref();
        if let Some(named) = named.filter(|named| named.as_str() != who.account) {
            return Err(Failure::input(format!("{} is for account {named}", project.shown))
                .cause(format!("these credentials are of account {} ({})", who.account, who.arn))
                .help("AWS_PROFILE=NAME or --profile NAME takes those of another; `aws configure list-profiles` lists them"));
        }
        let id: AccountId = who.account.parse().map_err(|_| {
            Failure::new("AWS did not say whose account this is").help("aws sts get-caller-identity")
        })?;
        let place = Place { account: id, region: account.region().to_owned() };
        let system = System::new(designed.topology.name.as_str(), environment);
        let system = system.map_err(|error| Failure::input(error.to_string()))?;
        let environment = environment.map(str::to_owned);
        Ok(Self { project, environment, designed, account, who, place, system })
    }

    /// The foundation's bucket, if it is there.
    pub(crate) async fn foundation(&self) -> Result<Option<Foundation>, Failure> {
        let found = Foundation::find(&self.account, &self.place).await;
        found.map_err(|error| told::foundation(&error))
    }

    /// The system as it is deployed, if it is.
    pub(crate) async fn found(&self) -> Result<Option<Deployed>, Failure> {
        let Some(foundation) = self.foundation().await? else { return Ok(None) };
        let applied = foundation.applied(&self.system).await.map_err(|error| told::foundation(&error))?;
        let Some(applied) = applied else { return Ok(None) };
        let names = self.names(&applied.outputs)?;
        let book = Book::new(foundation.bucket().clone(), &names);
        Ok(Some(Deployed { foundation, applied, names, book }))
    }

    /// The system as it is deployed.
    pub(crate) async fn deployed(&self) -> Result<Deployed, Failure> {
        self.found().await?.ok_or_else(|| {
            let Place { account, region } = &self.place;
            Failure::new(format!("{} has not been deployed in {region} of account {account}", self.system))
                .help(format!("`terrace deploy{}` does so", self.env_flag()))
                .help("if it is elsewhere: AWS_PROFILE, --profile and --region say where one looks")
        })
    }

    /// What the system is called on AWS, by its design and by what AWS told when it was applied.
    pub(crate) fn names(&self, outputs: &Json) -> Result<Names, Failure> {
        names::of(&self.designed, &self.place, outputs).map_err(|unknown| {
            Failure::new(format!("{} has been deployed, and one cannot tell {unknown}", self.system))
                .help(format!("`terrace deploy{}` mends that", self.env_flag()))
        })
    }

    /// ` --env prod`, for commands to type; empty without an environment.
    pub(crate) fn env_flag(&self) -> String {
        self.environment.as_ref().map(|name| format!(" --env {name}")).unwrap_or_default()
    }
}
