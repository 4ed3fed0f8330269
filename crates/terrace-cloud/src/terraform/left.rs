//! What a run left that was stopped: resources that AWS was still making while Terraform only waited for them.
//!
//! Terraform marks what it stops waiting for as tainted and makes it anew the next time: it would delete a database that
//! AWS has made meanwhile, or be refused if that one is protected. Since the provider says that it only waited, the mark is
//! taken off before the next plan, which looks at what is there anyway.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;

use terrace_terraform::lines::{Line, Step, line};

use super::folder::Folder;

/// The addresses, one a line.
const AWAITED: &str = ".terrace-awaited";

/// The addresses of what was only waited for when the run that said these lines was stopped.
pub(super) fn awaited<'a>(lines: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    let (mut stopped, mut making, mut waiting) = (false, BTreeSet::new(), BTreeSet::new());
    for text in lines {
        match line(text) {
            Line::Log(said) => stopped |= said.contains("Interrupt received"),
            Line::Failed(hook) if hook.step == Step::Create => drop(making.insert(hook.address)),
            Line::Diagnostic(said) if said.is_error => {
                let waited =
                    said.summary.starts_with("waiting for ") && said.summary.ends_with("context canceled");
                waiting.extend(said.address.filter(|_| waited));
            }
            _ => {}
        }
    }
    if stopped { making.intersection(&waiting).cloned().collect() } else { BTreeSet::new() }
}

impl Folder {
    /// Writes down what the last run left, before another one's lines take the place of its own.
    pub(super) fn remember(&self) -> std::io::Result<()> {
        let mut all: BTreeSet<String> = self.awaited()?.into_iter().collect();
        let before = all.len();
        let said = self.said()?;
        all.extend(awaited(said.lines()));
        if all.len() > before { self.keep(&all) } else { Ok(()) }
    }

    /// What is written down.
    pub(super) fn awaited(&self) -> std::io::Result<Vec<String>> {
        match fs::read_to_string(self.path().join(AWAITED)) {
            Ok(text) => Ok(text.lines().map(str::to_owned).collect()),
            Err(why) if why.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            Err(why) => Err(why),
        }
    }

    /// This one is mended.
    pub(super) fn forget(&self, address: &str) -> std::io::Result<()> {
        self.keep(&self.awaited()?.into_iter().filter(|one| one != address).collect())
    }

    fn keep(&self, all: &BTreeSet<String>) -> std::io::Result<()> {
        let text: String = all.iter().map(|address| format!("{address}\n")).collect();
        self.write(AWAITED, &text)
    }
}
