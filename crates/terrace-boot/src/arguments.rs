//! What was typed.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::failure::Failure;
use crate::shell::replacing;
use crate::template::Template;

/// Help.
pub(crate) const USAGE: &str = "\
usage: terrace-boot [--config FILE] [--template IN=OUT]... [--watch] [--quiet] -- COMMAND [ARGUMENT]...
       terrace-boot [--config FILE] [--template IN=OUT]... [--watch] [--quiet] --shell 'COMMAND LINE'

Reads parameters and secrets from AWS, and a release's plain settings, into the environment, and becomes the command.

  --config FILE      what to read, as JSON; - is standard input. Without it, or for what it leaves out:
                     TERRACE_PARAMETERS, TERRACE_SETTINGS, TERRACE_SECRETS, TERRACE_DATABASE, TERRACE_HOST,
                     TERRACE_PORT, TERRACE_REFRESH, TERRACE_GRACE, TERRACE_LIMIT
  --template IN=OUT  write OUT from IN with ${NAME} replaced by the parameter or setting NAME (never by a secret)
  --watch            stay as the command's parent: read again on SIGHUP and when a secret has a new version, and
                     start the command anew with what changed; other signals and the exit code are passed on
  --quiet            say nothing unless something is wrong
  --shell LINE       run the line by /bin/sh

exit codes: 110 configuration, 111 credentials or region, 112 permission missing, 113 secret or key missing,
114 not reached in time, 115 certificates of the database, 116 value that cannot be used, 117 template,
118 the machine refused, 126 command cannot be run, 127 command not found; else the command's own";

/// What is to be done.
#[derive(Debug)]
pub(crate) enum Arguments {
    Help,
    Version,
    Start(Start),
}

/// A start.
#[derive(Debug, Default)]
pub(crate) struct Start {
    pub(crate) config: Option<PathBuf>,
    pub(crate) templates: Vec<Template>,
    pub(crate) watch: bool,
    pub(crate) quiet: bool,
    pub(crate) program: OsString,
    pub(crate) arguments: Vec<OsString>,
}

impl Arguments {
    /// Reads them, the program's own name left out.
    pub(crate) fn parse(all: impl Iterator<Item = OsString>) -> Result<Self, Failure> {
        let mut all = all;
        let mut start = Start::default();
        let none =
            |of: &str| Failure::configuration(format!("{of}: something is expected after it; see --help"));
        while let Some(argument) = all.next() {
            match argument.to_str() {
                Some("--help" | "-h") => return Ok(Self::Help),
                Some("--version") => return Ok(Self::Version),
                Some("--config") => start.config = Some(all.next().ok_or_else(|| none("--config"))?.into()),
                Some("--template") => {
                    let pair = all.next().ok_or_else(|| none("--template"))?;
                    start.templates.push(Template::parse(&pair)?);
                }
                Some("--watch") => start.watch = true,
                Some("--quiet") => start.quiet = true,
                Some("--shell") => {
                    let line = all.next().and_then(|line| line.into_string().ok());
                    let line = line.ok_or_else(|| none("--shell"))?;
                    if let Some(more) = all.next() {
                        let text =
                            format!("`{}` after --shell LINE: the line is one argument", more.display());
                        return Err(Failure::configuration(text));
                    }
                    start.program = "/bin/sh".into();
                    start.arguments = vec!["-c".into(), replacing(&line).into()];
                    return Ok(Self::Start(start));
                }
                Some("--") => {
                    start.program = all.next().ok_or_else(|| none("--"))?;
                    start.arguments = all.collect();
                    return Ok(Self::Start(start));
                }
                _ => {
                    let text = format!(
                        "`{}` is not understood: the command comes after `--`; see --help",
                        argument.display()
                    );
                    return Err(Failure::configuration(text));
                }
            }
        }
        Err(Failure::configuration("there is no command: it comes after `--`; see --help"))
    }
}
