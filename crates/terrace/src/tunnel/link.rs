//! The link by which this program is the AWS CLI's `session-manager-plugin`.

use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::printer::Printer;
use crate::style::{GOOD, paint};

/// The name that the AWS CLI calls.
pub(crate) const NAME: &str = "session-manager-plugin";

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
    let link = folder.join(NAME);
    match std::fs::symlink_metadata(&link) {
        Ok(there) if !there.is_symlink() => {
            return Err(Failure::new(format!("{} is a program of its own", link.display()))
                .help("it is left as it is: take it away, or give another folder, earlier on your PATH"));
        }
        // Made beside and put in place, so that the name is never missing.
        _ => replace(&program, &link).map_err(|error| failure(&error))?,
    }
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

fn replace(program: &Path, link: &Path) -> io::Result<()> {
    let beside = link.with_file_name(format!(".{NAME}-{}", std::process::id()));
    symlink(program, &beside)?;
    std::fs::rename(&beside, link).inspect_err(|_| {
        // What could not be put in place need not stay.
        let _ = std::fs::remove_file(&beside);
    })
}

/// The first of that name on the `PATH`.
fn found() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(NAME)).find(|file| file.is_file())
}
