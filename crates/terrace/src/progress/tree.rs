//! A run as a tree of parties, each with its state and seconds.

use super::board::{Board, Built, Row, State};
use super::lines::first_line;
use super::seconds;
use crate::style::{BUSY, ERROR, GOOD, QUIET, STRONG, WARNING, paint};

pub(super) const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// The lines of the tree at a moment of the run; `frame` counts how often it was drawn.
pub(super) fn render(board: &Board, now: u64, frame: usize) -> Vec<String> {
    let shape =
        if board.shape.is_empty() { String::new() } else { paint(QUIET, format!(" ({})", board.shape)) };
    let mut lines = vec![format!("{}{shape}", paint(STRONG, &board.system))];
    let names = board.rows.iter().map(|row| row.name.len()).max().unwrap_or_default().max(8);
    let whats = board.rows.iter().map(|row| row.what.chars().count()).max().unwrap_or_default();
    let ready: Vec<&str> = board
        .rows
        .iter()
        .filter(|row| matches!(row.state, State::Healthy(_) | State::Done(_)))
        .map(|row| row.name.as_str())
        .collect();
    for (index, row) in board.rows.iter().enumerate() {
        let last = index + 1 == board.rows.len();
        let branch = if last { "└─" } else { "├─" };
        let glyph = glyph(row, frame);
        let name = format!("{:<names$}", row.name);
        let what = format!("{:<whats$}", row.what);
        let state = state(row, now, &ready);
        lines.push(format!(
            "{} {glyph} {} {}  {state}",
            paint(QUIET, branch),
            paint(STRONG, name),
            paint(QUIET, what)
        ));
        if show_replicas(row) {
            let stem = if last { "  " } else { "│ " };
            for (index, replica) in row.replicas.values().enumerate() {
                let branch = if index + 1 == row.replicas.len() { "└─" } else { "├─" };
                let glyph = self::glyph(replica, frame);
                let pad = (names + whats).saturating_sub(replica.name.len() + 2);
                let state = self::state(replica, now, &ready);
                let branches = paint(QUIET, format!("{stem} {branch}"));
                lines.push(format!("{branches} {glyph} {}{:pad$}{state}", replica.name, ""));
            }
        }
    }
    lines
}

/// Replicas are shown one by one while they differ.
fn show_replicas(row: &Row) -> bool {
    row.replicas.len() > 1
        && !matches!(
            row.state,
            State::Healthy(_) | State::Stopped | State::Stopping | State::Waiting | State::NeverStarted
        )
}

fn glyph(row: &Row, frame: usize) -> String {
    match &row.state {
        State::Waiting | State::NeverStarted => paint(QUIET, "·"),
        State::Healthy(_) | State::Done(_) => paint(GOOD, "✔"),
        State::Failed(_) => paint(ERROR, "✘"),
        State::Failing(_) => paint(WARNING, "!"),
        State::Stopped => paint(QUIET, "○"),
        State::Building | State::Starting | State::Stopping => {
            paint(BUSY, SPINNER.get(frame % SPINNER.len()).copied().unwrap_or("·"))
        }
    }
}

/// What was said last, without styles of its own.
fn quoted(said: &str) -> String {
    let plain = anstream::adapter::strip_str(said.trim()).to_string();
    if plain.is_empty() { plain } else { format!("  {}", paint(QUIET, plain.replace('\t', " "))) }
}

fn state(row: &Row, now: u64, ready: &[&str]) -> String {
    let lasted = seconds(now.saturating_sub(row.since));
    let replicas = match row.replicas.len() {
        0 | 1 => String::new(),
        many => format!("{many} "),
    };
    match &row.state {
        State::Waiting => {
            let open: Vec<&str> =
                row.after.iter().map(String::as_str).filter(|name| !ready.contains(name)).collect();
            match (open.as_slice(), row.build) {
                (_, Some(Built::In(millis))) => paint(QUIET, format!("built in {}", seconds(millis))),
                ([], _) => paint(QUIET, "waits"),
                (names, _) => paint(QUIET, format!("waits for {}", names.join(", "))),
            }
        }
        State::NeverStarted => paint(QUIET, "not started"),
        State::Building => {
            let said = row.build_lines.back().map(String::as_str).unwrap_or_default();
            format!("builds   {lasted:>6}{}", quoted(said))
        }
        State::Starting => format!("starts   {lasted:>6}{}", quoted(&row.said)),
        State::Healthy(millis) => format!("{replicas}healthy in {}", seconds(*millis)),
        State::Done(millis) => format!("done in {}", seconds(*millis)),
        State::Failing(reason) => paint(WARNING, format!("{}; tried again", first_line(reason))),
        State::Failed(reason) => paint(ERROR, first_line(reason)),
        State::Stopping => format!("stops    {lasted:>6}"),
        State::Stopped => paint(QUIET, "stopped"),
    }
}
