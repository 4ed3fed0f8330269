//! A machine apart from its group, there for one migration: started once, found again by its tags, taken away.
//!
//! It has the group's template and one of its subnets, so its role, its settings and what it may reach; but no load balancer
//! knows it, so that no traffic comes to it. When it powers off, AWS takes it away.
//!
//! "RunInstances", "DescribeInstances", "TerminateInstances", Amazon EC2 API Reference; "Ensuring idempotency in Amazon EC2 API
//! requests": the same client token is the same machine.

use terrace_account::service::EC2;
use terrace_account::{Account, Call, Refusal, Sha256, Xml};

use super::template::{MACHINES, TAG, Version};
use crate::deployed::Names;
use crate::release::record::{Digest, Number};
use crate::watch::{ENVIRONMENT, Owner, SYSTEM, is_of};

/// The tag that says for which release's migration a machine is there.
pub(crate) const MIGRATE: &str = "terrace:migrate";
/// The environment's name where the manifest has none: then it may have no tag.
const NONE: &str = "default";
/// As often is asked what was cut off.
const TRIES: usize = 3;

/// A machine that is there for a migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Apart {
    pub(crate) id: String,
    /// `pending`, `running`, `shutting-down`, `terminated`
    pub(crate) state: String,
    /// Of which release, as its tag has it.
    pub(crate) number: String,
    /// The artifact that it fetches, as its tag has it.
    pub(crate) release: String,
    /// Why it is in its state, in AWS's words.
    pub(crate) reason: Option<String>,
}

impl Apart {
    fn of(xml: &Xml, owner: Owner<'_>) -> Option<Self> {
        let tag = |key: &str| xml.list("tagSet").find(|tag| tag.word("key") == Some(key))?.word("value");
        if !is_of(owner, tag) {
            return None;
        }
        let at = |path: &[&str]| xml.at(path).map(|one| one.own().to_owned()).filter(|text| !text.is_empty());
        Some(Self {
            id: xml.word("instanceId")?.to_owned(),
            state: at(&["instanceState", "name"]).unwrap_or_default(),
            number: tag(MIGRATE)?.to_owned(),
            release: tag(TAG).unwrap_or_default().to_owned(),
            reason: at(&["stateReason", "message"]),
        })
    }

    /// Whether it runs this release's migration.
    pub(crate) fn is_of(&self, number: Number, digest: Digest) -> bool {
        self.number == number.to_string() && self.release == digest.sha256().hex()
    }

    /// Whether nothing runs on it any more.
    pub(crate) fn is_gone(&self) -> bool {
        self.state == "terminated"
    }

    /// Whether it will say nothing more.
    pub(crate) fn is_ending(&self) -> bool {
        !["pending", "running"].contains(&self.state.as_str())
    }

    /// Whether AWS is taking it away.
    pub(crate) fn is_going(&self) -> bool {
        self.state == "shutting-down"
    }

    /// All of a system's in its environment; those that are gone too, for about an hour.
    pub(crate) async fn read<'a>(
        account: &Account,
        owner: impl Into<Owner<'a>>,
    ) -> Result<Vec<Self>, Refusal> {
        let owner = owner.into();
        let call = Call::query(EC2, MACHINES, "DescribeInstances")
            .with("Filter.1.Name", "tag-key")
            .with("Filter.1.Value.1", MIGRATE)
            .with("Filter.2.Name", &format!("tag:{SYSTEM}"))
            .with("Filter.2.Value.1", owner.system);
        let pages = account.pages(&call, ("nextToken", "NextToken")).await.whole()?;
        let reservations = pages.iter().flat_map(|page| page.list("reservationSet"));
        let machines = reservations.flat_map(|one| one.list("instancesSet"));
        Ok(machines.filter_map(|one| Self::of(one, owner)).collect())
    }

    /// Starts one in a subnet, from a version of a template; or gives the one that was started before. None if EC2 does not
    /// say which it started.
    pub(crate) async fn start(
        account: &Account,
        names: &Names,
        (template, version, subnet): (&str, &Version, &str),
        (number, digest): (Number, Digest),
    ) -> Result<Option<String>, Refusal> {
        let (nth, release) = (version.number.to_string(), digest.sha256().hex());
        let whose = format!("{}\n{}\n{number}", names.system, names.environment);
        // Another template or subnet is another question, which EC2 would refuse under the same token.
        let token = Sha256::of(format!("{whose}\n{template}\n{nth}\n{subnet}").as_bytes());
        let mut call = Call::query(EC2, MACHINES, "RunInstances")
            .with("LaunchTemplate.LaunchTemplateId", template)
            .with("LaunchTemplate.Version", &nth)
            .with("MinCount", "1")
            .with("MaxCount", "1")
            .with("SubnetId", subnet)
            .with("InstanceInitiatedShutdownBehavior", "terminate")
            .with("ClientToken", &token.hex());
        let number = number.to_string();
        let mut own = vec![(TAG, release.as_str()), (MIGRATE, number.as_str())];
        own.push((SYSTEM, names.system.as_str()));
        if names.environment.as_str() != NONE {
            own.push((ENVIRONMENT, names.environment.as_str()));
        }
        for (name, value) in version.tagged("TagSpecification", &own) {
            call = call.with(&name, &value);
        }
        let answer = surely(account, &call).await?;
        let started = answer.find("instancesSet").and_then(|list| list.children().first());
        Ok(started.and_then(|one| one.word("instanceId")).map(str::to_owned))
    }

    /// Has AWS take one away; one that is gone is.
    pub(crate) async fn end(account: &Account, id: &str) -> Result<(), Refusal> {
        let call = Call::query(EC2, MACHINES, "TerminateInstances").with("InstanceId.1", id);
        match surely(account, &call).await {
            Err(refusal) if !refusal.is_absent() => Err(refusal),
            _ => Ok(()),
        }
    }
}

/// Asks what may be asked twice, for EC2 knows it again.
async fn surely(account: &Account, call: &Call<'_>) -> Result<Xml, Refusal> {
    let mut tries = 0;
    loop {
        match account.xml(call).await {
            Err(refusal) if refusal.is_cut() && tries < TRIES => tries += 1,
            other => return other,
        }
    }
}
