//! Statements of IAM's policies, and the ARNs in them.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use terrace_account::{Account, Identity, partition};

/// The document that leads to another host through the target.
pub(crate) const DOCUMENT: &str = "AWS-StartPortForwardingSessionToRemoteHost";
/// The document that runs one command with a terminal.
pub(crate) const ONE_COMMAND: &str = "AWS-StartInteractiveCommand";
/// The account's own document of preferences, which a session without a document goes by.
const PREFERENCES: &str = "SSM-SessionManagerRunShell";

/// Where something is deployed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    region: String,
    account: String,
    session: Option<String>,
}

impl Place {
    /// By region and account number; every account if it is empty.
    pub fn new(region: &str, account: &str) -> Self {
        Self { region: region.to_owned(), account: account.to_owned(), session: None }
    }

    /// Where an account is asked, by whoever asks.
    pub fn of(account: &Account, who: &Identity) -> Self {
        // `arn:aws:sts::123456789012:assumed-role/developer/anna`: sessions of a role begin with the last word.
        let session = who.arn.split_once(":assumed-role/").and_then(|(_, role)| role.rsplit_once('/'));
        let session = session.map(|(_, name)| name.to_owned());
        Self { session, ..Self::new(account.region(), &who.account) }
    }

    /// The region.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// An ARN of this place.
    pub(crate) fn arn(&self, service: &str, resource: &str) -> String {
        let account = if self.account.is_empty() { "*" } else { &self.account };
        format!("arn:{}:{service}:{}:{account}:{resource}", partition(&self.region), self.region)
    }

    /// The session document, which is AWS's own.
    pub(crate) fn document(&self) -> String {
        self.of_aws(DOCUMENT)
    }

    /// The documents by which a machine gives a shell, and by which it runs a command.
    pub(crate) fn shell_documents(&self) -> [String; 2] {
        [self.arn("ssm", &format!("document/{PREFERENCES}")), self.of_aws(ONE_COMMAND)]
    }

    fn of_aws(&self, document: &str) -> String {
        format!("arn:{}:ssm:{}::document/{document}", partition(&self.region), self.region)
    }

    /// Sessions of one's own. A user's begin with its name. A role's begin with the name of the role's session, which no
    /// variable of IAM tells by itself: it is written out if it is known.
    pub(crate) fn own_sessions(&self) -> Vec<String> {
        let names = ["${aws:userid}", "${aws:username}"].into_iter().chain(self.session.as_deref());
        names.map(|name| self.arn("ssm", &format!("session/{name}-*"))).collect()
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.region)?;
        if self.account.is_empty() { Ok(()) } else { write!(f, " of account {}", self.account) }
    }
}

/// A statement that allows something.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Statement {
    sid: String,
    effect: &'static str,
    #[serde(serialize_with = "one_or_all")]
    action: Vec<String>,
    #[serde(serialize_with = "one_or_all")]
    resource: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    condition: BTreeMap<String, BTreeMap<String, Values>>,
}

/// The values of a key.
#[derive(Clone, Debug, Serialize)]
struct Values(#[serde(serialize_with = "one_or_all")] Vec<String>);

/// A list of one as that one, as people write it.
fn one_or_all<S: Serializer>(values: &[String], to: S) -> Result<S::Ok, S::Error> {
    match values {
        [one] => one.serialize(to),
        all => all.serialize(to),
    }
}

impl Statement {
    /// Allows actions on resources.
    pub(crate) fn allow(sid: &str, actions: &[&str], resources: impl IntoIterator<Item = String>) -> Self {
        Self {
            sid: sid.to_owned(),
            effect: "Allow",
            action: actions.iter().map(|&action| action.to_owned()).collect(),
            resource: resources.into_iter().collect(),
            condition: BTreeMap::new(),
        }
    }

    /// Allows actions that know no resources.
    pub(crate) fn anywhere(sid: &str, actions: &[&str]) -> Self {
        Self::allow(sid, actions, ["*".to_owned()])
    }

    /// Only if a key of the request is one of these.
    pub(crate) fn when(
        mut self,
        operator: &str,
        key: &str,
        values: impl IntoIterator<Item = String>,
    ) -> Self {
        let keys = self.condition.entry(operator.to_owned()).or_default();
        keys.insert(key.to_owned(), Values(values.into_iter().collect()));
        self
    }

    /// As it stands in a policy.
    pub(crate) fn text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}
