//! Who may become the roles: GitHub's workflows, by OpenID Connect, or people of the account.
//!
//! "Configuring OpenID Connect in Amazon Web Services" and "OpenID Connect reference", GitHub Docs; "Create a role for
//! OpenID Connect federation", IAM User Guide.

use std::fmt;
use std::str::FromStr;

use terrace_topology::AccountId;

use crate::{PolicyDocument, PrincipalKind, Statement, Text};

/// Who vouches for a workflow.
pub const ISSUER: &str = "token.actions.githubusercontent.com";

/// A repository on GitHub: `OWNER/NAME`, or `OWNER@ID/NAME@ID` with the numbers that GitHub never gives again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    owner: String,
    name: String,
    /// The owner's number, and its own.
    numbers: Option<(u64, u64)>,
}

/// Why a text names no repository.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no repository on GitHub: `OWNER/NAME`, or `OWNER@NUMBER/NAME@NUMBER` with the numbers that GitHub gave them"
)]
pub struct RepositoryError(String);

/// Which of a repository's workflows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Workflows {
    /// Jobs in this environment of the repository.
    Environment(String),
    /// Runs for this branch, in no environment.
    Branch(String),
    /// Runs for pull requests from the repository itself; a fork's get no token.
    PullRequests,
}

impl Repository {
    /// `OWNER/NAME`
    pub fn name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    /// Whether it is known by numbers, so that nobody else can ever have its name.
    pub const fn has_numbers(&self) -> bool {
        self.numbers.is_some()
    }

    /// The subjects of its workflows' tokens. Repositories made, renamed or handed over since July 2026 have numbers in them.
    fn subjects(&self, workflows: &Workflows) -> Vec<String> {
        let (owner, name) = (&self.owner, &self.name);
        let last = match workflows {
            Workflows::Environment(environment) => format!("environment:{}", environment.replace(':', "%3A")),
            Workflows::Branch(branch) => format!("ref:refs/heads/{branch}"),
            Workflows::PullRequests => "pull_request".to_owned(),
        };
        match self.numbers {
            Some((of_owner, own)) => vec![format!("repo:{owner}@{of_owner}/{name}@{own}:{last}")],
            None => vec![format!("repo:{owner}/{name}:{last}"), format!("repo:{owner}@*/{name}@*:{last}")],
        }
    }
}

impl FromStr for Repository {
    type Err = RepositoryError;

    fn from_str(text: &str) -> Result<Self, RepositoryError> {
        let read = |text: &str| -> Option<(String, Option<u64>)> {
            let (word, number) = match text.split_once('@') {
                Some((word, number)) => (word, Some(number.parse().ok()?)),
                None => (text, None),
            };
            let fits = !word.is_empty()
                && word.len() <= 100
                && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
                && !matches!(word, "." | "..");
            fits.then(|| (word.to_owned(), number))
        };
        let wrong = || RepositoryError(text.chars().take(80).collect());
        let (owner, name) = text.split_once('/').ok_or_else(wrong)?;
        let (owner, of_owner) = read(owner).ok_or_else(wrong)?;
        let (name, own) = read(name).ok_or_else(wrong)?;
        let numbers = match (of_owner, own) {
            (Some(of_owner), Some(own)) => Some((of_owner, own)),
            (None, None) => None,
            _ => return Err(wrong()),
        };
        Ok(Self { owner, name, numbers })
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.numbers {
            Some((of_owner, own)) => write!(f, "{}@{of_owner}/{}@{own}", self.owner, self.name),
            None => write!(f, "{}/{}", self.owner, self.name),
        }
    }
}

/// Trusts these workflows of a repository, for AWS alone.
pub fn github(
    account: &AccountId,
    partition: &str,
    repository: &Repository,
    workflows: &Workflows,
) -> PolicyDocument {
    let provider = format!("arn:{partition}:iam::{account}:oidc-provider/{ISSUER}");
    let subjects = repository.subjects(workflows);
    let operator = if repository.has_numbers() { "StringEquals" } else { "StringLike" };
    PolicyDocument::Statements(vec![
        Statement::allow("GitHub", ["sts:AssumeRoleWithWebIdentity"])
            .to(PrincipalKind::Federated, provider)
            .when("StringEquals", &format!("{ISSUER}:aud"), [Text::from("sts.amazonaws.com")])
            .when(operator, &format!("{ISSUER}:sub"), subjects.into_iter().map(Text::from)),
    ])
}

/// Trusts whom the account's own policies let assume the role.
pub fn account(account: &AccountId, partition: &str) -> PolicyDocument {
    PolicyDocument::Statements(vec![
        Statement::allow("Account", ["sts:AssumeRole"])
            .to(PrincipalKind::Aws, format!("arn:{partition}:iam::{account}:root")),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_are_read_with_and_without_numbers() {
        for good in ["ab/c.d_e-f", "octocat@123456/my-repo@456789"] {
            assert_eq!(good.parse::<Repository>().unwrap().to_string(), good);
        }
        for bad in ["", "ab", "ab/", "/c", "a b/c", "a/b/c", "a@1/b", "a@x/b@1", "a*/b", "a:b/c", "../x/"] {
            assert!(bad.parse::<Repository>().is_err(), "{bad}");
        }
    }

    #[test]
    fn numbers_are_compared_whole_and_names_in_both_forms() {
        let subjects = |text: &str, workflows: &Workflows| {
            text.parse::<Repository>().unwrap().subjects(workflows).join("\n")
        };
        insta::assert_snapshot!(subjects("o@1/r@2", &Workflows::Environment("prod".into())), @"repo:o@1/r@2:environment:prod");
        insta::assert_snapshot!(subjects("o/r", &Workflows::Branch("main".into())), @r"
        repo:o/r:ref:refs/heads/main
        repo:o@*/r@*:ref:refs/heads/main
        ");
        insta::assert_snapshot!(subjects("o@1/r@2", &Workflows::PullRequests), @"repo:o@1/r@2:pull_request");
    }
}
