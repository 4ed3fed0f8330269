//! `terrace init`: from what a folder holds to a manifest that works.

use std::path::{Path, PathBuf};

use dialoguer::theme::{ColorfulTheme, SimpleTheme, Theme};
use dialoguer::{Input, Select};
use terrace_manifest::scaffold::{self, Draft, FolderView, LONGEST_TEXT, MOST_FILES, Question};

use crate::ci;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::project::{self, Where};
use crate::style::{GOOD, HELP, QUIET, STRONG, paint};
use crate::write;

/// Look at a project's folder and write a terrace.toml that works
///
/// Says what it found and where, and asks only what it cannot see.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Where,
    /// Ask nothing: take the default wherever something cannot be seen
    #[arg(short, long)]
    yes: bool,
    /// Write over a manifest that is there
    #[arg(long)]
    force: bool,
    /// Write the workflow with which GitHub plans and deploys, too; a manifest that is there stays
    #[arg(long, conflicts_with = "force")]
    ci: bool,
}

pub(crate) fn run(args: Args, printer: Printer) -> Result<Exit, Failure> {
    let here = std::env::current_dir()?;
    let target = here.join(args.place.target()?);
    let shown = project::shown(&target, &here);
    if args.ci && target.exists() {
        return ci::write::write(&args.place.find()?, printer);
    }
    if target.exists() && !args.force {
        return Err(Failure::input(format!("{shown} is there already"))
            .help("`terrace check` says what is wrong with it")
            .help("`--force` writes over it"));
    }
    let folder = target.parent().filter(|folder| folder.is_dir()).ok_or_else(|| {
        Failure::input(format!("there is no folder for {shown}"))
            .help("give the folder that the project lies in")
    })?;

    let mut draft = scaffold::look(&view(folder));
    tell_facts(&draft, printer);
    if !args.yes && printer.can_ask() {
        ask_all(&mut draft)?;
    } else {
        tell_defaults(&draft, printer);
    }
    write::whole(&target, &shown, &draft.manifest())?;

    let at = if folder == here { String::new() } else { format!(" {}", project::shown(folder, &here)) };
    printer.say(format!("{} wrote {}", paint(GOOD, "✔"), paint(STRONG, &shown)));
    for advice in draft.advice() {
        printer.say(format!("{}: {advice}", paint(HELP, "note")));
    }
    printer
        .say(format!("\n{}: `terrace check{at}` says what is missing on this machine", paint(HELP, "next")));
    printer.say(format!("      `terrace up{at}` runs it"));
    if args.ci {
        return ci::write::write(&args.place.find()?, printer);
    }
    Ok(Exit::Success)
}

fn tell_facts(draft: &Draft, printer: Printer) {
    if draft.facts().is_empty() {
        printer.say("found nothing that tells what this project is made of");
        return;
    }
    printer.say(paint(STRONG, "found"));
    let width = draft.facts().iter().map(|fact| fact.what.chars().count()).max().unwrap_or_default().min(48);
    for fact in draft.facts() {
        printer.say(format!("  {:<width$}  {}", fact.what, paint(QUIET, &fact.evidence)));
    }
}

fn tell_defaults(draft: &Draft, printer: Printer) {
    let questions = draft.questions();
    if questions.is_empty() {
        return;
    }
    printer.say(paint(STRONG, "not seen, and taken to be"));
    for question in questions {
        let answer = &question.default;
        printer.say(format!("  {} {}", question.prompt, paint(STRONG, answer)));
    }
}

/// Asks the first open question until there is none: an answer may bring others.
fn ask_all(draft: &mut Draft) -> Result<(), Failure> {
    let colorful = ColorfulTheme::default();
    let theme: &dyn Theme =
        if anstream::AutoStream::choice(&std::io::stderr()) == anstream::ColorChoice::Never {
            &SimpleTheme
        } else {
            &colorful
        };
    let mut asked = 0;
    while let Some(question) = draft.questions().into_iter().nth(asked) {
        let answer = ask(theme, &question, draft)?;
        let before = draft.questions().len();
        draft
            .answer(question.key, &answer)
            .map_err(|error| Failure::input(format!("`{answer}` cannot be taken")).because(&error))?;
        // A question that was answered and is still there is not asked twice.
        if draft.questions().iter().any(|q| q.key == question.key) && draft.questions().len() >= before {
            asked += 1;
        }
    }
    Ok(())
}

fn ask(theme: &dyn Theme, question: &Question, draft: &Draft) -> Result<String, Failure> {
    let gone = |error: dialoguer::Error| {
        let dialoguer::Error::IO(error) = error;
        match error.kind() {
            std::io::ErrorKind::Interrupted => Failure::Told(Exit::Interrupted),
            _ => Failure::new("the answer could not be read").because(&error).help("`--yes` asks nothing"),
        }
    };
    if question.choices.is_empty() {
        let valid =
            |answer: &String| draft.clone().answer(question.key, answer).map_err(|error| error.to_string());
        return Input::with_theme(theme)
            .with_prompt(question.prompt.trim_end_matches('?'))
            .default(question.default.clone())
            .validate_with(valid)
            .interact_text()
            .map_err(gone);
    }
    let labels: Vec<&str> = question.choices.iter().map(|choice| choice.label.as_str()).collect();
    let default = question.choices.iter().position(|choice| choice.value == question.default);
    let chosen = Select::with_theme(theme)
        .with_prompt(question.prompt.trim_end_matches('?'))
        .items(labels)
        .default(default.unwrap_or_default())
        .interact()
        .map_err(gone)?;
    Ok(question.choices.get(chosen).map_or_else(|| question.default.clone(), |choice| choice.value.clone()))
}

/// The folder as a value: its files' paths, and the texts of the few that tell something.
fn view(folder: &Path) -> FolderView {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut view = FolderView::new(name);
    let mut count = 0;
    let mut open: Vec<(PathBuf, String)> = vec![(folder, String::new())];
    while let Some((folder, prefix)) = open.pop() {
        // What cannot be read tells nothing.
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        let mut entries: Vec<_> = entries.filter_map(Result::ok).collect();
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let (Ok(kind), Ok(name)) = (entry.file_type(), entry.file_name().into_string()) else { continue };
            let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
            if kind.is_dir() && FolderView::enters(&path) {
                open.push((entry.path(), path));
            } else if kind.is_file() && count < MOST_FILES {
                count += 1;
                let text = FolderView::reads(&path).then(|| read(&entry.path())).flatten();
                view.add(path, text);
            }
        }
    }
    view
}

fn read(file: &Path) -> Option<String> {
    let small = file.metadata().is_ok_and(|meta| meta.len() <= LONGEST_TEXT);
    small.then(|| std::fs::read_to_string(file).ok()).flatten()
}
