//! The link by which this program is the AWS CLI's `session-manager-plugin`.

use std::io;
use std::path::{Path, PathBuf};

use terrace_tunnel::plugin;

use crate::failure::Failure;
use crate::printer::Printer;
use crate::style::{GOOD, paint};

/// Makes the link in a folder. One that was made before is made anew; what is something else stays.
pub(crate) fn install(folder: &Path, printer: Printer) -> Result<(), Failure> {
    let shown = folder.display();
    if folder.exists() && !folder.is_dir() {
        return Err(Failure::input(format!("{shown} is no folder"))
            .help("give a folder of your PATH, such as ~/.local/bin"));
    }
    let failure = |error: &io::Error| Failure::new(format!("no link can be made in {shown}")).because(error);
    std::fs::create_dir_all(folder).map_err(|error| failure(&error))?;
    let program = std::env::current_exe().map_err(|error| failure(&error))?;
    let link = plugin::install(folder, &program).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            Failure::new(format!("{} is a program of its own", folder.join(plugin::NAME).display()))
                .help("it is left as it is: take it away, or give another folder, earlier on your PATH")
        }
        _ => failure(&error),
    })?;
    printer.say(format!("{} {} leads to {}", paint(GOOD, "✔"), link.display(), program.display()));
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    match found() {
        Some(first) if first.parent().and_then(|f| f.canonicalize().ok()).as_deref() == Some(&folder) => {
            printer.say("the AWS CLI takes it from now on: `aws ssm start-session …`");
        }
        Some(first) => printer.tell(format!(
            "the AWS CLI takes {} before it: put {} further to the front of PATH",
            first.display(),
            folder.display()
        )),
        None => printer.tell(format!(
            "{0} is not on your PATH: `export PATH=\"{0}:$PATH\"`, in the profile of your shell too",
            folder.display()
        )),
    }
    Ok(())
}

/// The first of that name on the `PATH`.
fn found() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(plugin::NAME)).find(|file| file.is_file())
}
