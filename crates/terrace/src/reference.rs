//! The reference page of the command line, made from the very definitions that read it.

use std::fmt::Write as _;

use clap::{Arg, ArgAction, Command, CommandFactory as _};

use crate::exit::Exit;

/// The page `docs/cli.md`, Markdown.
pub fn reference() -> String {
    let mut command = crate::args::Args::command().styles(clap::builder::Styles::plain());
    command.build();
    let mut page = String::from("# The command line\n\n");
    let _ = writeln!(
        page,
        "<!-- Made from the program itself: `TERRACE_UPDATE=1 cargo test -p terrace` writes it anew. -->\n\n\
         Data goes to standard output, everything else to standard error. Colours appear where a terminal reads them; \
         `NO_COLOR`, `CLICOLOR` and `CLICOLOR_FORCE` are honoured. `CI` turns moving progress into plain lines.\n"
    );
    let everywhere: Vec<&Arg> = shown(&command).filter(|arg| arg.is_global_set()).collect();
    let _ = writeln!(page, "Every command takes:\n");
    arguments(&mut page, &everywhere);
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        section(&mut page, sub, "terrace", 2);
    }
    let _ = writeln!(page, "\n## Exit codes\n\n| code | meaning |\n|---|---|");
    for (exit, meaning) in Exit::ALL {
        let _ = writeln!(page, "| {} | {meaning} |", exit.code());
    }
    let _ =
        writeln!(page, "\nOf `terrace audit`, whose answer is in the code:\n\n| code | meaning |\n|---|---|");
    for (exit, meaning) in Exit::AUDIT {
        let _ = writeln!(page, "| {} | {meaning} |", exit.code());
    }
    page
}

fn section(page: &mut String, command: &Command, above: &str, depth: usize) {
    let name = format!("{above} {}", command.get_name());
    let _ = writeln!(page, "\n{} `{name}`\n", "#".repeat(depth));
    let about = command.get_long_about().or_else(|| command.get_about()).map(ToString::to_string);
    let about = about.unwrap_or_default();
    let paragraphs: Vec<String> = about.split("\n\n").map(full_stop).collect();
    let _ = writeln!(page, "{}\n", paragraphs.join("\n\n"));
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").replace("\n       ", "\n");
    let usage = if usage.starts_with("terrace") { usage } else { format!("{above} {usage}") };
    let _ = writeln!(page, "```text\n{usage}\n```");
    let own: Vec<&Arg> = shown(command).filter(|arg| !arg.is_global_set()).collect();
    if !own.is_empty() {
        page.push('\n');
        arguments(page, &own);
    }
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set() && sub.get_name() != "help") {
        section(page, sub, &name, depth + 1);
    }
}

fn shown(command: &Command) -> impl Iterator<Item = &Arg> {
    command
        .get_arguments()
        .filter(|arg| !arg.is_hide_set() && !matches!(arg.get_id().as_str(), "help" | "version"))
}

fn arguments(page: &mut String, all: &[&Arg]) {
    for arg in all {
        let value = arg
            .get_value_names()
            .filter(|_| arg.get_action().takes_values())
            .map(|names| names.iter().map(|name| format!("<{name}>")).collect::<Vec<_>>().join(" "));
        let mut name = match (arg.get_short(), arg.get_long()) {
            (Some(short), Some(long)) => format!("-{short}, --{long}"),
            (None, Some(long)) => format!("--{long}"),
            (Some(short), None) => format!("-{short}"),
            (None, None) => String::new(),
        };
        if let Some(value) = value {
            name = format!("{name} {value}").trim().to_owned();
        }
        let help =
            arg.get_long_help().or_else(|| arg.get_help()).map(ToString::to_string).unwrap_or_default();
        let mut help = full_stop(&help.replace('\n', " "));
        let choices: Vec<String> = arg
            .get_possible_values()
            .iter()
            .filter(|choice| !choice.is_hide_set())
            .map(|choice| format!("`{}`", choice.get_name()))
            .collect();
        if !choices.is_empty() && !matches!(arg.get_action(), ArgAction::SetTrue) {
            help = format!("{help} One of {}.", choices.join(", "));
        }
        let _ = writeln!(page, "* `{name}`: {help}");
    }
}

fn full_stop(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.ends_with(['.', ':', ']']) { text.to_owned() } else { format!("{text}.") }
}
