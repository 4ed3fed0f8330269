//! The steps by which an image is made, as a document of EC2 Image Builder.
//!
//! POSIX shell that works where packages come by `dnf` (Amazon Linux 2023) and by `apt-get` (Debian, where it is
//! tried). Whatever the manifest says is written to files from quoted here-documents, so the shell never sees it
//! but where it is run.

use std::fmt::Write as _;

use super::fetched;
use super::shell::{file, filled};

/// One step: its name, and what the shell runs.
pub(super) type Step = (&'static str, String);

/// What an image's steps are made from.
pub(super) struct Recipe<'a> {
    /// `web`, `app`.
    pub(super) party: &'a str,
    /// The user, unit and runtime folder: `terrace-app`.
    pub(super) name: String,
    /// `/opt/items`
    pub(super) root: String,
    /// The folder below it: `app`, `page`.
    pub(super) content: &'a str,
    /// The files of a release that this image needs, beside their sums.
    pub(super) files: String,
    /// The interpreter of a service in Python.
    pub(super) python: String,
    pub(super) dnf: String,
    pub(super) apt: String,
    /// What has to be done to the image before it can be started, if there is something.
    pub(super) prepare: Option<&'static str>,
    /// What has to be done to a release before it can be started, if there is something.
    pub(super) arrange: Option<&'static str>,
    /// Whether machines fetch their release when they start; else it is in the image.
    pub(super) fetched: bool,
    /// Paths, modes and contents of files of the service's own.
    pub(super) configuration: Vec<(String, &'static str, String)>,
    pub(super) unit: String,
    pub(super) log_group: String,
    /// The manifest's own `setup`.
    pub(super) setup: Option<&'a str>,
    pub(super) checks: Checks,
}

/// What else has to hold.
#[derive(Default)]
pub(super) struct Checks {
    /// Of a release in its place.
    pub(super) release: String,
    /// Of the image without one.
    pub(super) image: String,
}

impl Recipe<'_> {
    pub(super) fn filled(&self, text: &str) -> String {
        let unit = format!("{}.service", self.name);
        filled(
            text,
            &[
                ("PARTY", self.party),
                ("USER", &self.name),
                ("UNIT", &unit),
                ("ROOT", &self.root),
                ("CONTENT", self.content),
                ("FILES", &self.files),
                ("ARCHIVE", &format!("{}.tar.gz", self.content)),
                ("GROUP", &self.log_group),
                ("DNF", &self.dnf),
                ("APT", &self.apt),
                ("PYTHON", &self.python),
            ],
        )
    }

    /// What makes the image.
    pub(super) fn build(&self) -> Vec<Step> {
        let mut steps = vec![("Packages", self.filled(include_str!("../setup/packages.sh")))];
        if self.fetched {
            steps.push(fetched::step(self));
        } else {
            steps.push(("Release", self.filled(include_str!("../setup/release.sh"))));
        }
        let arrange = self.arrange.filter(|_| !self.fetched);
        steps.extend(self.prepare.into_iter().chain(arrange).map(|text| ("Prepare", self.filled(text))));
        let mut service = self.filled(include_str!("../setup/service.sh"));
        for (path, mode, content) in &self.configuration {
            service.push_str(&file(path, mode, content));
        }
        service.push_str(&file(&format!("/etc/systemd/system/{}.service", self.name), "0644", &self.unit));
        let _ = writeln!(service, "systemctl enable {}.service", self.name);
        steps.push(("Service", service));
        steps.push(("Logs", self.filled(include_str!("../setup/logs.sh"))));
        if let Some(setup) = self.setup {
            let path = "/usr/local/lib/terrace/setup";
            let mut own =
                "# What the manifest's `setup` says, as root, in the service's folder.\nset -eu\numask 022\n"
                    .to_owned();
            own.push_str(&file(path, "0755", setup));
            let _ = writeln!(own, "cd {}/{}\nsh -eu {path}", self.root, self.content);
            steps.push(("Setup", own));
        }
        steps
    }

    /// What has to hold afterwards.
    pub(super) fn validate(&self) -> Vec<Step> {
        let mut check = if self.fetched {
            self.filled(include_str!("../setup/fetched.sh"))
        } else {
            self.filled(include_str!("../setup/check.sh")) + &self.checks.release
        };
        check.push_str(&self.checks.image);
        vec![("Check", check)]
    }

    /// The document.
    pub(super) fn document(&self, title: &str) -> String {
        let parameters = if self.fetched {
            ""
        } else {
            "parameters:\n  - Bucket:\n      type: string\n      description: The bucket that releases lie in.\n"
        };
        document(title, parameters, &[("build", self.build()), ("validate", self.validate())])
    }
}

/// A document (Image Builder User Guide, "Use the AWSTOE component document framework").
pub(super) fn document(title: &str, parameters: &str, phases: &[(&str, Vec<Step>)]) -> String {
    let mut out = format!("name: {title}\nschemaVersion: 1.0\n{parameters}phases:\n");
    for (phase, steps) in phases {
        let _ = write!(out, "  - name: {phase}\n    steps:\n");
        for (name, script) in steps {
            let _ = write!(
                out,
                "      - name: {name}\n        action: ExecuteBash\n        inputs:\n          commands:\n            - |\n"
            );
            for line in script.lines() {
                let indent = if line.is_empty() { "" } else { "              " };
                let _ = writeln!(out, "{indent}{line}");
            }
        }
    }
    out
}
