//! Times, people and long texts as they are read on a terminal.

use std::time::{Duration, SystemTime};

use dialoguer::console::Term;
use terrace_cloud::release::record::{Commit, Record};

use crate::style::{QUIET, STRONG, paint};

/// A time in its two largest units: `2h 5m`.
pub(crate) fn span(seconds: u64) -> String {
    let text = humantime::format_duration(Duration::from_secs(seconds)).to_string();
    text.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

/// How long ago something was; what is yet to come is now, since clocks differ.
pub(crate) fn since(then: SystemTime, now: SystemTime) -> String {
    span(now.duration_since(then).unwrap_or_default().as_secs())
}

/// The same, as a moment: `2h 5m ago`.
pub(crate) fn ago(then: SystemTime, now: SystemTime) -> String {
    match now.duration_since(then).unwrap_or_default().as_secs() {
        0 => "now".to_owned(),
        seconds => format!("{} ago", span(seconds)),
    }
}

/// Who an ARN is, as people call them: `ana`, or `ana as deployer` of a role's session.
pub(crate) fn who(arn: &str) -> String {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or(arn);
    let parts: Vec<&str> = resource.split('/').collect();
    match parts.as_slice() {
        ["assumed-role", role, session] => format!("{session} as {role}"),
        [.., name] if !name.is_empty() => (*name).to_owned(),
        _ => arn.to_owned(),
    }
}

/// A revision of the sources: `1a2b3c4`, with a mark if there were changes beside it.
pub(crate) fn commit(commit: &Commit) -> String {
    let short: String = commit.revision.chars().take(7).collect();
    format!("{short}{}", if commit.dirty { "+" } else { "" })
}

/// A release in one line: number, when, who, of which sources, and what was said about it.
pub(crate) fn release(record: &Record, now: SystemTime) -> String {
    let mut rest = format!(", {} by {}", ago(record.at.time(), now), who(&record.by));
    if let Some(of) = &record.commit {
        rest.push_str(&format!(", commit {}", commit(of)));
    }
    if let Some(restored) = record.restores {
        rest.push_str(&format!(", brings back release {restored}"));
    }
    if let Some(message) = &record.message {
        rest.push_str(&format!(": {message}"));
    }
    format!("{}{}", paint(STRONG, format!("release {}", record.number)), paint(QUIET, rest))
}

/// A number of things: `1 version`, `2 versions`.
pub(crate) fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// As much of a task's or an instance's identifier as tells it from others.
pub(crate) fn short(id: &str) -> String {
    let length = if id.starts_with("i-") { 10 } else { 8 };
    id.chars().take(length).collect()
}

/// As many characters as a line of standard output has; none where no terminal is.
pub(crate) fn room() -> Option<usize> {
    Term::stdout().size_checked().map(|(_, columns)| usize::from(columns))
}

/// A text in lines of at most so many characters, those after the first set in; words stay whole.
pub(crate) fn folded(text: &str, indent: usize, room: Option<usize>) -> String {
    let Some(room) = room else { return text.to_owned() };
    // Less is no column to read in.
    let room = room.max(indent + 20);
    let (mut folded, mut at) = (String::new(), indent);
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if at > indent && at + 1 + length > room {
            folded.push('\n');
            folded.extend(std::iter::repeat_n(' ', indent));
            at = indent;
        } else if !folded.is_empty() {
            folded.push(' ');
            at += 1;
        }
        folded.push_str(word);
        at += length;
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_called_by_their_names() {
        for (arn, name) in [
            ("arn:aws:iam::123456789012:user/ana", "ana"),
            ("arn:aws:iam::123456789012:user/team/ana", "ana"),
            (
                "arn:aws:sts::123456789012:assumed-role/deployer/ana@example.com",
                "ana@example.com as deployer",
            ),
            ("arn:aws:iam::123456789012:root", "root"),
            ("", ""),
        ] {
            assert_eq!(who(arn), name);
        }
    }

    #[test]
    fn long_texts_are_set_in_lines_and_nothing_of_them_is_lost() {
        let text = "Health checks failed with these codes: [500], each of which says something";
        insta::assert_snapshot!(format!("  why {}", folded(text, 6, Some(32))), @"
          why Health checks failed with
              these codes: [500], each
              of which says something
        ");
        for room in [None, Some(0), Some(1000)] {
            assert_eq!(folded(text, 4, room).split_whitespace().collect::<Vec<_>>().join(" "), text);
        }
    }

    #[test]
    fn times_are_told_in_two_units() {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        assert_eq!((ago(at(9), at(9)), ago(at(9), at(8))), ("now".to_owned(), "now".to_owned()));
        assert_eq!(ago(at(0), at(90_061)), "1day 1h ago");
    }
}
