//! On AWS: a task or machine is found, a session is begun in it, and the terminal is handed over to it.

use terrace_account::Account;
use terrace_tunnel::client::shell::{self, Inside, Shell, ShellControl};
use terrace_tunnel::client::{Target, Terminations, TunnelEvent};
use terrace_tunnel::way::{self, Place, Search, ShellFound, ShellSought};
use tokio::sync::mpsc;

use super::carry::{self, Ended};
use super::report::{self, Marks, Wanted};
use super::{sought, terminal};
use crate::aws::AwsFlags;
use crate::design;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::project::Project;
use crate::signals::Signals;
use crate::style::{QUIET, paint};
use crate::tunnel::door::Door;
use crate::tunnel::reach::lost;

/// What is asked for.
pub(crate) struct Wish<'a> {
    pub(crate) environment: Option<&'a str>,
    pub(crate) party: Option<&'a str>,
    pub(crate) task: Option<String>,
    pub(crate) aws: &'a AwsFlags,
    pub(crate) target: Option<&'a Target>,
}

/// A system in an account, and what of it is meant.
pub(crate) struct Far {
    door: Door,
    system: String,
    sought: ShellSought,
}

/// Where it is, and by whom it is asked for.
struct Entry {
    account: Account,
    place: Place,
    found: ShellFound,
}

impl Far {
    /// Reads what the system's names are.
    pub(crate) fn of(project: &Project, wish: &Wish<'_>, printer: Printer) -> Result<Self, Failure> {
        let designed = design::without_warnings(project, wish.environment, printer)?;
        let topology = &designed.topology;
        let party = sought::party(wish.party, topology)?;
        let sought = match wish.target {
            Some(target) => ShellSought::Target(Target::clone(target)),
            None => sought::of(&designed, &party, wish.task.clone())?,
        };
        let system = match wish.environment {
            Some(environment) => format!("{}-{environment}", topology.name),
            None => topology.name.to_string(),
        };
        Ok(Self { door: Door::aws(wish.aws, topology.region.as_str()), system, sought })
    }

    /// The least policy that this needs; without credentials for nobody in particular.
    pub(crate) async fn policy(&self) -> String {
        let place = match self.door.enter().await {
            Ok((account, who)) => Place::of(&account, &who),
            Err(_) => Place::new(&self.region(), ""),
        };
        way::shell_policy(&self.sought, &place)
    }

    /// The region that is asked.
    fn region(&self) -> String {
        match &self.door {
            Door::Aws(settings) => settings.region.clone().unwrap_or_default(),
            Door::Rehearsal { region, .. } => region.clone(),
        }
    }

    async fn find(&self) -> Result<Entry, Failure> {
        let (account, who) = self.door.enter().await?;
        let place = Place::of(&account, &who);
        let found = Search::new(&account, &who, &self.system).shell(&self.sought).await;
        let found = found.map_err(|error| lost(&error))?;
        Ok(Entry { account, place, found })
    }

    /// Runs it to its end: the exit code is that of the command, where it can be known.
    pub(crate) async fn run(&self, wanted: &Wanted<'_>, printer: Printer) -> Result<Exit, Failure> {
        let mut signals = Signals::listen()?;
        let entry = tokio::select! {
            entry = self.find() => entry?,
            _ = signals.next() => return Err(Failure::Told(Exit::Interrupted)),
        };
        if wanted.interactive {
            printer.say(paint(QUIET, format!("{}: {}", self.system, entry.found.called)));
        }
        let number = shell::number();
        // The shell that a machine's preferences give is nobody's command.
        let own = matches!(entry.found.inside, Inside::Machine(_)) && wanted.command.is_empty();
        let line = (!own).then(|| report::line(wanted, &number));
        let ended = self.once(&entry, line, (wanted, !own), &number, &mut signals, printer).await?;
        match ended {
            Ended::NoShell(_) if !wanted.command.is_empty() => {
                let said = "there is no /bin/sh: the command runs by itself, and its exit code is not known";
                printer.say(paint(QUIET, said));
                let line = Some(report::bare(wanted));
                let ended = self.once(&entry, line, (wanted, false), &number, &mut signals, printer).await?;
                Self::meaning(ended)
            }
            ended => Self::meaning(ended),
        }
    }

    async fn once(
        &self,
        entry: &Entry,
        line: Option<String>,
        (wanted, marked): (&Wanted<'_>, bool),
        number: &str,
        signals: &mut Signals,
        printer: Printer,
    ) -> Result<Ended, Failure> {
        let terminations = Terminations::default();
        let control =
            ShellControl::new(entry.account.clone(), entry.place.clone(), entry.found.inside.clone(), line);
        let size = if wanted.interactive { terminal::size() } else { None };
        let entered: Option<Result<(Shell, mpsc::Receiver<TunnelEvent>), _>> = tokio::select! {
            entered = shell::enter(control, size, &terminations) => Some(entered),
            _ = signals.next() => None,
        };
        let Some(entered) = entered else {
            terminations.wait().await;
            return Err(Failure::Told(Exit::Interrupted));
        };
        let (shell, events) = entered.map_err(|error| {
            let helps = error.help();
            helps.into_iter().fold(Failure::of(&error), Failure::help)
        })?;
        let marks = (Marks::new(number), marked);
        let ended = carry::carry(&shell, events, marks, wanted.interactive, signals, printer).await;
        shell.close().await;
        ended
    }

    fn meaning(ended: Ended) -> Result<Exit, Failure> {
        match ended {
            Ended::Code(code) => Ok(Exit::of_client(code)),
            Ended::Over => Ok(Exit::Success),
            Ended::Interrupted => Err(Failure::Told(Exit::Interrupted)),
            Ended::NoShell(said) => Err(Failure::new("there is no /bin/sh where the service runs")
                .excerpt(said.lines().map(str::to_owned))
                .help("an image that Terrace builds of a static program holds nothing but that program: give the program after `--`, with its path")),
            Ended::Unstarted(said) => Err(Failure::new("the command could not be started")
                .excerpt(said.lines().map(str::to_owned))
                .exit(Exit::Client(127))),
            Ended::Failed(error) => Err(Failure::of(&error)),
            Ended::Broken(why) => Err(Failure::new(format!("the session ended before the command: {why}"))
                .help("whether the command goes on there is not known; run it again to see")),
        }
    }
}
