//! The table of calls (`calls.txt`) as values. What a line says is told at its head.

/// The table; its head says how it is read.
const TABLE: &str = include_str!("calls.txt");

/// A block: a kind of resource (`aws_vpc`, `data.aws_ami`), or a thing beside Terraform (`[foundation]`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Subject {
    /// As it stands there.
    pub(super) name: &'static str,
    /// The argument that is the resource's name.
    pub(super) argument: &'static str,
    /// What is asked about it.
    pub(super) lines: Vec<Line>,
}

/// What a line limits its actions to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verb {
    List,
    On,
    New,
    Own,
    Claim,
    Every,
    Pass,
    Attach,
    Owner,
    Records,
    Linked,
    Plan,
}

/// A line of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) verb: Verb,
    /// What stands before the colon, word by word; of `linked`, the service.
    pub(super) about: Vec<String>,
    pub(super) actions: Vec<String>,
    /// Why nothing narrower is said.
    pub(super) why: Option<String>,
}

impl Verb {
    const ALL: [(&'static str, Self); 12] = [
        ("list", Self::List),
        ("on", Self::On),
        ("new", Self::New),
        ("own", Self::Own),
        ("claim", Self::Claim),
        ("every", Self::Every),
        ("pass", Self::Pass),
        ("attach", Self::Attach),
        ("owner", Self::Owner),
        ("records", Self::Records),
        ("linked", Self::Linked),
        ("plan", Self::Plan),
    ];

    /// How many words stand before the colon; none if there is no colon.
    const fn about(self) -> Option<usize> {
        match self {
            Self::List | Self::Pass | Self::Linked => None,
            Self::Owner => Some(3),
            _ => Some(1),
        }
    }

    /// Whether a line has to say why it is as wide as it is.
    const fn wide(self) -> bool {
        matches!(self, Self::Every | Self::Claim | Self::Records)
    }
}

/// All blocks, in the order of the file; what cannot be read is in the other half, with what is wrong.
pub(super) fn read() -> (Vec<Subject>, Vec<String>) {
    let (mut subjects, mut wrong): (Vec<Subject>, Vec<String>) = (Vec::new(), Vec::new());
    let mut texts: Vec<(usize, String)> = Vec::new();
    for line in TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.strip_prefix("    ") {
            Some(more) => {
                if let Some((_, text)) = texts.last_mut() {
                    text.push(' ');
                    text.push_str(more);
                }
            }
            None if line.starts_with("  ") => {
                texts.push((subjects.len().saturating_sub(1), line.trim().to_owned()));
            }
            None => {
                let (name, argument) = line.split_once(" = ").unwrap_or((line, "name"));
                subjects.push(Subject { name, argument, lines: Vec::new() });
            }
        }
    }
    for (at, text) in texts {
        match (read_line(&text), subjects.get_mut(at)) {
            (Some(line), Some(subject)) => subject.lines.push(line),
            _ => wrong.push(text),
        }
    }
    (subjects, wrong)
}

fn read_line(text: &str) -> Option<Line> {
    let (text, why) = match text.split_once(" -- ") {
        Some((text, why)) => (text, Some(why.trim().to_owned())),
        None => (text, None),
    };
    let (word, rest) = text.split_once(' ')?;
    let (_, verb) = Verb::ALL.into_iter().find(|(known, _)| *known == word)?;
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let (about, actions) = match (verb, verb.about()) {
        (Verb::Pass, _) => (words(rest), vec!["iam:PassRole".to_owned()]),
        (Verb::Linked, _) => (words(rest), vec!["iam:CreateServiceLinkedRole".to_owned()]),
        (_, None) => (Vec::new(), words(rest)),
        (_, Some(count)) => {
            let (about, actions) = rest.split_once(": ")?;
            let about = words(about);
            if about.len() != count {
                return None;
            }
            (about, words(actions))
        }
    };
    let whole = actions.iter().all(|action| {
        action.split_once(':').is_some_and(|(service, name)| {
            !service.is_empty() && name.starts_with(|c: char| c.is_ascii_uppercase())
        })
    });
    let fits = whole && !actions.is_empty() && verb.wide() == why.is_some();
    fits.then_some(Line { verb, about, actions, why })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Kind, Mode};

    #[test]
    fn every_line_is_understood_and_whatever_is_wide_says_why() {
        let (subjects, wrong) = read();
        assert_eq!(wrong, Vec::<String>::new());
        assert!(subjects.iter().all(|subject| !subject.lines.is_empty()));
    }

    #[test]
    fn every_kind_of_resource_has_a_block_and_every_block_a_kind() {
        let (subjects, _) = read();
        let mut there: Vec<String> =
            subjects.iter().map(|s| s.name.to_owned()).filter(|name| !name.starts_with('[')).collect();
        let mut kinds: Vec<String> =
            Kind::ALL.iter().map(|kind| format!("{}{}", kind.mode().prefix(), kind.type_name())).collect();
        there.sort();
        kinds.sort();
        assert_eq!(there, kinds);
        assert!(Kind::ALL.iter().any(|kind| kind.mode() == Mode::Ephemeral));
    }
}
